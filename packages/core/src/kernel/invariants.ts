/**
 * Everything that must hold between two steps. Tests and the simulator check it after each one; counters that
 * the kernel keeps as caches are counted anew here.
 */
import { PHASE, isOpen } from './codes.js';
import { linkIsMet } from './links.js';
import { effectiveOf } from './priority.js';
import { inLinks, jobOf, lowerBound, ownerOf, runTextOf } from './runs.js';
import { checkOperations } from './operation-invariants.js';
import type { SchedulerState } from './state.js';
import { BYPASS, IN_QUORUM, MET, NONE, SIDE, STORED, TIME_GATE } from './tables.js';
import { waitedFor } from './waived-links.js';

/** Throws on the first thing that must hold and does not. */
export function assertInvariants(state: SchedulerState): void {
  check(state.advancing.length === 0, () => 'every end has been told');
  check(state.outbox.writes.length === 0, () => 'every write has left');
  for (let r = 0; r < state.runs.length; r++) if (state.runs.job[r] !== NONE) checkRow(state, r);
  checkAttempts(state);
  checkJobs(state);
  checkIncidents(state);
  checkOperations(state);
}

function checkRow(state: SchedulerState, r: number): void {
  const { runs } = state;
  const phase = runs.phase[r] ?? 0;
  const holds = (condition: boolean, what: () => string) =>
    check(condition, () => `${runTextOf(state, r)} (row ${r}) ${what()}`);
  if (!runs.has(r, SIDE))
    holds(phase === PHASE.none || runs.has(r, STORED), () => 'has a phase, so it is stored');
  else holds(isOpen(phase), () => 'is a side row, so it is open');
  const pending = countPending(state, r);
  holds(runs.pending[r] === pending, () => `waits for ${pending} things, not ${runs.pending[r]}`);
  const free = runs.has(r, BYPASS) || pending === 0;
  if (phase === PHASE.waiting) holds(!free, () => 'waits though nothing is pending');
  if (phase === PHASE.queued) holds(free, () => `is queued though ${pending} things are pending`);
  if (phase === PHASE.waiting || phase === PHASE.queued) {
    const effective = effectiveOf(state, r);
    holds(runs.effective[r] === effective, () => `has priority ${effective}, not ${runs.effective[r]}`);
  }
  holds((phase === PHASE.running) === state.liveOf.has(r), () => 'runs exactly when an attempt lives');
  const last = runs.lastGeneration[ownerOf(state, r)] ?? 0;
  holds((runs.generation[r] ?? 0) <= last, () => 'has counted its generations');
}

/** The text is made only when it is needed: the check runs after every step of a simulation. */
function check(condition: boolean, what: () => string): void {
  if (!condition) throw new Error(`invariant violated: ${what()}`);
}

function countPending(state: SchedulerState, r: number): number {
  const extra = state.extras.get(r);
  let pending = waitedFor(extra) + (state.runs.has(r, TIME_GATE) ? 1 : 0);
  pending += (extra?.gates ?? []).filter((each) => each.state === 'closed').length;
  const have = new Map<number, number>();
  for (const link of inLinks(state, r)) {
    const flags = state.links.flags[link] ?? 0;
    const met = linkIsMet(state, link);
    check(
      met === ((flags & MET) !== 0),
      () => `link ${link} of ${runTextOf(state, r)} is met as its flag says`,
    );
    const edge = state.links.edge[link] ?? NONE;
    if ((flags & IN_QUORUM) === 0) pending += met ? 0 : 1;
    else if (met) have.set(edge, (have.get(edge) ?? 0) + 1);
  }
  for (const quorum of extra?.quorums ?? []) {
    check(
      quorum.have === (have.get(quorum.edge) ?? 0),
      () => `quorum of ${runTextOf(state, r)} is counted right`,
    );
    if (quorum.have < quorum.need) pending++;
  }
  return pending;
}

function checkAttempts(state: SchedulerState): void {
  const used = new Map<string, number>();
  const holders = new Map<string, number>();
  const running = new Map<string, number>();
  const claimed = new Map<number, number>();
  for (const live of state.attempts.values()) {
    check(state.liveOf.get(live.row) === live, () => `attempt ${live.id} is the one its row holds`);
    check(live.g === state.runs.generation[live.row], () => `attempt ${live.id} is of its run's generation`);
    add(used, live.worker.name, live.slots);
    add(running, live.pool.name, 1);
    for (const key of live.concurrency) add(holders, key, 1);
    if (!state.runs.has(live.row, SIDE)) add(claimed, jobOf(state, live.row).index, 1);
  }
  check(state.liveOf.size === state.attempts.size, () => 'one live attempt per open generation');
  for (const worker of state.workerList)
    check(
      worker.usedSlots === (used.get(worker.name) ?? 0),
      () => `slots of ${worker.name} are counted right`,
    );
  for (const pool of state.pools.values())
    check(pool.running === (running.get(pool.name) ?? 0), () => `attempts in ${pool.name} are counted right`);
  for (const key of state.keys.values()) {
    check(
      key.holders.size === (holders.get(key.name) ?? 0),
      () => `holders of ${key.name} are counted right`,
    );
  }
  for (const job of state.jobs)
    check(job.claimed === (claimed.get(job.index) ?? 0), () => `claims of ${job.name} are counted right`);
}

function add<Key>(sums: Map<Key, number>, key: Key, by: number): void {
  sums.set(key, (sums.get(key) ?? 0) + by);
}

/** An incident is open exactly while something that failed has not succeeded since, or its worker is out. */
function checkIncidents(state: SchedulerState): void {
  const { runs } = state;
  const standing = new Map<number, number>();
  for (const [r, { incident, role }] of state.incidentOf) {
    const text = () => runTextOf(state, r);
    check(state.incidents.get(incident.id) === incident, () => `the incident of ${text()} is open`);
    const phase = runs.phase[r];
    if (role === 'blocked') check(phase === PHASE.waiting, () => `${text()} is blocked, so it waits`);
    else {
      const mended = phase === PHASE.succeeded || phase === PHASE.skipped;
      check(!mended && jobOf(state, r).state !== 'deleted', () => `${text()} stands for its incident`);
      add(standing, incident.id, 1);
    }
  }
  for (const incident of state.incidents.values()) {
    const count = standing.get(incident.id) ?? 0;
    const name = incident.key.startsWith('worker ') ? incident.key.slice('worker '.length) : null;
    check(incident.standing === count, () => `what stands for incident ${incident.id} is counted right`);
    const stands = name === null ? count > 0 : (state.workers.get(name)?.quarantine ?? null) !== null;
    check(stands, () => `the cause of incident ${incident.id} stands`);
  }
  for (let r = 0; r < runs.length; r++) {
    if (runs.job[r] === NONE || runs.has(r, SIDE) || runs.phase[r] !== PHASE.failed) continue;
    // Older ones were forgotten; they are here because something asked for them.
    const isOld = (runs.instant[r] ?? 0) < state.now - state.options.reachMs;
    if (isOld || jobOf(state, r).state === 'deleted') continue;
    check(state.incidentOf.get(r)?.role === 'failed', () => `${runTextOf(state, r)} failed: an incident`);
  }
}

function checkJobs(state: SchedulerState): void {
  for (const job of state.jobs) {
    job.slots.forEach((r, i) => {
      const at = state.runs.instant[r] ?? 0;
      check(state.runs.job[r] === job.index, () => `slots of ${job.name} are its own`);
      check(lowerBound(state, job, at) === i, () => `slots of ${job.name} are in order, each once`);
    });
  }
}
