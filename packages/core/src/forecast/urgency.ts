/** Who waits for whom, and by when each run must start: from the commitments back to what they hang on. */
import { STANDS } from '../kernel/index.js';
import type { ForecastInput } from '../kernel/index.js';

/** Downstreams of each run, and an order in which upstreams come first. */
export interface RunGraph {
  /** Upstreams of each run that are not done, those without hope included. */
  readonly pending: Int32Array;
  readonly downsFrom: Int32Array;
  readonly downs: Int32Array;
  readonly order: Int32Array;
}

/** How urgent each run is. */
export interface Urgency {
  readonly priority: Int16Array;
  /** Latest start for the commitments that hang on it to be met; Infinity when none does. */
  readonly startBy: Float64Array;
  /** The same for its end. */
  readonly endBy: Float64Array;
}

/** Turns the upstream lists around. */
export function levelRuns({ size, ups, upsFrom }: ForecastInput): RunGraph {
  const pending = new Int32Array(size);
  const downsFrom = new Int32Array(size + 1);
  for (const up of ups) if (up >= 0) downsFrom[up + 1] = (downsFrom[up + 1] ?? 0) + 1;
  for (let i = 0; i < size; i++) downsFrom[i + 1] = (downsFrom[i + 1] ?? 0) + (downsFrom[i] ?? 0);
  const downs = new Int32Array(downsFrom[size] ?? 0);
  const next = Int32Array.from(downsFrom);
  for (let i = 0; i < size; i++) {
    for (let u = upsFrom[i] ?? 0; u < (upsFrom[i + 1] ?? 0); u++) {
      pending[i] = (pending[i] ?? 0) + 1;
      const up = ups[u] ?? -1;
      if (up < 0) continue;
      downs[next[up] ?? 0] = i;
      next[up] = (next[up] ?? 0) + 1;
    }
  }
  return { pending, downsFrom, downs, order: upstreamFirst({ size, downsFrom, downs }, ups, upsFrom) };
}

function upstreamFirst(
  graph: { readonly size: number; readonly downsFrom: Int32Array; readonly downs: Int32Array },
  ups: Int32Array,
  upsFrom: Int32Array,
): Int32Array {
  const { size, downsFrom, downs } = graph;
  const open = new Int32Array(size);
  const order = new Int32Array(size);
  let length = 0;
  for (let i = 0; i < size; i++) {
    for (let u = upsFrom[i] ?? 0; u < (upsFrom[i + 1] ?? 0); u++) {
      if ((ups[u] ?? -1) >= 0) open[i] = (open[i] ?? 0) + 1;
    }
    if (open[i] === 0) order[length++] = i;
  }
  for (let at = 0; at < length; at++) {
    const i = order[at] ?? 0;
    for (let d = downsFrom[i] ?? 0; d < (downsFrom[i + 1] ?? 0); d++) {
      const down = downs[d] ?? 0;
      open[down] = (open[down] ?? 0) - 1;
      if (open[down] === 0) order[length++] = down;
    }
  }
  return order.subarray(0, length);
}

/** Hands priorities and latest starts back from each run to those it waits for. */
export function markUrgency(input: ForecastInput, { order }: RunGraph): Urgency {
  const { size, ups, upsFrom, typicalMs, leftMs, stands, commitments } = input;
  const priority = Int16Array.from(input.priority);
  const endBy = new Float64Array(size).fill(Infinity);
  const startBy = new Float64Array(size).fill(Infinity);
  for (const { due, runs } of commitments)
    for (const run of runs) endBy[run] = Math.min(endBy[run] ?? Infinity, due);
  for (let at = order.length - 1; at >= 0; at--) {
    const i = order[at] ?? 0;
    const isRunning = stands[i] === STANDS.running;
    startBy[i] = (endBy[i] ?? Infinity) - ((isRunning ? leftMs : typicalMs)[i] ?? 0);
    for (let u = upsFrom[i] ?? 0; u < (upsFrom[i + 1] ?? 0); u++) {
      const up = ups[u] ?? -1;
      if (up < 0) continue;
      endBy[up] = Math.min(endBy[up] ?? Infinity, startBy[i] ?? Infinity);
      // A run to come hands nothing down before it is there.
      if (stands[i] !== STANDS.future) priority[up] = Math.max(priority[up] ?? 0, priority[i] ?? 0);
    }
  }
  return { priority, startBy, endBy };
}
