/** Takes the input of a forecast from the state. */
import { instantsBetween, slotAt } from '../calendar/schedule.js';
import { must } from '../model/assert.js';
import { instant } from '../model/ids.js';
import type { Instant } from '../model/ids.js';
import { LANE, PHASE, isEnded, isOpen } from './codes.js';
import { CANDIDATES_MAX } from './candidates.js';
import { comingSlots, isHeraPaced, scheduleOf } from './hera-pace.js';
import { estimateOf, kindOfDay, remainingMs } from './durations.js';
import { capacityOf } from './forecast-capacity.js';
import { NEVER, STANDS } from './forecast-input.js';
import type { ComingRun, ForecastInput } from './forecast-input.js';
import { Guesses } from './forecast-guesses.js';
import { targetsOf } from './forecast-targets.js';
import { isElsewhere } from './materialize.js';
import type { JobRecord } from './records.js';
import { findSlot, laneOf, slotKeyOf } from './runs.js';
import { selectSlots } from './selectors.js';
import type { SchedulerState } from './state.js';
import { AD_HOC, BYPASS, IN_QUORUM, MET, NONE, SIDE, TIME_GATE } from './tables.js';

/** At most so many runs to come are looked at. */
const COMING_MAX = 200_000;
const STANDING: Readonly<Record<number, number>> = {
  [PHASE.waiting]: STANDS.waiting,
  [PHASE.queued]: STANDS.queued,
  [PHASE.running]: STANDS.running,
  [PHASE.backoff]: STANDS.backoff,
};

/** The night up to an instant, as it stands. Changes nothing. */
export function forecastInput(state: SchedulerState, until: Instant): ForecastInput {
  return new Collector(state, until).collect();
}

class Collector {
  readonly #state: SchedulerState;
  readonly #until: Instant;
  /** Number of a row of the state; -1 for one that is not part of it. */
  readonly #numberOf: Int32Array;
  readonly #open: number[] = [];
  readonly #coming: ComingRun[] = [];
  /** Numbers of the runs to come, by job index and instant. */
  readonly #comingOf = new Map<number, Map<number, number>>();
  readonly #ups: number[] = [];

  constructor(state: SchedulerState, until: Instant) {
    this.#state = state;
    this.#until = until;
    this.#numberOf = new Int32Array(state.runs.length).fill(-1);
  }

