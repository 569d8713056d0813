/**
 * Binding a run: its edges become links to the slots they select, and rows that say so. Bindings belong to
 * the run and freeze at its first claim; until then an edit binds it anew, in the commit of the edit.
 */
import { slotAt } from '../calendar/schedule.js';
import { assert, must } from '../model/assert.js';
import { instant } from '../model/ids.js';
import type { Instant } from '../model/ids.js';
import type { FieldValue } from '../model/tables.js';
import { PHASE, TRIGGER, isOpen } from './codes.js';
import { scheduleOf } from './hera-pace.js';
import { changePending, linkRuns, refreshInLinks, settlePhase, startPatience, unlinkRuns } from './links.js';
import { askForOlder, mayHaveOlder } from './older-slots.js';
import { put, remove } from './outbox.js';
import { endGeneration } from './phases.js';
import type { JobRecord } from './records.js';
import {
  dropIfUnused,
  ensureAdHoc,
  ensureSlot,
  findSlot,
  inLinks,
  jobOf,
  runKeyOf,
  runTextOf,
  slotKeyOf,
  slotOf,
} from './runs.js';
import { selectSlots } from './selectors.js';
import type { Selected } from './selectors.js';
import { tellDisabledUpstream } from './standing-alarms.js';
import { extraOf } from './state.js';
import type { SchedulerState } from './state.js';
import { AD_HOC, CLAIMED, NONE } from './tables.js';
import { settleWaives, unwaived, waitedFor } from './waived-links.js';

/** So many slots are named one by one; more are named by their range, where that says the same. */
const LISTED_MAX = 48;

/**
 * Links the run to the slots its job's edges select, before its generation begins. Of a backfilled slot an
 * edge that selects nothing counts as done: there is no stored run outside the plan to wait for.
 */
export function bindRun(
  state: SchedulerState,
  r: number,
  options: { readonly emptyIsDone?: boolean } = {},
): void {
  const down = jobOf(state, r);
  const slot = slotOf(state, r);
  for (const number of down.edges) {
    const edge = must(state.edges[number], 'edge');
    const up = must(state.jobsByName.get(edge.upstream), `upstream ${edge.upstream}`);
    const selected = selectSlots(state, edge, { up, down }, slot);
    if (selected.instants.length > 0) bindSelected(state, r, { number, up, selected });
    else if (mayHaveOlder(state, up)) waitForOlder(state, r, { number, up });
    else if (options.emptyIsDone !== true) bindNothing(state, r, number);
    writeBinding(state, r, { up, selected, waits: waitsInVain(state, r, number) });
    if (up.state === 'disabled') tellDisabledUpstream(state, up);
  }
  if (state.operations.waives.size > 0) settleWaives(state, r);
}

/** Whether the run waits for an edge that has bound nothing. */
function waitsInVain(state: SchedulerState, r: number, edge: number): boolean {
  const extra = state.extras.get(r);
  return [extra?.empty, extra?.loading].some((list) => list?.includes(edge));
}

/** Links a run of a submission to the runs of the same key; other edges count as done. */
export function bindSubmitted(state: SchedulerState, r: number, members: ReadonlyMap<string, number>): void {
  const down = jobOf(state, r);
  for (const number of down.edges) {
    const edge = must(state.edges[number], 'edge');
    const up = members.get(edge.upstream);
    if (up === undefined || up === r) continue;
    linkRuns(state, { up, down: r }, number, false);
    put(state.outbox, 'binding', [...runKeyOf(state, r), jobOf(state, up).id, 0], {
      adHocKey: slotKeyOf(state, up).slice(2),
      need: 1,
      why: 'the same submission',
    });
  }
}

function bindSelected(
  state: SchedulerState,
  r: number,
  binding: { readonly number: number; readonly up: JobRecord; readonly selected: Selected },
): void {
  const { number, up, selected } = binding;
  const inQuorum = selected.need < selected.instants.length;
  if (inQuorum) addQuorum(state, r, { edge: number, need: selected.need });
  for (const at of selected.instants)
    linkRuns(state, { up: rowAt(state, up, at), down: r }, number, inQuorum);
}

/** A quorum is one thing to wait for, however many links count towards it. */
function addQuorum(
  state: SchedulerState,
  r: number,
  quorum: { readonly edge: number; readonly need: number },
): void {
  const extra = extraOf(state, r);
  extra.quorums = [...(extra.quorums ?? []), { ...quorum, have: 0 }];
  changePending(state, r, quorum.need > 0 ? 1 : 0);
}

function rowAt(state: SchedulerState, job: JobRecord, at: Instant): number {
  const found = findSlot(state, job, at);
  if (found !== NONE) return found;
  const schedule = must(scheduleOf(state, job, at), `schedule of ${job.name}`);
  return ensureSlot(state, job, slotAt(schedule, at));
}

/** The run waits until older slots of the upstream have been read. */
export function waitForOlder(
  state: SchedulerState,
  r: number,
  binding: { readonly number: number; readonly up: JobRecord },
): void {
  askForOlder(state, r, binding.up, binding.number);
  changePending(state, r, 1);
}

