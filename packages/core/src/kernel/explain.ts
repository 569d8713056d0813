/**
 * Why is this run not running now: the blockers, most telling first, from the same rows and limits that the
 * dispatcher looks at. Asked between two steps.
 */
import { nextInstant } from '../calendar/schedule.js';
import { must } from '../model/assert.js';
import { SchedulerError } from '../model/errors.js';
import { parseRunText } from '../model/ids.js';
import type { Blocker, BlockerCode } from '../model/run.js';
import { PHASE, isEnded, isOpen } from './codes.js';
import { DEFAULT_POOL } from './compile-job.js';
import { blockedByOverlap, blockedByState, isFull } from './dispatch.js';
import { explainGates } from './explain-gates.js';
import { comingSlot, isHeraPaced } from './hera-pace.js';
import { edgeOf, linkVerdict } from './links.js';
import {
  canRun,
  hasFunction,
  hasRoom,
  isEffective,
  isOnline,
  isOverloaded,
  isWarming,
  waitsForAnother,
} from './placement.js';
import { planBlockers, plannedBlockers } from './plan-blockers.js';
import { planOf } from './plan-members.js';
import { priorityView } from './priority.js';
import type { JobRecord, KernelEdge, QueueClass, WorkerRecord } from './records.js';
import { explainStop } from './explain-stops.js';
import { classOfRun, keyOf } from './queue.js';
import { stopsOf } from './rules.js';
import { findRun, inLinks, jobOf, runTextOf } from './runs.js';
import type { SchedulerState } from './state.js';
import { BYPASS, IN_QUORUM, MET, NONE, STORED, TIME_GATE } from './tables.js';
import { VERDICT } from './verdict.js';
import { unwaived } from './waived-links.js';

/** Links of one edge are explained one by one up to here; beyond, the rest is counted. */
const LINKS_EXPLAINED_MAX = 50;

/**
 * Why a run (`job@slot`), or the newest open run of a job, does not run now; empty when nothing stands in its
 * way or it has ended. @throws SchedulerError `RUN_NOT_FOUND`, `JOB_NOT_FOUND`.
 */
export function explain(state: SchedulerState, subject: string): readonly Blocker[] {
  const ref = parseRunText(subject);
  if (ref) {
    const r = findRun(state, ref);
    if (r === NONE)
      throw new SchedulerError('RUN_NOT_FOUND', `run ${subject} is not among the runs kept`, {
        run: subject,
      });
    return explainRun(state, r);
  }
  const job = state.jobsByName.get(subject);
  if (!job) throw new SchedulerError('JOB_NOT_FOUND', `there is no job ${subject}`, { job: subject });
  return explainJob(state, job);
}

function explainJob(state: SchedulerState, job: JobRecord): readonly Blocker[] {
  const open = job.slots.findLast((r) => isOpen(state.runs.phase[r] ?? 0));
  if (open !== undefined) return explainRun(state, open);
  if (job.state !== 'enabled') return [disabled(job)];
  if (state.slotsHeldUntil > state.now) return [blocker('CLOCK_HELD', job.name, state.slotsHeldUntil)];
  if (job.root === NONE) return job.edges.length > 0 ? [blocker('PACE_UNKNOWN', job.name, null)] : [];
  const turn = state.catchUps.get(job.root);
  if (turn && turn.until > state.now) return [blocker('CATCH_UP', job.name, turn.until)];
  const next = nextSlotOf(state, job);
  return next === null ? [] : [blocker('NOT_DUE', job.name, next)];
}

/** When the job's next slot comes; null when its schedule has ended. */
function nextSlotOf(state: SchedulerState, job: JobRecord): number | null {
  if (isHeraPaced(job)) return comingSlot(state, job, state.now + 1, 'on');
  const schedule = state.jobs[job.root]?.schedule;
  return schedule ? nextInstant(schedule, state.now) : null;
}

function explainRun(state: SchedulerState, r: number): readonly Blocker[] {
  const phase = state.runs.phase[r] ?? 0;
  const text = runTextOf(state, r);
  if (isEnded(phase)) return plannedBlockers(state, r);
  if (phase === PHASE.none) return notBegun(state, r);
  if (phase === PHASE.running) return explainRunning(state, r);
  if (phase === PHASE.backoff)
    return [
      blocker('BACKOFF', text, state.extras.get(r)?.retryAt ?? null, { tries: state.runs.tries[r] ?? 0 }),
    ];
  const job = jobOf(state, r);
  if (phase === PHASE.waiting) return explainWaiting(state, r);
  const plan = planOf(state, r);
  if (blockedByState(state, r, job)) return [disabled(job)];
  const held = plan ? planBlockers(state, plan) : [];
  if (held.length > 0) return held;
  return explainQueued(state, r, job).map((found) => withPriority(state, r, found));
}

/** What waits in a queue waits by its priority, which is worth a word where it is another run's. */
function withPriority(state: SchedulerState, r: number, found: Blocker): Blocker {
  const { effective, from } = priorityView(state, r);
  if (from === null) return found;
  return { ...found, details: { ...found.details, priority: effective, priorityFrom: from } };
}

