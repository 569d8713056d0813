/** How the checks of this folder say what they found. */
import { checkZone } from '../calendar/time-zone.js';
import type { DefinitionProblem } from '../model/errors.js';
import { isSchedulerError } from '../model/errors.js';
import { pathText } from './path.js';
import type { PathStep } from './path.js';

/** Takes one problem: where, which rule, and the message, which goes on after the path. */
export type Report = (steps: readonly PathStep[], rule: string, message: string) => void;

/** A list of problems and the function that adds to it. */
export function collectProblems(): { readonly problems: DefinitionProblem[]; readonly report: Report } {
  const problems: DefinitionProblem[] = [];
  const report: Report = (steps, rule, message) => {
    const path = pathText(steps);
    problems.push({ path, rule, message: `${path} ${message}` });
  };
  return { problems, report };
}

/** Reports a zone that `Intl` does not know. */
export function reportZone(at: readonly PathStep[], zone: string, report: Report): void {
  try {
    checkZone(zone);
  } catch (error) {
    if (!isSchedulerError(error, 'ZONE_UNKNOWN')) throw error;
    report(at, 'zone', `is "${zone}", which is no time zone; it must be an IANA name such as Asia/Shanghai`);
  }
}