/** No slot matches: by the edge's word the run waits for ever, is skipped, or does not wait. */
function bindNothing(state: SchedulerState, r: number, edge: number): void {
  if (state.edges[edge]?.whenEmpty === 'vacuous') return;
  const extra = extraOf(state, r);
  extra.empty = [...(extra.empty ?? []), edge];
  changePending(state, r, 1);
}

/** Ends a run at once where its bindings leave no hope; called when its generation has begun. */
export function settleBindings(state: SchedulerState, r: number): void {
  if (!isOpen(state.runs.phase[r] ?? 0)) return;
  const extra = state.extras.get(r);
  const empty = unwaived(extra, extra?.empty);
  if (empty.some((edge) => state.edges[edge]?.whenEmpty === 'skipRun'))
    endGeneration(state, r, PHASE.skipped, 'empty');
  else refreshInLinks(state, r);
}

function writeBinding(
  state: SchedulerState,
  r: number,
  binding: { readonly up: JobRecord; readonly selected: Selected; readonly waits: boolean },
): void {
  const { instants, why } = binding.selected;
  const first = instants[0] ?? null;
  const last = instants.at(-1) ?? null;
  // Of nothing, one is needed: that is what the run waits for.
  const need = binding.waits ? 1 : binding.selected.need;
  const listed =
    instants.length > 1 && (instants.length <= LISTED_MAX || !isWholeRange(state, binding.up, instants));
  const value: Record<string, FieldValue> = { fromInstant: first, toInstant: last, need, why };
  if (listed) value['instants'] = JSON.stringify(instants);
  put(state.outbox, 'binding', [...runKeyOf(state, r), binding.up.id, 0], value);
}

/**
 * Whether the instants are all the rows there are between the first and the last: then a range names them.
 */
function isWholeRange(state: SchedulerState, up: JobRecord, instants: readonly Instant[]): boolean {
  const from = instants[0] ?? 0;
  const to = instants.at(-1) ?? 0;
  const between = up.slots.filter((row) => {
    const at = state.runs.instant[row] ?? 0;
    return at >= from && at <= to;
  });
  return between.length === instants.length;
}

/** Takes all links of the run away, and what `pending` counts for them. */
function unbindRun(state: SchedulerState, r: number): void {
  const ups = new Set<number>();
  const extra = state.extras.get(r);
  for (const link of [...inLinks(state, r)]) {
    ups.add(state.links.up[link] ?? NONE);
    unlinkRuns(state, link);
  }
  for (const quorum of extra?.quorums ?? []) if (quorum.have < quorum.need) changePending(state, r, -1);
  const waited = waitedFor(extra);
  if (waited > 0) changePending(state, r, -waited);
  if (extra) for (const key of ['quorums', 'empty', 'loading', 'waived'] as const) delete extra[key];
  for (const up of ups) dropIfUnused(state, up);
}

/** Binds a run that has claimed nothing anew, after an edit. */
export function rebindRun(state: SchedulerState, r: number, why: string): void {
  assert(!state.runs.has(r, CLAIMED), 'a claimed run keeps its bindings');
  if (state.runs.has(r, AD_HOC)) return;
  const key = runKeyOf(state, r);
  const { empty = [], loading = [] } = state.extras.get(r) ?? {};
  for (const edge of [...empty, ...loading]) {
    const up = state.jobsByName.get(state.edges[edge]?.upstream ?? '');
    if (up) remove(state.outbox, 'binding', [...key, up.id, 0]);
  }
  for (const link of inLinks(state, r)) {
    const up = jobOf(state, state.links.up[link] ?? NONE);
    remove(state.outbox, 'binding', [...key, up.id, 0]);
  }
  // What waited for a slot that is not there has a row too.
  const extra = state.extras.get(r);
  for (const edge of [...(extra?.empty ?? []), ...(extra?.loading ?? [])]) {
    const up = state.jobsByName.get(state.edges[edge]?.upstream ?? '');
    if (up) remove(state.outbox, 'binding', [...key, up.id, 0]);
  }
  unbindRun(state, r);
  bindRun(state, r, { emptyIsDone: state.runs.trigger[r] === TRIGGER.backfill });
  startPatience(state, r, state.extras.get(r)?.waitsSince ?? state.now);
  settlePhase(state, r);
  settleBindings(state, r);
  const job = jobOf(state, r).name;
  state.outbox.events.push({ type: 'run.rebound', job, run: runTextOf(state, r), upstream: '', why });
}

/** Links of a stored binding, at load. */
export function restoreBinding(
  state: SchedulerState,
  r: number,
  binding: {
    readonly up: JobRecord;
    readonly edge: number;
    readonly instants: readonly number[];
    readonly need: number;
    readonly adHocKey: string | null;
  },
): void {
  const { up, edge, need } = binding;
  if (binding.adHocKey !== null) {
    linkRuns(state, { up: ensureAdHoc(state, up, binding.adHocKey, slotOf(state, r)), down: r }, edge, false);
    return;
  }
  const inQuorum = need < binding.instants.length;
  if (inQuorum) addQuorum(state, r, { edge, need });
  for (const at of binding.instants) {
    const known = findSlot(state, up, at);
    const row =
      known !== NONE || up.root !== NONE ? (known !== NONE ? known : rowAt(state, up, instant(at))) : NONE;
    if (row !== NONE) linkRuns(state, { up: row, down: r }, edge, inQuorum);
  }
}
