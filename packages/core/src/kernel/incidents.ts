/**
 * Incidents: one per first cause. A final failure opens one, or joins the one that is open for its pattern
 * or its job; runs that wait below join by that cause and make no noise of their own. It stays open exactly
 * while something that failed has not succeeded since: a resume that runs closes nothing, its success does.
 *
 * Steps in which nothing fails while nothing is open cost the test of two sizes. Otherwise the runs that
 * changed in the step are looked at once, at its end; what joined is counted and told once per incident.
 */
import type { IncidentEnd } from '../model/events.js';
import { PHASE, REASONS_OF_UPSTREAM } from './codes.js';
import { put } from './outbox.js';
import type { FailureFacts, IncidentMember, IncidentRecord } from './records.js';
import { inLinks, jobOf, outLinks, runKeyOf, runTextOf } from './runs.js';
import type { SchedulerState } from './state.js';
import { MET, NONE, SIDE } from './tables.js';

/** Name of the row that keeps the next incident's number: those of ended ones are not loaded. */
export const NEXT_INCIDENT_ID = 'nextIncidentId';
/** Failures of one pattern are one incident while each comes so soon after the last. */
const PATTERN_WINDOW_MS = 1_800_000;

/** Joins made in a step, by incident. */
type Joined = Map<IncidentRecord, number>;

/** At the end of a step: what failed opens or joins, what waits through it joins, what is mended leaves. */
export function settleIncidents(state: SchedulerState): void {
  const { ended, incidentOf } = state;
  if (ended.length === 0 && incidentOf.size === 0) return;
  const joined: Joined = new Map();
  const look: number[] = [];
  for (const r of ended) settleEnded(state, r, { joined, look });
  ended.length = 0;
  state.failing.clear();
  if (incidentOf.size > 0 || look.length > 0) {
    for (const r of state.outbox.runs.rows) look.push(r);
    settleBlocked(state, look, joined);
  }
  for (const [incident, runs] of joined) tellJoined(state, incident, runs);
}

interface Found {
  readonly joined: Joined;
  /** Rows whose waiting may have another cause now. */
  readonly look: number[];
}

function settleEnded(state: SchedulerState, r: number, found: Found): void {
  if (state.runs.job[r] === NONE || state.runs.has(r, SIDE)) return;
  const member = state.incidentOf.get(r);
  const phase = state.runs.phase[r];
  if (jobOf(state, r).state === 'deleted') {
    if (member) leave(state, r, { why: 'gone', look: found.look });
  } else if (phase === PHASE.failed) {
    if (member?.role !== 'failed') fail(state, r, found);
  } else if (member?.role === 'failed' && (phase === PHASE.succeeded || phase === PHASE.skipped)) {
    leave(state, r, { why: 'succeeded', look: found.look });
  }
}

function fail(state: SchedulerState, r: number, found: Found): void {
  const facts = state.failing.get(r) ?? { failure: 'unknown', pattern: null, message: null };
  const incident = incidentAbove(state, r) ?? incidentLike(state, r, facts) ?? open(state, r, facts);
  // It may have waited through another one before.
  if (state.incidentOf.has(r)) dropMember(state, r);
  join(state, r, { incident, role: 'failed' }, found.joined);
  found.look.push(...downstreamsOf(state, r));
}

const downstreamsOf = (state: SchedulerState, r: number): number[] =>
  [...outLinks(state, r)].map((link) => state.links.down[link] ?? NONE);

/** The incident of the upstream that made the run fail; null when it failed by itself. */
function incidentAbove(state: SchedulerState, r: number): IncidentRecord | null {
  if (!REASONS_OF_UPSTREAM.has(state.runs.reason[r] ?? 0)) return null;
  return causeAbove(state, r);
}

/** The oldest incident that a link of the run which is not met leads to. */
function causeAbove(state: SchedulerState, r: number): IncidentRecord | null {
  let first: IncidentRecord | null = null;
  for (const link of inLinks(state, r)) {
    if (((state.links.flags[link] ?? 0) & MET) !== 0) continue;
    const incident = state.incidentOf.get(state.links.up[link] ?? NONE)?.incident;
    if (incident && (first === null || incident.id < first.id)) first = incident;
  }
  return first;
}

/** What joins: failures of one pattern that is nobody's own fault, or failures of one job. */
function keyOfFailure(state: SchedulerState, r: number, { failure, pattern }: FailureFacts): string {
  const shared = pattern !== null && failure !== 'user';
  return shared ? `pattern ${pattern}` : `job ${jobOf(state, r).id}`;
}

function incidentLike(state: SchedulerState, r: number, facts: FailureFacts): IncidentRecord | null {
  const key = keyOfFailure(state, r, facts);
  const known = state.incidentKeys.get(key);
  if (!known) return null;
  return key.startsWith('job ') || state.now - known.lastJoinAt < PATTERN_WINDOW_MS ? known : null;
}

function open(state: SchedulerState, r: number, facts: FailureFacts): IncidentRecord {
  const job = jobOf(state, r);
  const cause = runTextOf(state, r);
  return openIncident(state, { key: keyOfFailure(state, r, facts), cause, job, ...facts });
}

