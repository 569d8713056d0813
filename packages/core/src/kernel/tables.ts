/**
 * The live runs and the links between them, as columns of typed arrays. A hundred thousand runs wait at once
 * on a bad night, and each upstream's end walks its links: columns cost a third of what objects do and give
 * the collector nothing to scan (notes in docs/decisions/0014). Rows are numbers; a freed row is used again.
 *
 * A row is a run (job, slot), or a stub: a slot that something waits for and that is not due yet. A side
 * generation has a row of its own, flagged SIDE, beside the row of its run.
 */
import { PHASE } from './codes.js';

const FIRST_CAPACITY = 256;
export const NONE = -1;

/** The run has a row in the store. */
export const STORED = 1;
/** It is one that selectors see: it was due by schedule or pace, or a plan made it. */
export const COUNTS = 2;
export const AD_HOC = 4;
/** A row of a side generation; `owner` of its extra is the run's own row. */
export const SIDE = 8;
/** It has claimed an attempt once, so its bindings are frozen. */
export const CLAIMED = 16;
/** Its own time has not come: counted in `pending`. */
export const TIME_GATE = 32;
/** It obeys no gate. */
export const BYPASS = 64;
/** There is an entry of `extras`. */
export const EXTRA = 128;

export class RunTable {
  job = new Int32Array(FIRST_CAPACITY);
  instant = new Float64Array(FIRST_CAPACITY);
  start = new Float64Array(FIRST_CAPACITY);
  end = new Float64Array(FIRST_CAPACITY);
  zone = new Uint16Array(FIRST_CAPACITY);
  flags = new Uint8Array(FIRST_CAPACITY);
  /** Phase of the newest main generation (of a SIDE row: of that generation). */
  phase = new Uint8Array(FIRST_CAPACITY);
  /** When the phase began; for an ended run, when it ended. */
  since = new Float64Array(FIRST_CAPACITY);
  /** 1 + index into END_REASONS; 0 is none. */
  reason = new Uint8Array(FIRST_CAPACITY);
  /** Number of the generation the phase is of. */
  generation = new Uint16Array(FIRST_CAPACITY);
  /** Highest generation number of the run, either track; on the run's own row. */
  lastGeneration = new Uint16Array(FIRST_CAPACITY);
  trigger = new Uint8Array(FIRST_CAPACITY);
  /** Attempts of the whole run; on the run's own row. */
  attempts = new Int32Array(FIRST_CAPACITY);
  /** Attempts of this generation that counted. */
  tries = new Uint16Array(FIRST_CAPACITY);
  /** Its own; `effective` is what counts. */
  priority = new Int16Array(FIRST_CAPACITY);
  /** The highest of its own priority and of those of the runs that wait for it. A cache. */
  effective = new Int16Array(FIRST_CAPACITY);
  /** Minute since the epoch by which it must start for its commitments to be met; 0 without one. */
  startBy = new Int32Array(FIRST_CAPACITY);
  /** Links, quorums and the time gate that are not met; the run is free to queue at 0. A cache. */
  pending = new Int32Array(FIRST_CAPACITY);
  /** First link that leads to a downstream; NONE when there is none. */
  outHead = new Int32Array(FIRST_CAPACITY);
  /** First link that comes from an upstream. */
  inHead = new Int32Array(FIRST_CAPACITY);
  /** Rows ever used; rows at and above it are free. */
  length = 0;
  live = 0;
  readonly #free: number[] = [];

  /** A cleared row of that job. */
  add(job: number): number {
    const r = this.#free.pop() ?? this.length++;
    if (r >= this.job.length) this.#grow();
    this.job[r] = job;
    this.flags[r] = 0;
    this.phase[r] = PHASE.none;
    this.since[r] = 0;
    this.reason[r] = 0;
    this.generation[r] = 0;
    this.lastGeneration[r] = 0;
    this.trigger[r] = 0;
    this.attempts[r] = 0;
    this.tries[r] = 0;
    this.priority[r] = 0;
    this.effective[r] = 0;
    this.startBy[r] = 0;
    this.pending[r] = 0;
    this.outHead[r] = NONE;
    this.inHead[r] = NONE;
    this.live++;
    return r;
  }

