import { define } from '../../define.js';
import { HeraStatus } from './status.js';

define('hera-status', HeraStatus);
