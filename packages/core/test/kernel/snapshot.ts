/**
 * What of a state matters to the world, as plain data: two states with the same snapshot go on the same way.
 * A loaded state is held against the one it replaces.
 */
import { isOpen, PHASE } from '../../src/kernel/codes.js';
import { isHeraPaced } from '../../src/kernel/hera-pace.js';
import { hasOpenSide, inLinks, jobOf, runTextOf } from '../../src/kernel/runs.js';
import type { SchedulerState } from '../../src/kernel/index.js';
import {
  AD_HOC,
  BYPASS,
  CLAIMED,
  COUNTS,
  MET,
  NONE,
  SIDE,
  STORED,
  TIME_GATE,
} from '../../src/kernel/tables.js';

export function snapshot(state: SchedulerState): Record<string, unknown> {
  const { runs } = state;
  const found: Record<string, unknown> = {};
  for (let r = 0; r < runs.length; r++) {
    if (runs.job[r] === NONE || runs.has(r, SIDE) || !runs.has(r, STORED)) continue;
    // What is over and older than the reach is not loaded.
    const old = (runs.instant[r] ?? 0) < state.now - state.options.reachMs;
    const busy = isOpen(runs.phase[r] ?? 0) || hasOpenSide(state, r);
    const spent =
      runs.has(r, AD_HOC) && (runs.phase[r] === PHASE.none || (runs.since[r] ?? 0) < state.now - 86_400_000);
    if ((old || spent) && !busy) continue;
    found[`run ${runTextOf(state, r)}`] = runSnapshot(state, r);
  }
  for (const job of state.jobs) {
    found[`job ${job.id}`] = {
      name: job.name,
      state: job.state,
      revision: job.revision,
      ...(job.state !== 'deleted' && { since: job.since }),
      // An imported job's is stored with its own slots only.
      ...(job.state !== 'deleted' && !isHeraPaced(job) && { cursor: job.cursor }),
      root: state.jobs[job.root]?.name ?? null,
      paced: job.paced.map((index) => state.jobs[index]?.name).sort(),
      claimed: job.claimed,
      failedInRow: job.failedInRow,
      paused: job.paused,
    };
  }
  for (const [r, { incident, role }] of state.incidentOf) {
    const run = `run ${runTextOf(state, r)}`;
    if (found[run] !== undefined) found[`incident of ${run}`] = { id: incident.id, key: incident.key, role };
  }
  for (const worker of state.workerList)
    if (worker.quarantine)
      found[`worker ${worker.name}`] = { quarantine: worker.quarantine, health: worker.health };
  for (const [name, { definition, due, state: standing, culprit, doubts }] of state.commitments)
    found[`commitment ${name}`] = { definition, due, standing, culprit, doubts };
  for (const plan of state.plans.values()) {
    if (plan.state === 'succeeded' || plan.state === 'canceled') continue;
    found[`plan ${plan.id}`] = {
      state: plan.state,
      succeeded: plan.succeeded,
      failed: plan.failed,
      running: plan.running,
      members: [...plan.members].map(([r, g]) => `${runTextOf(state, r)}#${g}`),
    };
  }
  for (const live of state.attempts.values()) {
    found[`attempt ${live.id}`] = {
      g: live.g,
      state: live.state,
      worker: live.worker.name,
      session: live.session,
      startedAt: live.startedAt,
      timeoutAt: live.timeoutAt,
      cancel: live.cancel && { why: live.cancel.why, by: textOf(state, live.cancel.by) },
    };
  }
  return found;
}

function runSnapshot(state: SchedulerState, r: number): unknown {
  const { runs } = state;
  const extra = state.extras.get(r);
  const phase = runs.phase[r] ?? 0;
  const open = isOpen(phase);
  const flags = { counts: COUNTS, adHoc: AD_HOC, claimed: CLAIMED };
  return {
    phase: Object.entries(PHASE).find(([, code]) => code === phase)?.[0],
    reason: runs.reason[r],
    generation: runs.generation[r],
    last: runs.lastGeneration[r],
    trigger: phase === PHASE.none ? 0 : runs.trigger[r],
    attempts: runs.attempts[r],
    flags: Object.entries(flags)
      .filter(([, flag]) => runs.has(r, flag))
      .map(([name]) => name),
    ...(open && {
      bypass: runs.has(r, BYPASS),
      timeGate: runs.has(r, TIME_GATE),
      tries: runs.tries[r],
      pending: runs.pending[r],
      priority: [runs.priority[r], runs.startBy[r], phase < PHASE.running ? runs.effective[r] : null],
      params: extra?.params ?? null,
      avoid: extra?.avoid ?? null,
      retryAt: extra?.retryAt ?? null,
      inVain: [...(extra?.empty ?? []), ...(extra?.loading ?? [])]
        .map((edge) => state.edges[edge]?.upstream)
        .sort(),
      next: extra?.next?.plan ?? null,
    }),
    releases: extra?.releases ?? true,
    plan: openPlan(state, extra?.plan),
    coveredBy: textOf(state, extra?.coveredBy),
    history: (extra?.past ?? []).map(({ g, classBit, phase: past }) => `${g} ${classBit} ${past}`),
    sides: (extra?.sides ?? []).map(
      (side) => `${runs.generation[side]} ${runs.phase[side]} ${runs.tries[side]}`,
    ),
    links: linksOf(state, r, open),
  };
}

/** Plans that have come to their end are not loaded: they say nothing any more. */
function openPlan(state: SchedulerState, plan: number | undefined): number | null {
  const found = plan === undefined ? undefined : state.plans.get(plan);
  return found && found.state !== 'succeeded' && found.state !== 'canceled' ? found.id : null;
}

function linksOf(state: SchedulerState, r: number, open: boolean): string[] {
  const found: string[] = [];
  for (const link of inLinks(state, r)) {
    const up = state.links.up[link] ?? NONE;
    const met = ((state.links.flags[link] ?? 0) & MET) !== 0;
    const seen = `${state.links.claimed[link]} ${state.links.consumed[link]}`;
    found.push(`${jobOf(state, up).name}: ${runTextOf(state, up)} ${open ? met : ''} ${seen}`);
  }
  return found.sort();
}

const textOf = (state: SchedulerState, r: number | undefined): string | null =>
  r === undefined ? null : runTextOf(state, r);
