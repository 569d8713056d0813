/** Requests about waives, overrides and holds. */
import { unreachable } from '../model/assert.js';
import type { RequestAnswer } from './effects.js';
import type { RequestBody } from './event.js';
import { beginHold, releaseHold } from './holds.js';
import { operationNamed } from './operations.js';
import { beginOverride, endOverride } from './overrides.js';
import type { SchedulerState } from './state.js';
import { beginWaive, endWaive } from './waives.js';

type OperationRequest = RequestBody<
  'waive.begin' | 'waive.end' | 'override.begin' | 'override.end' | 'hold.begin' | 'hold.release'
>;

/** Carries out what an operator asks. @throws SchedulerError that says what is wrong with it. */
export function requestOperation(
  state: SchedulerState,
  body: OperationRequest,
  actor: string,
): RequestAnswer {
  const { waives, overrides, holds } = state.operations;
  switch (body.type) {
    case 'waive.begin':
      return { operation: beginWaive(state, { ...body, actor }).id };
    case 'waive.end':
      endWaive(state, operationNamed(waives.get(body.waive), `waive ${body.waive}`), actor);
      return { operation: body.waive };
    case 'override.begin':
      return { operation: beginOverride(state, { ...body, actor }).id };
    case 'override.end':
      endOverride(state, operationNamed(overrides.get(body.override), `override ${body.override}`), actor);
      return { operation: body.override };
    case 'hold.begin':
      return { operation: beginHold(state, body.scope, { ...body, actor, rule: null }).id };
    case 'hold.release': {
      const hold = operationNamed(holds.get(body.hold), `hold ${body.hold}`);
      releaseHold(state, hold, { actor, pace: body.pace });
      return { operation: body.hold };
    }
    default:
      return unreachable(body);
  }
}
