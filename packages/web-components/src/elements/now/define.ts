import '../status/define.js';
import { define } from '../../define.js';
import { HeraNow } from './now.js';

define('hera-now', HeraNow);
