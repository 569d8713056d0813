import '../status/define.js';
import { define } from '../../define.js';
import { HeraDag } from './dag.js';

define('hera-dag', HeraDag);
