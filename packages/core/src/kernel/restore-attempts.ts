/** Attempts from stored rows: the live ones with what holds them, the ended ones for what they still say. */
import { assert } from '../model/assert.js';
import { attemptId, instant } from '../model/ids.js';
import type { Row } from '../model/tables.js';
import { hold } from './attempts.js';
import type { AttemptTerms } from './attempts.js';
import { PHASE, isOpen } from './codes.js';
import { NO_LIMITS } from './operation-records.js';
import { classOfJob, poolOf } from './queue.js';
import type { Cancel, LiveAttempt, WorkerRecord } from './records.js';
import { jsonIn, numberIn, rowOfKey, textIn } from './restore.js';
import { jobOf, runTextOf } from './runs.js';
import { extraOf } from './state.js';
import type { SchedulerState } from './state.js';
import { CLAIMED, NONE } from './tables.js';
import { addWorker, watch } from './workers.js';

/** Puts a stored attempt where it counts: on its run, and on its worker while it is open. */
export function takeAttempt(state: SchedulerState, row: Row): void {
  const owner = rowOfKey(state, row.key);
  if (owner === NONE) return;
  const { value } = row;
  const n = Number(row.key[3]);
  state.runs.attempts[owner] = Math.max(state.runs.attempts[owner] ?? 0, n);
  state.runs.set(owner, CLAIMED);
  const g = numberIn(value, 'g');
  if (numberIn(value, 'open') !== 1) {
    noteHostFailure(state, owner, { g, value });
    return;
  }
  const r =
    state.runs.generation[owner] === g
      ? owner
      : (state.extras.get(owner)?.sides ?? []).find((side) => state.runs.generation[side] === g);
  assert(
    r !== undefined && state.runs.phase[r] === PHASE.running,
    'an open attempt has a running generation',
  );
  hold(state, liveAttempt(state, r, { n, g, value }), jobOf(state, r));
}

/** Failures of hosts count towards their limit, and their workers are avoided, under a new leader too. */
function noteHostFailure(
  state: SchedulerState,
  r: number,
  past: { readonly g: number; readonly value: Row['value'] },
): void {
  const ofHost = textIn(past.value, 'state') === 'failed' && textIn(past.value, 'failure') === 'host';
  if (!ofHost || past.g !== state.runs.generation[r] || !isOpen(state.runs.phase[r] ?? 0)) return;
  const extra = extraOf(state, r);
  extra.hostTries = (extra.hostTries ?? 0) + 1;
  extra.avoid = [...new Set([...(extra.avoid ?? []), textIn(past.value, 'worker') ?? ''])];
}

function liveAttempt(
  state: SchedulerState,
  r: number,
  row: { readonly n: number; readonly g: number; readonly value: Row['value'] },
): LiveAttempt {
  const { value } = row;
  const job = jobOf(state, r);
  const from = classOfJob(state, job);
  const startedAt = numberIn(value, 'startedAt', NaN);
  const stored = textIn(value, 'state');
  const terms = jsonIn<AttemptTerms>(value, 'terms');
  const worker = workerNamed(state, textIn(value, 'worker') ?? '', numberIn(value, 'session'));
  return {
    id: textIn(value, 'token') ?? attemptId(runTextOf(state, r), row.n),
    row: r,
    g: row.g,
    n: row.n,
    worker,
    session: numberIn(value, 'session'),
    revision: numberIn(value, 'revision'),
    claimedAt: instant(numberIn(value, 'claimedAt')),
    slots: terms?.slots ?? from.slots,
    memoryBytes: terms?.memoryBytes ?? from.memoryBytes,
    concurrency: terms?.concurrency ?? job.policy.concurrency,
    pool: terms ? poolOf(state, terms.pool) : from.pool,
    onWorkerLost: terms?.onWorkerLost ?? job.policy.onWorkerLost,
    postpones: job.definition.compat === 'hera',
    limits: NO_LIMITS,
    params: terms?.params ?? null,
    timeoutMs: terms?.timeoutMs ?? job.policy.timeoutMs,
    reserved: true,
    state: stored === 'running' || stored === 'canceling' || stored === 'unknown' ? stored : 'dispatched',
    startedAt: Number.isNaN(startedAt) ? null : instant(startedAt),
    timeoutAt: instant(numberIn(value, 'timeoutAt')),
    // The order may never have left: it is sent again when the worker's list lacks it.
    sentAt: instant(0),
    cancel: restoredCancel(state, r, value),
  };
}

function restoredCancel(state: SchedulerState, r: number, value: Row['value']): Cancel | null {
  const stored = jsonIn<{ why: Cancel['why']; actor: string; by?: string }>(value, 'cancel');
  if (!stored) return null;
  const { why, actor, by } = stored;
  const row = by === undefined ? NONE : rowOfKey(state, [jobOf(state, r).id, by, '']);
  return row === NONE ? { why, actor } : { why, actor, by: row };
}

/** The worker of an open attempt: unknown but for its name until it says hello. */
export function workerNamed(state: SchedulerState, name: string, session: number): WorkerRecord {
  const known = state.workers.get(name);
  if (known) {
    known.session = Math.max(known.session, session);
    return known;
  }
  const profile = {
    worker: name,
    boot: '',
    slots: 0,
    pools: [],
    labels: {},
    kinds: [],
    functions: [],
    enrolled: false,
    pid: 0,
    version: '',
  };
  const worker = addWorker(state, profile);
  worker.session = session;
  watch(state, worker);
  return worker;
}