function openIncident(
  state: SchedulerState,
  of: FailureFacts & {
    readonly key: string;
    readonly cause: string;
    readonly job: { readonly id: number; readonly name: string } | null;
  },
): IncidentRecord {
  const { key, cause, job, failure, pattern, message } = of;
  const id = state.nextIncidentId++;
  const incident: IncidentRecord = { id, key, lastJoinAt: state.now, failed: 0, blocked: 0, standing: 0 };
  state.incidents.set(id, incident);
  state.incidentKeys.set(key, incident);
  const [word = ''] = key.split(' ');
  put(state.outbox, 'meta', [NEXT_INCIDENT_ID], { value: String(state.nextIncidentId) });
  put(state.outbox, 'incident', [id], {
    kind: word === 'job' ? 'run' : word,
    joinKey: key,
    cause,
    job: job?.id ?? null,
    failure,
    pattern,
    message,
    openedAt: state.now,
    lastJoinAt: state.now,
    failed: 0,
    blocked: 0,
    open: 1,
  });
  const name = job?.name ?? null;
  state.outbox.events.push({ type: 'incident.opened', incident: id, cause, job: name, failure, pattern });
  return incident;
}

function join(state: SchedulerState, r: number, member: IncidentMember, joined: Joined): void {
  const { incident, role } = member;
  state.incidentOf.set(r, member);
  incident[role]++;
  if (role === 'failed') incident.standing++;
  incident.lastJoinAt = state.now;
  joined.set(incident, (joined.get(incident) ?? 0) + 1);
  const generation = state.runs.generation[r] ?? 0;
  const value = { role, generation, at: state.now, open: 1 };
  put(state.outbox, 'incident_member', [incident.id, ...runKeyOf(state, r)], value);
}

function tellJoined(state: SchedulerState, incident: IncidentRecord, runs: number): void {
  const { id, failed, blocked, lastJoinAt } = incident;
  put(state.outbox, 'incident', [id], { failed, blocked, lastJoinAt });
  state.outbox.events.push({ type: 'incident.joined', incident: id, runs, total: failed + blocked });
}

/** Runs that wait through a failure join its incident, with all that wait through them. */
function settleBlocked(state: SchedulerState, look: number[], joined: Joined): void {
  // The list grows while it is read: a run that joins has others below it.
  for (let i = 0; i < look.length; i++) {
    const r = look[i] ?? NONE;
    if (state.runs.job[r] === NONE || state.runs.has(r, SIDE)) continue;
    const member = state.incidentOf.get(r);
    const waits = state.runs.phase[r] === PHASE.waiting;
    if (member) {
      if (member.role === 'blocked' && !waits) dropMember(state, r);
      continue;
    }
    const incident = waits ? causeAbove(state, r) : null;
    if (incident === null) continue;
    join(state, r, { incident, role: 'blocked' }, joined);
    look.push(...downstreamsOf(state, r));
  }
}

/** The run stands for its incident no more; with the last that failed, the incident is over. */
function leave(
  state: SchedulerState,
  r: number,
  { why, look }: { readonly why: IncidentEnd; readonly look: number[] },
): void {
  const { incident } = dropMember(state, r);
  if (incident.standing > 0) return;
  close(state, incident, why);
  for (const [row, member] of [...state.incidentOf]) {
    if (member.incident !== incident) continue;
    dropMember(state, row);
    look.push(row);
  }
}

function dropMember(state: SchedulerState, r: number): IncidentMember {
  const member = state.incidentOf.get(r) as IncidentMember;
  state.incidentOf.delete(r);
  if (member.role === 'failed') member.incident.standing--;
  put(state.outbox, 'incident_member', [member.incident.id, ...runKeyOf(state, r)], { open: 0 });
  return member;
}

function close(state: SchedulerState, incident: IncidentRecord, why: IncidentEnd): void {
  const { id, key } = incident;
  state.incidents.delete(id);
  if (state.incidentKeys.get(key) === incident) state.incidentKeys.delete(key);
  put(state.outbox, 'incident', [id], { closedAt: state.now, why, open: 0 });
  state.outbox.events.push({ type: 'incident.closed', incident: id, why });
}

/** The run is about to be forgotten, having failed long ago: nobody mends it any more. */
export function forgetFailed(state: SchedulerState, r: number): void {
  if (state.incidentOf.has(r)) leave(state, r, { why: 'gone', look: [] });
}

/** A worker is in quarantine: an incident of its own, open as long as that. */
export function openWorkerIncident(state: SchedulerState, worker: string, message: string): void {
  const cause = `worker ${worker}`;
  openIncident(state, { key: cause, cause, job: null, failure: 'host', pattern: null, message });
}

/** The worker is back among the others. */
export function closeWorkerIncident(state: SchedulerState, worker: string): void {
  const incident = state.incidentKeys.get(`worker ${worker}`);
  if (incident) close(state, incident, 'released');
}

/** Puts an open incident back as its row has it; its members follow. */
export function restoreIncident(state: SchedulerState, row: Omit<IncidentRecord, 'standing'>): void {
  const incident = { ...row, standing: 0 };
  state.incidents.set(row.id, incident);
  const known = state.incidentKeys.get(row.key);
  if (!known || known.id < row.id) state.incidentKeys.set(row.key, incident);
}

/** Puts an open member back on its run's row. Of a run that is not kept any more, nothing is open. */
export function restoreMember(
  state: SchedulerState,
  of: { readonly r: number; readonly id: number; readonly role: IncidentMember['role'] },
): void {
  const incident = state.incidents.get(of.id);
  if (!incident) return;
  state.incidentOf.set(of.r, { incident, role: of.role });
  if (of.role === 'failed') incident.standing++;
}

/** Once all members are back: an incident of which no failed run is kept is over. */
export function closeForgotten(state: SchedulerState): void {
  for (const incident of [...state.incidents.values()]) {
    if (incident.standing === 0 && !incident.key.startsWith('worker ')) close(state, incident, 'gone');
  }
}
