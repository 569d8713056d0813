/**
 * Predicts a night: a list schedule over the slots there are, from what runs, waits and is still to come. It
 * goes from one thing that happens to the next, as the kernel will, but knows only durations. It is made
 * in slices, so that whoever drives it stays awake.
 */
import { InstantHeap, NEVER, OrderedHeap, STANDS } from '../kernel/index.js';
import type { ForecastInput } from '../kernel/index.js';
import { levelRuns, markUrgency } from './urgency.js';
import type { RunGraph, Urgency } from './urgency.js';

/** What is foreseen of each run of the input, by its number. Infinity is never, as things stand. */
export interface Prediction extends Urgency {
  readonly start: Float64Array;
  readonly end: Float64Array;
  /** The run that it waited for last, for its result or its slot; -1 when for none. */
  readonly cause: Int32Array;
}

/** Things that happen between two pauses. */
const SLICE = 2_000;
const READY = 0;
const END = 1;

/** Predicts the night in slices; each `yield` is a good moment to do something else. */
export function* predicting(input: ForecastInput): Generator<undefined, Prediction> {
  const graph = levelRuns(input);
  yield undefined;
  const urgency = markUrgency(input, graph);
  yield undefined;
  const night = new Night(input, graph, urgency);
  while (night.advance(SLICE)) yield undefined;
  return night.prediction;
}

/** Predicts the night at once. */
export function predict(input: ForecastInput): Prediction {
  const slices = predicting(input);
  for (;;) {
    const next = slices.next();
    if (next.done === true) return next.value;
  }
}

class Night {
  readonly prediction: Prediction;
  readonly #input: ForecastInput;
  readonly #graph: RunGraph;
  readonly #pending: Int32Array;
  readonly #readyAt: Float64Array;
  /** Workers that run it, by place. */
  readonly #on: Int32Array;
  readonly #coming = new InstantHeap();
  readonly #ready: OrderedHeap[];
  readonly #used: number[];
  readonly #held: number[];
  readonly #parked = new Map<number, OrderedHeap>();
  readonly #isFull: boolean[];
  #now: number;
  #lastEnded = -1;

  constructor(input: ForecastInput, graph: RunGraph, urgency: Urgency) {
    const { size } = input;
    this.#input = input;
    this.#graph = graph;
    this.#now = input.at;
    this.#pending = Int32Array.from(graph.pending);
    this.#readyAt = new Float64Array(size);
    this.#on = new Int32Array(size).fill(-1);
    this.#ready = input.classes.map(() => this.#heap());
    this.#isFull = input.classes.map(() => false);
    this.#used = input.workers.map(() => 0);
    this.#held = input.limits.map(() => 0);
    this.prediction = {
      ...urgency,
      start: new Float64Array(size).fill(Infinity),
      end: new Float64Array(size).fill(Infinity),
      cause: new Int32Array(size).fill(-1),
    };
    for (let i = 0; i < size; i++) this.#begin(i);
    this.#dispatch();
  }

  /** Lets so many things happen; false when nothing more will. */
  advance(count: number): boolean {
    for (let left = count; left > 0;) {
      const at = this.#coming.first;
      if (at === undefined) return false;
      this.#now = Math.max(this.#now, at);
      for (; this.#coming.first !== undefined && this.#coming.first <= this.#now; left--) {
        const what = this.#coming.pop() ?? 0;
        if (what % 2 === READY) this.#becomeReady(what >> 1);
        else this.#finish(what >> 1);
      }
      this.#dispatch();
    }
    return true;
  }

  #heap(): OrderedHeap {
    return new OrderedHeap((a, b) => this.#isBefore(a, b));
  }