  collect(): ForecastInput {
    this.#takeOpen();
    this.#takeComing();
    const input = this.#columns();
    for (let i = 0; i < input.size; i++) {
      input.upsFrom[i] = this.#ups.length;
      if (i < this.#open.length) this.#describeOpen(input, i);
      else this.#describeComing(input, i, must(this.#coming[i - this.#open.length], 'run to come'));
    }
    input.upsFrom[input.size] = this.#ups.length;
    return { ...input, ups: Int32Array.from(this.#ups) };
  }

  #takeOpen(): void {
    const { runs } = this.#state;
    for (let r = 0; r < runs.length; r++) {
      if (runs.job[r] === NONE || !isOpen(runs.phase[r] ?? 0)) continue;
      this.#numberOf[r] = this.#open.push(r) - 1;
    }
  }

  #takeComing(): void {
    const { jobs } = this.#state;
    for (const root of jobs) {
      if (root.schedule === null) continue;
      const begin = instant(
        Math.max(this.#state.now, Math.min(...root.paced.map((i) => jobs[i]?.cursor ?? 0))),
      );
      const instants =
        begin < this.#until
          ? instantsBetween(root.schedule, begin, instant(this.#until + 1), CANDIDATES_MAX)
          : [];
      for (const index of root.paced) {
        const job = must(jobs[index], 'paced job');
        if (job.state !== 'enabled' || (isHeraPaced(job) && job.root !== root.index)) continue;
        const own = isHeraPaced(job) ? comingSlots(this.#state, job, this.#state.now, this.#until) : instants;
        this.#takeSlots(job, own);
      }
    }
  }

  #takeSlots(job: JobRecord, instants: readonly Instant[]): void {
    const known = this.#comingOf.get(job.index) ?? new Map<number, number>();
    this.#comingOf.set(job.index, known);
    for (const at of instants) {
      if (at <= job.cursor || at < job.since || this.#coming.length >= COMING_MAX) continue;
      const row = findSlot(this.#state, job, at);
      if (row !== NONE && this.#state.runs.phase[row] !== PHASE.none) continue;
      const number = this.#open.length + this.#coming.push({ job, instant: at, row }) - 1;
      known.set(at, number);
      if (row !== NONE) this.#numberOf[row] = number;
    }
  }

  #columns(): ForecastInput & { upsFrom: Int32Array } {
    const state = this.#state;
    const size = this.#open.length + this.#coming.length;
    const numbers = () => new Float64Array(size);
    return {
      at: state.now,
      until: this.#until,
      size,
      job: new Int32Array(size),
      row: new Int32Array(size),
      instant: numbers(),
      stands: new Uint8Array(size),
      from: numbers(),
      typicalMs: numbers(),
      cautiousMs: numbers(),
      leftMs: numbers(),
      adHocKeys: new Map(),
      startBy: new Int32Array(size),
      priority: new Int16Array(size),
      isBackfill: new Uint8Array(size),
      upsFrom: new Int32Array(size + 1),
      ups: new Int32Array(0),
      blockedBy: new Int32Array(size).fill(-1),
      overranMs: numbers(),
      overranJob: new Int32Array(size).fill(-1),
      ...capacityOf(state),
      commitments: targetsOf(state, this.#until, (job, at) => this.#numberAt(job, at)),
    };
  }

  readonly #guesses = new Guesses();
  readonly #kinds = new Map<string, Map<number, number>>();

  /** Many slots begin at the same instant, so each is looked up once. */
  #kindOf(zone: string, start: number): number {
    const ofZone = this.#kinds.get(zone) ?? new Map<number, number>();
    this.#kinds.set(zone, ofZone);
    const known = ofZone.get(start) ?? kindOfDay(zone, start);
    ofZone.set(start, known);
    return known;
  }

  #estimate(input: ForecastInput, i: number, of: { job: JobRecord; zone: string; start: number }): void {
    const { job } = of;
    const kind = job.durations === null ? 0 : this.#kindOf(of.zone, of.start);
    const { typicalMs, cautiousMs } = estimateOf(job, kind) ?? this.#guesses.of(this.#state, job);
    input.typicalMs[i] = typicalMs;
    input.cautiousMs[i] = cautiousMs;
  }

  #describeOpen(input: ForecastInput, i: number): void {
    const state = this.#state;
    const { runs } = state;
    const r = this.#open[i] ?? NONE;
    const job = must(state.jobs[runs.job[r] ?? NONE], 'job');
    const phase = runs.phase[r] ?? 0;
    const extra = state.extras.get(r);
    input.job[i] = job.index;
    input.row[i] = r;
    input.instant[i] = runs.instant[r] ?? 0;
    input.stands[i] = STANDING[phase] ?? STANDS.waiting;
    if (runs.has(r, AD_HOC | SIDE) && extra) input.adHocKeys.set(i, slotKeyOf(state, r));
    input.startBy[i] = runs.startBy[r] ?? 0;
    input.priority[i] = runs.effective[r] ?? 0;
    input.isBackfill[i] = laneOf(state, r) === LANE.backfill ? 1 : 0;
    this.#estimate(input, i, {
      job,
      zone: state.zones[runs.zone[r] ?? 0] ?? 'UTC',
      start: runs.start[r] ?? 0,
    });
    input.from[i] = runs.has(r, TIME_GATE) ? (runs.instant[r] ?? 0) : (extra?.retryAt ?? 0);
    if (phase === PHASE.running) {
      const startedAt = state.liveOf.get(r)?.startedAt ?? runs.since[r] ?? 0;
      input.from[i] = startedAt;
      const kind = this.#kindOf(state.zones[runs.zone[r] ?? 0] ?? 'UTC', runs.start[r] ?? 0);
      const estimate = estimateOf(job, kind) ?? { typicalMs: input.typicalMs[i] ?? 0, sorted: [] };
      input.leftMs[i] = remainingMs(estimate, state.now - startedAt);
    }
    if (!runs.has(r, SIDE | BYPASS)) this.#takeLinks(input, i, r);
  }

  #takeLinks(input: ForecastInput, i: number, r: number): void {
    const { runs, links, extras } = this.#state;
    const extra = extras.get(r);
    const wanted = new Map((extra?.quorums ?? []).map((q) => [q.edge, Math.max(0, q.need - q.have)]));
    for (let link = runs.inHead[r] ?? NONE; link !== NONE; link = links.nextIn[link] ?? NONE) {
      const up = links.up[link] ?? NONE;
      const flags = links.flags[link] ?? 0;
      if ((flags & MET) !== 0) {
        this.#noteOverrun(input, i, up);
        continue;
      }
      if ((flags & IN_QUORUM) !== 0) {
        // Which of them comes first is not known: the first named stand for all.
        const edge = links.edge[link] ?? NONE;
        const left = wanted.get(edge) ?? 0;
        if (left === 0) continue;
        wanted.set(edge, left - 1);
      }
      this.#addUp(input, i, up);
    }
    if ((extra?.empty?.length ?? 0) > 0) this.#block(input, i, -1);
  }

  #addUp(input: ForecastInput, i: number, up: number): void {
    const number = this.#numberOf[up] ?? -1;
    if (number >= 0) this.#ups.push(number);
    else this.#block(input, i, this.#state.runs.job[up] ?? -1);
  }

