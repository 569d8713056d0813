import '../dag/define.js';
import '../job-table/define.js';
import '../now/define.js';
import '../run-detail/define.js';
import '../run-table/define.js';
import { define } from '../../define.js';
import { HeraApp } from './app.js';

define('hera-app', HeraApp);