  /** Gives the row back; nothing may point to it any more. */
  remove(r: number): void {
    this.job[r] = NONE;
    this.live--;
    this.#free.push(r);
  }

  has(r: number, flag: number): boolean {
    return ((this.flags[r] ?? 0) & flag) !== 0;
  }

  set(r: number, flag: number): void {
    this.flags[r] = (this.flags[r] ?? 0) | flag;
  }

  unset(r: number, flag: number): void {
    this.flags[r] = (this.flags[r] ?? 0) & ~flag;
  }

  /** Bytes held by the columns. */
  get bytes(): number {
    return columnsOf(this).reduce((sum, [, column]) => sum + column.byteLength, 0);
  }

  #grow(): void {
    growColumns(this);
  }
}

/** The link is met. */
export const MET = 1;
/** It counts towards a quorum of its run, not by itself. */
export const IN_QUORUM = 2;
/** A waive lets its run go without it. */
export const WAIVED = 4;
/** Its edge's patience is at its end and says `proceed`: the generation goes on without it. */
export const TIMED_OUT = 8;

export class LinkTable {
  up = new Int32Array(FIRST_CAPACITY);
  down = new Int32Array(FIRST_CAPACITY);
  nextOut = new Int32Array(FIRST_CAPACITY);
  nextIn = new Int32Array(FIRST_CAPACITY);
  /** Index into the state's list of edges. */
  edge = new Int32Array(FIRST_CAPACITY);
  flags = new Uint8Array(FIRST_CAPACITY);
  /** Generation of the upstream that the downstream's last success used. */
  consumed = new Uint16Array(FIRST_CAPACITY);
  /** Generation of the upstream that the downstream's latest claim used. */
  claimed = new Uint16Array(FIRST_CAPACITY);
  length = 0;
  live = 0;
  readonly #free: number[] = [];

  /** Links `down` behind `up`; both lists grow at their head. */
  add(runs: RunTable, ends: { readonly up: number; readonly down: number }, edge: number): number {
    const link = this.#free.pop() ?? this.length++;
    if (link >= this.up.length) growColumns(this);
    this.up[link] = ends.up;
    this.down[link] = ends.down;
    this.edge[link] = edge;
    this.flags[link] = 0;
    this.consumed[link] = 0;
    this.claimed[link] = 0;
    this.nextOut[link] = runs.outHead[ends.up] ?? NONE;
    runs.outHead[ends.up] = link;
    this.nextIn[link] = runs.inHead[ends.down] ?? NONE;
    runs.inHead[ends.down] = link;
    this.live++;
    return link;
  }

  /** Takes the link out of both lists. */
  remove(runs: RunTable, link: number): void {
    unlink(runs.outHead, this.nextOut, { head: this.up[link] ?? NONE, link });
    unlink(runs.inHead, this.nextIn, { head: this.down[link] ?? NONE, link });
    this.up[link] = NONE;
    this.live--;
    this.#free.push(link);
  }

  get bytes(): number {
    return columnsOf(this).reduce((sum, [, column]) => sum + column.byteLength, 0);
  }
}

function unlink(
  heads: Int32Array,
  next: Int32Array,
  at: { readonly head: number; readonly link: number },
): void {
  const after = next[at.link] ?? NONE;
  if (heads[at.head] === at.link) {
    heads[at.head] = after;
    return;
  }
  let previous = heads[at.head] ?? NONE;
  while (next[previous] !== at.link) previous = next[previous] ?? NONE;
  next[previous] = after;
}

type Column = Int32Array | Float64Array | Uint16Array | Uint8Array | Int16Array;

function columnsOf(table: object): [string, Column][] {
  return Object.entries(table).filter((entry): entry is [string, Column] => ArrayBuffer.isView(entry[1]));
}

/** Doubles every column. */
function growColumns(table: object): void {
  for (const [name, column] of columnsOf(table)) {
    const Kind = column.constructor as new (length: number) => Column;
    const grown = new Kind(column.length * 2);
    grown.set(column);
    Object.assign(table, { [name]: grown });
  }
}
