/** Approvals and posted events: what people and systems say to the gates of runs. */
import { SchedulerError } from '../model/errors.js';
import type { RequestAnswer } from './effects.js';
import { isOpen } from './codes.js';
import type { RequestBody } from './event.js';
import { closedGates, openGate } from './gates.js';
import { counts, keepEvent, keptUntil } from './posted-events.js';
import type { PostedEvent } from './records.js';
import { conflict, runNamed } from './requests-named.js';
import { runTextOf } from './runs.js';
import type { SchedulerState } from './state.js';

const DAY_MS = 86_400_000;
const KEPT_DAYS_MAX = 400;

/**
 * Opens the approval gates that a run waits for, or the one that is named. @throws SchedulerError
 * `RUN_NOT_FOUND`, `STATE_CONFLICT`: nothing waits for it, or the gate names others.
 */
export function approveRun(
  state: SchedulerState,
  body: RequestBody<'run.approve'>,
  actor: string,
): RequestAnswer {
  const r = runNamed(state, body.run);
  const text = runTextOf(state, r);
  const waiting = closedGates(state, r).filter(({ gate }) => gate.type === 'approval');
  const named = waiting.filter(({ gate }) => body.gate === null || gate.name === body.gate);
  if (!isOpen(state.runs.phase[r] ?? 0) || named.length === 0) {
    const what = body.gate === null ? 'no approval' : `no approval "${body.gate}"`;
    throw conflict(text, 'nothing to approve', `run ${text} waits for ${what}`);
  }
  const allowed = named.filter(({ gate }) => gate.approvers === null || gate.approvers.includes(actor));
  if (allowed.length === 0) {
    const who = [...new Set(named.flatMap(({ gate }) => gate.approvers ?? []))].join(', ');
    throw conflict(
      text,
      `to be approved by ${who}`,
      `run ${text} is to be approved by ${who}, not by ${actor}`,
    );
  }
  for (const each of allowed) openGate(state, r, each, { answer: body.reason, by: actor });
  return { run: text, gates: allowed.map(({ gate }) => gate.name) };
}

/** Keeps the event and opens the gates that wait for it. @throws SchedulerError `OPTION_INVALID`. */
export function postEvent(
  state: SchedulerState,
  body: RequestBody<'event.post'>,
  actor: string,
): RequestAnswer {
  const { name, instant, businessDate, payload, keepMs } = body;
  if (!Number.isFinite(keepMs) || keepMs <= 0 || keepMs > KEPT_DAYS_MAX * DAY_MS) {
    const expected = `a time of at most ${KEPT_DAYS_MAX} days`;
    throw new SchedulerError('OPTION_INVALID', `keep: ${keepMs} ms is not ${expected}`, {
      option: 'keep',
      expected,
    });
  }
  const until = keptUntil(state, keepMs);
  const event = keepEvent(state, { name, at: state.now, until, instant, businessDate, payload, actor });
  return { runs: openWaiting(state, event) };
}

/** Opens the gates that wait for the event; texts of their runs. */
function openWaiting(state: SchedulerState, event: PostedEvent): string[] {
  const opened: string[] = [];
  for (const [r, extra] of state.extras) {
    if (!extra.gates || !isOpen(state.runs.phase[r] ?? 0) || !counts(state, event, r)) continue;
    for (const each of closedGates(state, r)) {
      if (each.gate.type !== 'event' || each.gate.event !== event.name) continue;
      openGate(state, r, each, { answer: event.payload, by: event.actor });
      opened.push(runTextOf(state, r));
    }
  }
  return opened;
}
