import '../confirm/define.js';
import '../status/define.js';
import { define } from '../../define.js';
import { HeraJobTable } from './job-table.js';

define('hera-job-table', HeraJobTable);