function notBegun(state: SchedulerState, r: number): Blocker[] {
  const job = jobOf(state, r);
  const at = state.runs.instant[r] ?? 0;
  const side = (state.extras.get(r)?.sides ?? []).find((row) => isOpen(state.runs.phase[row] ?? 0));
  // Run by hand before its slot came, or without one: what is said is said of that.
  const ofSide = side === undefined ? [] : explainRun(state, side);
  if (ofSide.length > 0) return [...ofSide];
  const planned = plannedBlockers(state, r);
  if (planned.length > 0) return planned;
  if (state.runs.has(r, STORED) && at <= state.now) return [];
  if (job.state !== 'enabled') return [disabled(job)];
  return at > state.now
    ? [blocker('NOT_DUE', runTextOf(state, r), at)]
    : [blocker('UPSTREAM_MISSING', runTextOf(state, r), null)];
}

function explainRunning(state: SchedulerState, r: number): Blocker[] {
  const live = state.liveOf.get(r);
  if (live?.state === 'unknown')
    return [blocker('ATTEMPT_UNKNOWN', live.id, null, { worker: live.worker.name })];
  if (live?.state === 'canceling')
    return [blocker('ATTEMPT_CANCELING', live.id, null, { worker: live.worker.name })];
  // A plan wants to run it again, behind the attempt that lives.
  const next = state.extras.get(r)?.next;
  return live && next ? [blocker('ATTEMPT_ALIVE', live.id, null, { plan: next.plan ?? 0 })] : [];
}

function explainWaiting(state: SchedulerState, r: number): Blocker[] {
  const found: Blocker[] = [];
  if (state.runs.has(r, TIME_GATE)) {
    const at = (state.runs.instant[r] ?? 0) + jobOf(state, r).spreadMs;
    found.push(
      at > state.now
        ? blocker('NOT_DUE', runTextOf(state, r), at)
        : blocker('CLOCK_HELD', runTextOf(state, r), state.slotsHeldUntil),
    );
  }
  const extra = state.extras.get(r);
  for (const edge of unwaived(extra, extra?.empty))
    found.push(blocker('SELECTOR_EMPTY', must(state.edges[edge], 'edge').upstream, null));
  for (const edge of unwaived(extra, extra?.loading))
    found.push(blocker('LOADING', must(state.edges[edge], 'edge').upstream, null));
  found.push(...explainGates(state, r));
  if (state.runs.has(r, BYPASS)) return found;
  for (const link of inLinks(state, r)) {
    if (((state.links.flags[link] ?? 0) & MET) !== 0 || isQuorumMet(state, r, link)) continue;
    if (found.length >= LINKS_EXPLAINED_MAX) break;
    found.push(explainLink(state, link));
  }
  return found;
}

function isQuorumMet(state: SchedulerState, r: number, link: number): boolean {
  if (((state.links.flags[link] ?? 0) & IN_QUORUM) === 0) return false;
  const quorum = state.extras.get(r)?.quorums?.find((each) => each.edge === state.links.edge[link]);
  return quorum !== undefined && quorum.have >= quorum.need;
}

function explainLink(state: SchedulerState, link: number): Blocker {
  const up = state.links.up[link] ?? NONE;
  const text = runTextOf(state, up);
  const edge = edgeOf(state, link);
  const plan = planOf(state, state.links.down[link] ?? NONE);
  if (plan?.members.get(up) === 0) return blocker('PLAN_ORDER', text, null, { plan: plan.id });
  switch (linkVerdict(state, link)) {
    case VERDICT.failed:
      return blocker('UPSTREAM_FAILED', text, null, { generation: state.runs.generation[up] ?? 0 });
    case VERDICT.canceled:
      return blocker('UPSTREAM_CANCELED', text, null);
    case VERDICT.skipped:
    case VERDICT.empty:
      return blocker('UPSTREAM_SKIPPED', text, null);
    case VERDICT.met:
      return blocker('UPSTREAM_STALE', text, null, { freshnessMs: edge.freshnessMs ?? 0 });
    default:
      return explainOpenUpstream(state, { up, text, edge });
  }
}

function explainOpenUpstream(
  state: SchedulerState,
  upstream: { readonly up: number; readonly text: string; readonly edge: KernelEdge },
): Blocker {
  const { up, text } = upstream;
  const job = jobOf(state, up);
  const phase = state.runs.phase[up] ?? 0;
  const again = (state.extras.get(up)?.past ?? []).some((past) => past.phase === PHASE.succeeded);
  if (again && isOpen(phase))
    return blocker('UPSTREAM_RERUNNING', text, null, { generation: state.runs.generation[up] ?? 0 });
  switch (phase) {
    case PHASE.waiting:
      return blocker('UPSTREAM_WAITING', text, null);
    case PHASE.queued:
      return blocker('UPSTREAM_QUEUED', text, null);
    case PHASE.running: {
      const unknown = state.liveOf.get(up)?.state === 'unknown';
      return blocker(unknown ? 'UPSTREAM_UNKNOWN' : 'UPSTREAM_RUNNING', text, null, {
        since: state.runs.since[up] ?? 0,
      });
    }
    case PHASE.backoff:
      return blocker('UPSTREAM_RETRYING', text, state.extras.get(up)?.retryAt ?? null);
    default:
      break;
  }
  if (job.state !== 'enabled') return blocker('UPSTREAM_DISABLED', text, null, { state: job.state });
  const at = state.runs.instant[up] ?? 0;
  return at > state.now ? blocker('UPSTREAM_NOT_DUE', text, at) : blocker('UPSTREAM_MISSING', text, null);
}

