/**
 * The gates of runs: checks that are asked again and again, events, approvals, and their deadlines. A closed
 * gate is one more thing the run waits for, counted in `pending` like a link. Whatever is asked or answered
 * is a row in the same commit, so a new leader goes on asking where the last one stopped. Only runs of jobs
 * with gates have any of this.
 */
import { PHASE, isOpen } from './codes.js';
import type { KernelGate } from './compile-gates.js';
import { askCheck } from './gate-probes.js';
import { dropProbe, gateKey, writeGate } from './gate-rows.js';
import { changePending } from './links.js';
import { raiseOnce } from './notices.js';
import { remove } from './outbox.js';
import { endGeneration } from './phases.js';
import { eventFor } from './posted-events.js';
import { isQueuedTooLong } from './queue-timeout.js';
import type { RunGate } from './records.js';
import { dueOf, jobOf, runTextOf } from './runs.js';
import { DEADLINE, addDeadline, extraOf } from './state.js';
import type { SchedulerState } from './state.js';
import { BYPASS, NONE, SIDE } from './tables.js';

/** A generation begins: its gates are closed, unless it obeys none; those of the one before are gone. */
export function beginGates(state: SchedulerState, r: number): void {
  dropGates(state, r);
  const { gates } = jobOf(state, r);
  if (gates.length === 0 || state.runs.has(r, BYPASS | SIDE)) return;
  extraOf(state, r).gates = gates.map((gate) => addGate(state, r, gate, null));
  openByEvents(state, r);
  wakeForGates(state, r);
}

/** Closes a gate of the run, or goes on with what is stored of it. */
function addGate(
  state: SchedulerState,
  r: number,
  gate: KernelGate,
  stored: Omit<RunGate, 'gate'> | null,
): RunGate {
  const since = Math.max(state.now, dueOf(state, r));
  const fresh = {
    state: 'closed',
    asks: 0,
    askedAt: null,
    nextAt: since,
    answer: null,
    by: null,
    deadlineAt: gate.deadlineMs === null ? null : since + gate.deadlineMs,
    isLate: false,
    probe: null,
  } as const;
  const found: RunGate = { gate, ...fresh, ...stored };
  if (found.state === 'closed') changePending(state, r, 1);
  if (!stored) writeGate(state, r, found);
  return found;
}

/** Takes the gates of a run away, and what `pending` counts for them. */
function dropGates(state: SchedulerState, r: number): void {
  const extra = state.extras.get(r);
  if (!extra?.gates) return;
  for (const each of extra.gates) {
    dropProbe(state, each);
    if (each.state === 'closed') changePending(state, r, -1);
  }
  delete extra.gates;
  delete extra.gatesWakeAt;
}

/** After an edit: gates that stayed as they were keep what they know, new ones are closed. */
export function rebindGates(state: SchedulerState, r: number): void {
  const { gates } = jobOf(state, r);
  const extra = state.extras.get(r);
  if ((gates.length === 0 && !extra?.gates) || state.runs.has(r, BYPASS | SIDE)) return;
  const before = extra?.gates ?? [];
  const kept = new Set<RunGate>();
  const now = gates.map((gate) => {
    const same = before.find((each) => JSON.stringify(each.gate) === JSON.stringify(gate));
    if (same) kept.add(same);
    return same ?? addGate(state, r, gate, null);
  });
  for (const each of before) {
    if (kept.has(each)) continue;
    dropProbe(state, each);
    if (each.state === 'closed') changePending(state, r, -1);
    if (!gates.some(({ name }) => name === each.gate.name))
      remove(state.outbox, 'gate', gateKey(state, r, each));
  }
  if (now.length > 0) extraOf(state, r).gates = now;
  else delete extraOf(state, r).gates;
  openByEvents(state, r);
  wakeForGates(state, r);
}

/** A stored gate of an open run, at load; of one that the job has no more nothing is kept. */
export function restoreGate(
  state: SchedulerState,
  r: number,
  stored: { readonly name: string; readonly g: number; readonly facts: Omit<RunGate, 'gate'> },
): void {
  const gate = jobOf(state, r).gates.find(({ name }) => name === stored.name);
  const isCurrent = isOpen(state.runs.phase[r] ?? 0) && state.runs.generation[r] === stored.g;
  if (!gate || !isCurrent || state.runs.has(r, BYPASS | SIDE)) return;
  const extra = extraOf(state, r);
  extra.gates = [...(extra.gates ?? []), addGate(state, r, gate, stored.facts)];
}

/** After a load: in the order of the definition, and awake. */
export function resumeGates(state: SchedulerState, r: number): void {
  const gates = state.extras.get(r)?.gates;
  if (!gates) return;
  const order = jobOf(state, r).gates;
  gates.sort((a, b) => order.indexOf(a.gate) - order.indexOf(b.gate));
  wakeForGates(state, r);
}

/** Gates that the run waits for. */
export const closedGates = (state: SchedulerState, r: number): readonly RunGate[] =>
  (state.extras.get(r)?.gates ?? []).filter((each) => each.state === 'closed');

