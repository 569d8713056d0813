/** Definitions are checked whole before they are asked for. */
import { validateDefinitions } from '../definitions/index.js';
import { SchedulerError } from '../model/errors.js';
import type { Definitions } from '../model/job.js';
import type { Scheduler } from '../shell/scheduler-types.js';
import { estateOf } from './estate.js';

/** @throws SchedulerError `DEFINITION_INVALID` with every problem. */
export function checkDefinitions(scheduler: Scheduler, definitions: Definitions): void {
  const problems = validateDefinitions(definitions, { estate: scheduler.peek(estateOf) });
  const [first] = problems;
  if (!first) return;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  throw new SchedulerError('DEFINITION_INVALID', `${first.path} ${first.message}${more}`, { problems });
}