  /** As the kernel orders what is ready. */
  #isBefore(a: number, b: number): boolean {
    const { isBackfill, instant } = this.#input;
    const { priority, startBy } = this.prediction;
    if (isBackfill[a] !== isBackfill[b]) return isBackfill[a] === 0;
    if (priority[a] !== priority[b]) return (priority[a] ?? 0) > (priority[b] ?? 0);
    if (startBy[a] !== startBy[b]) return (startBy[a] ?? 0) < (startBy[b] ?? 0);
    return instant[a] === instant[b] ? a < b : (instant[a] ?? 0) < (instant[b] ?? 0);
  }

  #begin(i: number): void {
    const { stands, from, leftMs, at } = this.#input;
    if (stands[i] === STANDS.running) {
      this.#occupy(i, this.#workersFor(i) ?? -1);
      this.prediction.start[i] = from[i] ?? at;
      this.#endAt(i, at + (leftMs[i] ?? 0));
    } else if (stands[i] === STANDS.queued) this.#becomeReady(i);
    else if (this.#pending[i] === 0) this.#comeAt(i, Math.max(at, from[i] ?? 0));
  }

  #comeAt(i: number, at: number): void {
    this.#coming.push(at, i * 2 + READY);
  }

  #endAt(i: number, at: number): void {
    this.prediction.end[i] = at;
    this.#coming.push(at, i * 2 + END);
  }

  #becomeReady(i: number): void {
    this.#readyAt[i] = this.#now;
    if (this.#input.typicalMs[i] === 0) {
      // It counts as done elsewhere: nothing runs.
      this.prediction.start[i] = this.#now;
      this.#endAt(i, this.#now);
      return;
    }
    this.#ready[this.#classOf(i)]?.push(i);
  }

  #classOf(i: number): number {
    return this.#input.jobs[this.#input.job[i] ?? 0]?.class ?? 0;
  }

  #finish(i: number): void {
    const { jobs, job, from } = this.#input;
    const { downs, downsFrom } = this.#graph;
    this.#release(i);
    for (const limit of this.#on[i] === -1 ? [] : (jobs[job[i] ?? 0]?.limits ?? [])) this.#loosen(limit);
    this.#lastEnded = i;
    for (let d = downsFrom[i] ?? 0, end = downsFrom[i + 1] ?? 0; d < end; d++) {
      const down = downs[d] ?? 0;
      const pending = (this.#pending[down] ?? 0) - 1;
      this.#pending[down] = pending;
      this.prediction.cause[down] = i;
      if (pending === 0) this.#comeAt(down, Math.max(this.#now, from[down] ?? 0));
    }
  }

  #release(i: number): void {
    const on = this.#on[i] ?? -1;
    if (on < 0) return;
    this.#used[on] = (this.#used[on] ?? 0) - (this.#input.classes[this.#classOf(i)]?.slots ?? 1);
    this.#isFull.fill(false);
  }

  #loosen(limit: number): void {
    this.#held[limit] = (this.#held[limit] ?? 0) - 1;
    const next = this.#parked.get(limit)?.pop();
    if (next !== undefined) this.#ready[this.#classOf(next)]?.push(next);
  }

  /** Starts what can start now, in order, over all classes. */
  #dispatch(): void {
    for (;;) {
      const next = this.#next();
      if (next === -1) return;
      const on = this.#workersFor(next);
      const place = this.#classOf(next);
      if (on === null) {
        this.#isFull[place] = true;
        continue;
      }
      this.#ready[place]?.pop();
      if (!this.#park(next)) this.#start(next, on);
    }
  }

  #next(): number {
    let best = -1;
    for (let place = 0; place < this.#ready.length; place++) {
      const first = this.#isFull[place] === true ? undefined : this.#ready[place]?.first;
      if (first !== undefined && (best === -1 || this.#isBefore(first, best))) best = first;
    }
    return best;
  }

  /** Workers with room for the run, those with most of it; null when none has. */
  #workersFor(i: number): number | null {
    const { classes, workers } = this.#input;
    const own = classes[this.#classOf(i)];
    let best: number | null = null;
    let most = (own?.slots ?? 1) - 1;
    for (const place of own?.workers ?? []) {
      const free = (workers[place]?.slots ?? 0) - (this.#used[place] ?? 0);
      if (free > most) [best, most] = [place, free];
    }
    return best;
  }

  #park(i: number): boolean {
    const { jobs, job, limits } = this.#input;
    for (const limit of jobs[job[i] ?? 0]?.limits ?? []) {
      if ((this.#held[limit] ?? 0) < (limits[limit] ?? 0)) continue;
      const parked = this.#parked.get(limit) ?? this.#heap();
      this.#parked.set(limit, parked);
      parked.push(i);
      return true;
    }
    return false;
  }

  #occupy(i: number, on: number): void {
    const { classes, jobs, job } = this.#input;
    this.#on[i] = on === -1 ? NEVER : on;
    if (on >= 0) this.#used[on] = (this.#used[on] ?? 0) + (classes[this.#classOf(i)]?.slots ?? 1);
    for (const limit of jobs[job[i] ?? 0]?.limits ?? []) this.#held[limit] = (this.#held[limit] ?? 0) + 1;
  }

  #start(i: number, on: number): void {
    this.#occupy(i, on);
    this.prediction.start[i] = this.#now;
    if (this.#now > (this.#readyAt[i] ?? 0)) this.prediction.cause[i] = this.#lastEnded;
    else if (this.#now <= (this.#input.from[i] ?? 0)) this.prediction.cause[i] = -1;
    this.#endAt(i, this.#now + (this.#input.typicalMs[i] ?? 0));
  }
}