/** Opens the gate for this generation; who or what opened it is kept. */
export function openGate(
  state: SchedulerState,
  r: number,
  each: RunGate,
  how: { readonly answer: string | null; readonly by: string | null; readonly passed?: boolean },
): void {
  const opened = how.passed === true ? 'passed' : 'open';
  each.state = opened;
  each.answer = how.answer ?? each.answer;
  each.by = how.by;
  dropProbe(state, each);
  writeGate(state, r, each);
  state.outbox.events.push({
    type: 'gate.opened',
    job: jobOf(state, r).name,
    run: runTextOf(state, r),
    gate: each.gate.name,
    how: opened,
    by: how.by,
  });
  changePending(state, r, -1);
}

/** Events that were posted before the run came to be count for its slot. */
function openByEvents(state: SchedulerState, r: number): void {
  if (state.postedEvents.size === 0) return;
  for (const each of closedGates(state, r)) {
    if (each.gate.type !== 'event') continue;
    const event = eventFor(state, r, each.gate.event);
    if (event) openGate(state, r, each, { answer: event.payload, by: event.actor });
  }
}

/** Wakes the kernel when the next question is due, or the next deadline. */
function wakeForGates(state: SchedulerState, r: number): void {
  let at = Infinity;
  for (const each of closedGates(state, r)) {
    if (each.gate.type === 'check') at = Math.min(at, each.nextAt);
    if (each.deadlineAt !== null && !each.isLate) at = Math.min(at, each.deadlineAt);
  }
  const extra = extraOf(state, r);
  if (at === Infinity || at >= (extra.gatesWakeAt ?? Infinity)) return;
  extra.gatesWakeAt = at;
  addDeadline(state, at, DEADLINE.gate, r);
}

/** A worker has come: checks that found none are asked. */
export function askUnasked(state: SchedulerState): void {
  for (const r of state.unasked) {
    if (state.runs.job[r] === NONE || !isOpenRun(state, r)) continue;
    for (const each of closedGates(state, r)) if (each.probe === null) each.nextAt = state.now;
    wakeForGates(state, r);
  }
  state.unasked.clear();
}

/** A question or a deadline of the run's gates is due. */
export function onGateDue(state: SchedulerState, r: number): void {
  const extra = state.extras.get(r);
  if (extra?.gatesWakeAt === undefined || extra.gatesWakeAt > state.now) return;
  delete extra.gatesWakeAt;
  for (const each of closedGates(state, r)) {
    if (state.runs.phase[r] !== PHASE.waiting) return;
    if (each.deadlineAt !== null && !each.isLate && each.deadlineAt <= state.now) onLate(state, r, each);
    if (!isOpenRun(state, r)) return;
    if (each.state !== 'closed' || each.gate.type !== 'check' || each.nextAt > state.now) continue;
    askCheck(state, r, each);
    writeGate(state, r, each);
  }
  if (isOpenRun(state, r)) wakeForGates(state, r);
}

const isOpenRun = (state: SchedulerState, r: number) => isOpen(state.runs.phase[r] ?? 0);

/** The deadline has passed with the gate closed: what the gate says is done. */
function onLate(state: SchedulerState, r: number, each: RunGate): void {
  each.isLate = true;
  const { onDeadline, name } = each.gate;
  switch (onDeadline) {
    case 'proceed':
      return openGate(state, r, each, { answer: null, by: null, passed: true });
    case 'fail':
      writeGate(state, r, each);
      return endGeneration(state, r, PHASE.failed, 'gateTimeout');
    case 'skip':
      writeGate(state, r, each);
      return endGeneration(state, r, PHASE.skipped, 'gateTimeout');
    case 'wait': {
      writeGate(state, r, each);
      const subject = runTextOf(state, r);
      raiseOnce(state, {
        code: 'GATE_LATE',
        subject,
        value: `${name} ${state.runs.generation[r] ?? 0}`,
        message: `gate ${name} is still closed at its deadline`,
      });
    }
  }
}

/** The run may have been queued for too long: an alarm, once for each time it queues, or its end. */
export function onQueueDue(state: SchedulerState, r: number): void {
  if (!isQueuedTooLong(state, r)) return;
  const { queueTimeoutMs, onQueueTimeout } = jobOf(state, r).policy;
  raiseOnce(state, {
    code: 'QUEUE_TIMEOUT',
    subject: runTextOf(state, r),
    value: `${state.runs.generation[r] ?? 0} ${state.runs.since[r] ?? 0}`,
    message: `ready for ${queueTimeoutMs} ms and not started`,
  });
  if (onQueueTimeout === 'fail') endGeneration(state, r, PHASE.failed, 'queueTimeout');
}

/** A worker has answered a check. */
export function onCheckAnswer(
  state: SchedulerState,
  r: number,
  each: RunGate,
  answer: { readonly isYes: boolean; readonly text: string },
): void {
  each.probe = null;
  if (each.state !== 'closed') return;
  if (answer.isYes) return openGate(state, r, each, { answer: answer.text, by: null });
  each.answer = answer.text;
  each.nextAt = Math.max((each.askedAt ?? state.now) + each.gate.everyMs, state.now);
  writeGate(state, r, each);
  wakeForGates(state, r);
}
