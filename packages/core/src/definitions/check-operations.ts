/** Rules of `limits` and `holdRules`. */
import { parseSelection } from '../graph/selection.js';
import { isSchedulerError } from '../model/errors.js';
import type { HoldRuleDefinition, LimitDefinition } from '../model/operations.js';
import type { PathStep } from './path.js';
import { reportZone } from './report.js';
import type { Report } from './report.js';

/** Checks selection and zone of a limit, and that it limits something. */
export function checkLimit(name: string, limit: LimitDefinition, report: Report): void {
  const at = ['limits', name];
  checkSelection([...at, 'jobs'], limit.jobs, report);
  if (limit.zone !== undefined) reportZone([...at, 'zone'], limit.zone, report);
  if (limit.running === undefined && limit.startsPerMinute === undefined)
    report(at, 'limit', 'limits nothing; it must have running or startsPerMinute');
}

/** Checks the selections of a rule that holds. */
export function checkHoldRule(name: string, rule: HoldRuleDefinition, report: Report): void {
  checkSelection(['holdRules', name, 'jobs'], rule.jobs, report);
  if (rule.hold !== undefined) checkSelection(['holdRules', name, 'hold'], rule.hold, report);
}

function checkSelection(at: readonly PathStep[], selection: string, report: Report): void {
  try {
    parseSelection(selection);
  } catch (error) {
    if (!isSchedulerError(error, 'SELECTION_INVALID')) throw error;
    report(at, 'selection', `is "${selection}": ${error.message}`);
  }
}
