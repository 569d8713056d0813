import { define } from '../../define.js';
import { HeraLogView } from './log-view.js';

define('hera-log-view', HeraLogView);
