/** Which gates a run waits for, what they last answered, and when they are asked again. */
import type { Blocker } from '../model/run.js';
import { closedGates } from './gates.js';
import type { RunGate } from './records.js';
import { runTextOf } from './runs.js';
import type { SchedulerState } from './state.js';

/** One blocker for each closed gate of the run. */
export const explainGates = (state: SchedulerState, r: number): Blocker[] =>
  closedGates(state, r).map((each) => gateBlocker(each, runTextOf(state, r)));

function gateBlocker(each: RunGate, run: string): Blocker {
  const { gate, deadlineAt } = each;
  const deadline = deadlineAt === null ? {} : { deadline: deadlineAt, onDeadline: gate.onDeadline };
  switch (gate.type) {
    case 'check': {
      const { askedAt, answer, asks } = each;
      const details = {
        gate: gate.name,
        asks,
        ...(askedAt !== null && { askedAt }),
        ...(answer !== null && { answer }),
        ...deadline,
      };
      return { code: 'GATE_CHECK', subject: run, until: each.nextAt, details };
    }
    case 'event': {
      const details = { gate: gate.name, event: gate.event, ...deadline };
      return { code: 'GATE_EVENT', subject: run, until: deadlineAt, details };
    }
    case 'approval': {
      const approvers = gate.approvers === null ? {} : { approvers: gate.approvers.join(', ') };
      const details = { gate: gate.name, ...approvers, ...deadline };
      return { code: 'GATE_APPROVAL', subject: run, until: deadlineAt, details };
    }
  }
}