  #block(input: ForecastInput, i: number, job: number): void {
    this.#ups.push(NEVER);
    input.blockedBy[i] = job;
  }

  /** An upstream that has just ended may be why the run is late. */
  #noteOverrun(input: ForecastInput, i: number, up: number): void {
    const { runs, jobs } = this.#state;
    const job = jobs[runs.job[up] ?? NONE];
    const model = job?.durations;
    if (!job || !model || model.at !== runs.since[up]) return;
    const usual = estimateOf(
      job,
      this.#kindOf(this.#state.zones[runs.zone[up] ?? 0] ?? 'UTC', runs.start[up] ?? 0),
    );
    const overranMs = model.lastMs - (usual?.typicalMs ?? model.lastMs);
    if (overranMs <= (input.overranMs[i] ?? 0)) return;
    input.overranMs[i] = overranMs;
    input.overranJob[i] = job.index;
  }

  #describeComing(input: ForecastInput, i: number, run: ComingRun): void {
    const state = this.#state;
    const { job, instant: at } = run;
    const schedule = scheduleOf(state, job, at);
    input.job[i] = job.index;
    input.row[i] = run.row;
    input.instant[i] = at;
    input.stands[i] = STANDS.future;
    input.from[i] = at;
    input.priority[i] = job.policy.priority;
    if (isElsewhere(state, job)) return;
    if (schedule === undefined || schedule === null) return this.#block(input, i, -1);
    const slot = slotAt(schedule, at);
    this.#estimate(input, i, { job, zone: slot.zone, start: slot.interval.start });
    for (const number of job.edges) {
      const edge = must(state.edges[number], 'edge');
      const up = must(state.jobsByName.get(edge.upstream), 'upstream');
      const isPlain = edge.selector.type === 'default' || edge.selector.type === 'same';
      if (isPlain && up.root === job.root && !isHeraPaced(job)) {
        this.#addComingUp(input, i, up, at);
        continue;
      }
      const { instants, need } = selectSlots(state, edge, { up, down: job }, slot);
      for (const each of instants.slice(0, need)) this.#addComingUp(input, i, up, each);
      if (instants.length === 0 && edge.whenEmpty === 'block') this.#block(input, i, up.index);
    }
  }

  #addComingUp(input: ForecastInput, i: number, up: JobRecord, at: Instant): void {
    const number = this.#numberAt(up, at);
    if (number >= 0) this.#ups.push(number);
    else if (number === NEVER) this.#block(input, i, up.index);
  }

  /** Number of the job's slot; -1 when it is done, `NEVER` when it will not be done by itself. */
  #numberAt(job: JobRecord, at: Instant): number {
    const coming = this.#comingOf.get(job.index)?.get(at);
    if (coming !== undefined) return coming;
    const r = findSlot(this.#state, job, at);
    if (r === NONE) return job.state === 'retired' ? -1 : NEVER;
    const phase = this.#state.runs.phase[r] ?? 0;
    if (!isEnded(phase)) return this.#numberOf[r] === -1 ? NEVER : (this.#numberOf[r] ?? NEVER);
    return phase === PHASE.succeeded || phase === PHASE.skipped ? -1 : NEVER;
  }
}
