/**
 * Questions of check gates. One is put to a worker as an order like that of an attempt, under a name of its
 * own, so that everything that makes orders safe (epoch, session, journal, kill) makes it safe too; but it
 * holds no slot, no key and no memory, and nothing is lost when it is: its gate asks again.
 */
import type { AttemptOutcome } from '../model/run.js';
import { dropProbe } from './gate-rows.js';
import { hasLabels, isEffective } from './placement.js';
import { poolOf } from './queue.js';
import type { JobRecord, Probe, RunGate, WorkerRecord } from './records.js';
import { jobOf, runKeyOf, runTextOf } from './runs.js';
import type { SchedulerState } from './state.js';

/** After the time that a question may take: until then its answer may be on its way. */
const ANSWER_MARGIN_MS = 30_000;
/** When no worker can be asked, or all are asking enough. */
const NOBODY_AGAIN_MS = 30_000;
/** Questions that one worker works on at once. */
const PROBES_PER_WORKER = 20;
const ANSWER_CHARS_MAX = 500;

/** Asks a worker, or notes that there is none. The caller writes the gate's row. */
export function askCheck(state: SchedulerState, r: number, each: RunGate): void {
  dropProbe(state, each);
  const job = jobOf(state, r);
  const worker = workerFor(state, job, each);
  if (!worker) {
    each.answer = `no worker of pool ${job.policy.pool} can be asked`;
    each.nextAt = state.now + Math.min(NOBODY_AGAIN_MS, each.gate.everyMs);
    state.unasked.add(r);
    return;
  }
  each.asks += 1;
  each.askedAt = state.now;
  each.nextAt = state.now + each.gate.timeoutMs + ANSWER_MARGIN_MS;
  const g = state.runs.generation[r] ?? 0;
  const id = `${runTextOf(state, r)}/${each.gate.name}.${g}.${each.asks}`;
  const probe: Probe = { id, row: r, g, each, worker, session: worker.session };
  each.probe = probe;
  state.probes.set(id, probe);
  const [jobId, slotKey] = runKeyOf(state, r);
  state.outbox.commands.push({
    type: 'attempt.exec',
    worker: worker.name,
    session: worker.session,
    attempt: {
      attempt: id,
      jobId,
      job: `${job.name}/${each.gate.name}`,
      slotKey,
      generation: probe.g,
      number: each.asks,
      revision: job.revision,
      gate: each.gate.name,
    },
  });
}

/** The worker of the job's pool that works on the fewest questions. */
function workerFor(state: SchedulerState, job: JobRecord, each: RunGate): WorkerRecord | null {
  const { kind, name } = each.gate;
  const asked = new Map<WorkerRecord, number>();
  for (const { worker } of state.probes.values()) asked.set(worker, (asked.get(worker) ?? 0) + 1);
  let best: WorkerRecord | null = null;
  for (const worker of poolOf(state, job.policy.pool).workers) {
    if (!isEffective(worker) || !hasLabels(worker, job.policy.labels)) continue;
    if (!worker.profile.kinds.includes(kind)) continue;
    if (kind === 'function' && !worker.functions.has(`${job.name}/${name}`)) continue;
    const busy = asked.get(worker) ?? 0;
    if (busy < PROBES_PER_WORKER && (!best || busy < (asked.get(best) ?? 0))) best = worker;
  }
  return best;
}

/** What an outcome says: a command by its exit code, a function by what it returns. */
export function answerOf(
  kind: string,
  outcome: AttemptOutcome,
): { readonly isYes: boolean; readonly text: string } {
  const { state, result, exitCode, message } = outcome;
  if (state === 'succeeded') {
    const isYes = kind !== 'function' || result === 'true';
    return { isYes, text: isYes ? 'yes' : 'no' };
  }
  const what = message ?? (exitCode === null ? state : `exit ${exitCode}`);
  const isError = state !== 'failed' || exitCode === null;
  return { isYes: false, text: `${isError ? 'error' : 'no'}: ${what}`.slice(0, ANSWER_CHARS_MAX) };
}
