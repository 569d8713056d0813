/** Waives, overrides, holds, limits and rules that hold, from their rows. */
import type { Row } from '../model/tables.js';
import { restoreHoldRule } from './hold-rules.js';
import { restoreHold } from './holds.js';
import { settleRules } from './job-rules.js';
import { restoreLimit } from './limits.js';
import { restoreOverride } from './overrides.js';
import type { SchedulerState } from './state.js';
import { restoreWaive } from './waives.js';

/** Takes the rows back; jobs are compiled and runs bound before. */
export function restoreOperations(state: SchedulerState, rows: readonly Row[]): void {
  for (const row of rows) restore(state, row);
  settleRules(state);
}

function restore(state: SchedulerState, row: Row): void {
  switch (row.table) {
    case 'waive':
      return restoreWaive(state, row);
    case 'override':
      return restoreOverride(state, row);
    case 'hold':
      return restoreHold(state, row);
    case 'start_limit':
      return restoreLimit(state, row);
    case 'hold_rule':
      return restoreHoldRule(state, row);
    default:
      return;
  }
}
