import { define } from '../../define.js';
import { HeraConfirm } from './confirm.js';

define('hera-confirm', HeraConfirm);