function explainQueued(state: SchedulerState, r: number, job: JobRecord): Blocker[] {
  const from = classOfRun(state, r);
  const found = stopsOf(state, r).map((stop) => explainStop(state, stop));
  if (blockedByOverlap(state, r, job)) {
    found.push(blocker('OVERLAP', job.name, null, { policy: job.policy.overlap, running: job.claimed }));
  }
  for (const name of job.policy.concurrency) {
    const key = keyOf(state, name);
    if (key.holders.size >= key.holdersMax) {
      found.push(
        blocker('CONCURRENCY', name, null, {
          max: key.holdersMax,
          holders: [...key.holders].map((live) => live.id).join(', '),
        }),
      );
    }
  }
  if (isFull(from.pool))
    found.push(
      blocker('POOL_LIMIT', from.pool.name, null, {
        running: from.pool.running,
        max: from.pool.definition.runningMax ?? 0,
      }),
    );
  if (found.length > 0) return found;
  const want = explainWorkers(state, job, from);
  const avoid = state.extras.get(r)?.avoid ?? [];
  return want.length === 0 && waitsForAnother(state, from, r)
    ? [blocker('WORKERS_AVOIDED', from.pool.name, null, { workers: avoid.join(', ') })]
    : want;
}

/** No limit holds it back, so it is for want of a worker: which want, from the hardest to the softest. */
function explainWorkers(state: SchedulerState, job: JobRecord, from: QueueClass): Blocker[] {
  const { pool } = from;
  const all = [...pool.workers];
  const details = { workers: all.length };
  if (all.length === 0)
    return [blocker(pool.declared || isKnownPool(from) ? 'POOL_NO_WORKER' : 'POOL_UNKNOWN', pool.name, null)];
  const quarantined = all.filter(
    (worker) => isOnline(worker) && !isEffective(worker) && canRun(worker, from) && hasFunction(worker, job),
  );
  const effective = all.filter(isEffective);
  const able = effective.filter((worker) => canRun(worker, from) && hasFunction(worker, job));
  if (able.length === 0 && quarantined.length > 0) return [blockedByQuarantine(pool.name, quarantined)];
  if (effective.length === 0) {
    const draining = all.some((worker) => worker.draining || worker.drainAsked);
    return [blocker(draining ? 'WORKERS_DRAINING' : 'POOL_NO_WORKER', pool.name, null, details)];
  }
  if (able.length === 0) {
    const hasKind = effective.some((worker) => worker.profile.kinds.includes(from.kind));
    if (!hasKind) return [blocker('KIND_MISSING', from.kind, null, details)];
    const labeled = effective.some((worker) => canRun(worker, from));
    return labeled
      ? [blocker('NO_EXECUTOR', job.name, null, details)]
      : [blocker('LABELS_MISSING', JSON.stringify(from.labels), null, details)];
  }
  const free = able.filter((worker) => hasRoom(state, worker, from));
  if (free.length === 0)
    return [blocker('POOL_BUSY', pool.name, null, { ...details, running: pool.running })];
  const cool = free.filter((worker) => !isOverloaded(worker, from));
  if (cool.length === 0) return [blocker('WORKERS_OVERLOADED', pool.name, null, details)];
  return cool.every((worker) => isWarming(state, worker, pool.definition))
    ? [blocker('WORKERS_WARMING', pool.name, null, details)]
    : [];
}

/** Disabled by a person, or by its failures. */
function disabled(job: JobRecord): Blocker {
  return job.paused === null
    ? blocker('JOB_DISABLED', job.name, null, { state: job.state })
    : blocker('JOB_PAUSED', job.name, null, { failures: job.paused });
}

function blockedByQuarantine(pool: string, workers: readonly WorkerRecord[]): Blocker {
  const until = Math.min(...workers.map((worker) => worker.quarantine?.nextProbeAt ?? Infinity));
  return blocker('WORKERS_QUARANTINED', pool, until, { workers: namesOf(workers) });
}

const namesOf = (workers: readonly { readonly name: string }[]) =>
  workers.map((worker) => worker.name).join(', ');

const isKnownPool = (from: QueueClass) => from.pool.name === DEFAULT_POOL;

function blocker(
  code: BlockerCode,
  subject: string,
  until: number | null,
  details: Blocker['details'] = {},
): Blocker {
  return { code, subject, until, details };
}
