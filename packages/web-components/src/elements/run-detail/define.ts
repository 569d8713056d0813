import '../confirm/define.js';
import '../log-view/define.js';
import '../status/define.js';
import { define } from '../../define.js';
import { HeraRunDetail } from './run-detail.js';

define('hera-run-detail', HeraRunDetail);
