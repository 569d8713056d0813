import '../status/define.js';
import { define } from '../../define.js';
import { HeraRunTable } from './run-table.js';

define('hera-run-table', HeraRunTable);
