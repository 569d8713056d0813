/**
 * The jobs of an estate as a directed graph over node numbers, in compressed arrays: 1,000,000 nodes take
 * some tens of megabytes, and a walk costs one array read per edge. Names are looked up at the edge of the
 * module only. Nothing recurses, so a chain of any length is fine. Edges run from upstream to downstream.
 * Lists are sorted by node number and free of duplicates, so every answer is the same for the same jobs
 * whatever the order in which their edges came.
 */
import { assert, must } from '../model/assert.js';
import { SchedulerError } from '../model/errors.js';

/** A graph that never changes. */
export interface JobGraph {
  /** Number of nodes; nodes are 0 to `size - 1`. */
  readonly size: number;
  readonly names: readonly string[];
  /** Number of the node of that name, or -1. */
  indexOf(name: string): number;
  /** Nodes that `node` waits for, ascending. A view into the graph: read it, never write it. */
  upstream(node: number): Int32Array;
  /** Nodes that wait for `node`, ascending. A view into the graph: read it, never write it. */
  downstream(node: number): Int32Array;
}

/**
 * Builds the graph of `names` (each once) with `edges` from upstream to downstream. An edge given twice
 * counts once. An edge from a node to itself is a cycle of one: leave out the edges of jobs to their own
 * previous slot. Node numbers outside `names` and repeated names are bugs of the caller.
 */
export function buildGraph(
  names: readonly string[],
  edges: Iterable<readonly [from: number, to: number]>,
): JobGraph {
  const size = names.length;
  const from: number[] = [];
  const to: number[] = [];
  for (const [source, target] of edges) {
    assert(isNode(source, size) && isNode(target, size), `edge ${source} -> ${target} outside ${size} nodes`);
    from.push(source);
    to.push(target);
  }
  // Turning rows around visits their nodes in ascending order, so each turn leaves sorted rows behind.
  const unsorted = rowsOf(size, to, from);
  const downstream = turnRows(size, unsorted);
  const upstream = turnRows(size, downstream);
  return makeGraph(names, upstream, downstream);
}

/**
 * All nodes, upstream before downstream, or null when the graph has a cycle. Of the nodes that are free at
 * the same time the lowest number comes first. The caller owns the array.
 */
export function topologicalOrder(graph: JobGraph): Int32Array | null {
  const { order, count } = orderOf(graph);
  return count === graph.size ? order.slice() : null;
}

/**
 * Names along one cycle, in the direction of the edges, the first again as the last; null without a cycle.
 * The lowest node of the cycle comes first.
 */
export function findCycle(graph: JobGraph): string[] | null {
  const { rank, count } = orderOf(graph);
  if (count === graph.size) return null;
  // Every node that Kahn's order left over has an upstream that is left over too: going up ends in a cycle.
  let node = rank.indexOf(-1);
  const seenAt = new Int32Array(graph.size).fill(-1);
  const walk: number[] = [];
  while (seenAt[node] === -1) {
    seenAt[node] = walk.length;
    walk.push(node);
    node = must(
      graph.upstream(node).find((up) => rank[up] === -1),
      'upstream on the cycle',
    );
  }
  const cycle = walk.slice(seenAt[node]).reverse();
  const lowest = cycle.indexOf(cycle.reduce((low, one) => Math.min(low, one)));
  const rotated = [...cycle.slice(lowest), ...cycle.slice(0, lowest)];
  return [...rotated, must(rotated[0], 'node on the cycle')].map((one) => nameOf(graph, one));
}

/** Throws GRAPH_CYCLE with one cycle's path when the graph has any. */
export function assertAcyclic(graph: JobGraph): void {
  const path = findCycle(graph);
  if (path)
    throw new SchedulerError('GRAPH_CYCLE', `jobs wait for each other: ${path.join(' -> ')}`, { path });
}

/**
 * The nodes of `from` and everything upstream (`up`) or downstream (`down`) of them, at most `depth` edges
 * away (default: all). Upstream first; nodes on or behind a cycle come last, by number.
 */
export function closure(
  graph: JobGraph,
  from: Iterable<number>,
  direction: 'up' | 'down',
  depth = Number.POSITIVE_INFINITY,
): Int32Array {
  const seen = new Uint8Array(graph.size);
  const reached: number[] = [];
  const visit = (node: number) => {
    if (seen[node] === 1) return;
    seen[node] = 1;
    reached.push(node);
  };
  for (const node of from) {
    assert(isNode(node, graph.size), `node ${node} outside ${graph.size} nodes`);
    visit(node);
  }
  let done = 0;
  for (let level = 0; level < depth && done < reached.length; level++) {
    const levelEnd = reached.length;
    for (; done < levelEnd; done++) {
      const node = must(reached[done], 'reached node');
      for (const next of direction === 'up' ? graph.upstream(node) : graph.downstream(node)) visit(next);
    }
  }
  return inOrder(graph, reached);
}

/** Puts nodes upstream first, also where the path between two of them leads outside. */
export function inOrder(graph: JobGraph, nodes: Iterable<number>): Int32Array {
  const { rank, order, count } = orderOf(graph);
  // Nodes without a rank stand on or behind a cycle; they follow, by number.
  const keys = Float64Array.from(nodes, (node) => {
    const at = rank[node] ?? -1;
    return at === -1 ? count + node : at;
  }).sort();
  return Int32Array.from(keys, (key) => (key < count ? (order[key] ?? 0) : key - count));
}

/**
 * For each node the number of edges of the longest path that ends in it; 0 where nothing is upstream.
 * Throws GRAPH_CYCLE.
 */
export function levels(graph: JobGraph): Int32Array {
  assertAcyclic(graph);
  const level = new Int32Array(graph.size);
  for (const node of orderOf(graph).order) {
    const next = (level[node] ?? 0) + 1;
    for (const down of graph.downstream(node)) {
      if ((level[down] ?? 0) < next) level[down] = next;
    }
  }
  return level;
}

/**
 * The path with the greatest sum of node weights (weights are not negative), upstream first; of equal ones
 * the one through the lowest numbers. Throws GRAPH_CYCLE.
 */
export function criticalPath(
  graph: JobGraph,
  weight: (node: number) => number,
): { readonly length: number; readonly path: number[] } {
  assertAcyclic(graph);
  const total = new Float64Array(graph.size);
  const before = new Int32Array(graph.size).fill(-1);
  let last = -1;
  for (const node of orderOf(graph).order) {
    let longest = 0;
    for (const up of graph.upstream(node)) {
      const through = total[up] ?? 0;
      if (before[node] !== -1 && through <= longest) continue;
      longest = through;
      before[node] = up;
    }
    total[node] = longest + weight(node);
    const best = last === -1 ? Number.NEGATIVE_INFINITY : (total[last] ?? 0);
    if ((total[node] ?? 0) > best || (total[node] === best && node < last)) last = node;
  }
  const path: number[] = [];
  for (let node = last; node !== -1; node = before[node] ?? -1) path.push(node);
  return { length: last === -1 ? 0 : (total[last] ?? 0), path: path.reverse() };
}

interface Rows {
  /** Row of node n is `items[starts[n]]` to `items[starts[n + 1] - 1]`. */
  readonly starts: Int32Array;
  readonly items: Int32Array;
}

function makeGraph(names: readonly string[], upstream: Rows, downstream: Rows): JobGraph {
  let numbers: Map<string, number> | null = null;
  return {
    size: names.length,
    names,
    // Many graphs are only walked, and the map is by far the dearest part: it waits for the first question.
    indexOf: (name) => (numbers ??= numberNames(names)).get(name) ?? -1,
    upstream: (node) => row(upstream, node),
    downstream: (node) => row(downstream, node),
  };
}

function numberNames(names: readonly string[]): Map<string, number> {
  const numbers = new Map<string, number>();
  names.forEach((name, node) => {
    assert(!numbers.has(name), `two nodes are named ${name}`);
    numbers.set(name, node);
  });
  return numbers;
}

function row(rows: Rows, node: number): Int32Array {
  const start = rows.starts[node];
  const end = rows.starts[node + 1];
  assert(start !== undefined && end !== undefined, `no node ${node}`);
  return rows.items.subarray(start, end);
}

/** Groups `items` by `keys`, each row in the order of arrival. */
function rowsOf(size: number, keys: readonly number[], items: readonly number[]): Rows {
  const starts = new Int32Array(size + 1);
  for (const key of keys) starts[key + 1] = (starts[key + 1] ?? 0) + 1;
  for (let node = 0; node < size; node++) starts[node + 1] = (starts[node + 1] ?? 0) + (starts[node] ?? 0);
  const fill = starts.slice();
  const out = new Int32Array(items.length);
  for (let edge = 0; edge < keys.length; edge++) {
    const key = keys[edge] ?? 0;
    const at = fill[key] ?? 0;
    out[at] = items[edge] ?? 0;
    fill[key] = at + 1;
  }
  return { starts, items: out };
}

/** Rows of the reversed edges, ascending, without repetitions. */
function turnRows(size: number, rows: Rows): Rows {
  const counts = new Int32Array(size + 1);
  const last = new Int32Array(size).fill(-1);
  const each = (visit: (key: number, item: number) => void) => {
    last.fill(-1);
    for (let node = 0; node < size; node++) {
      for (const key of row(rows, node)) {
        if (last[key] === node) continue;
        last[key] = node;
        visit(key, node);
      }
    }
  };
  each((key) => {
    counts[key + 1] = (counts[key + 1] ?? 0) + 1;
  });
  for (let node = 0; node < size; node++) counts[node + 1] = (counts[node + 1] ?? 0) + (counts[node] ?? 0);
  const starts = counts.slice();
  const items = new Int32Array(starts[size] ?? 0);
  each((key, item) => {
    const at = counts[key] ?? 0;
    items[at] = item;
    counts[key] = at + 1;
  });
  return { starts, items };
}

interface Order {
  /** The first `count` elements are the order; the rest is unused. */
  readonly order: Int32Array;
  /** Position of each node in `order`; -1 on or behind a cycle. */
  readonly rank: Int32Array;
  readonly count: number;
}

/** A graph never changes, so its order is worked out once. */
const orders = new WeakMap<JobGraph, Order>();

function orderOf(graph: JobGraph): Order {
  const known = orders.get(graph);
  if (known) return known;
  const waitsFor = new Int32Array(graph.size);
  const free = new NodeHeap(graph.size);
  for (let node = 0; node < graph.size; node++) {
    waitsFor[node] = graph.upstream(node).length;
    if (waitsFor[node] === 0) free.push(node);
  }
  const order = new Int32Array(graph.size);
  const rank = new Int32Array(graph.size).fill(-1);
  let count = 0;
  for (let node = free.pop(); node !== -1; node = free.pop()) {
    rank[node] = count;
    order[count++] = node;
    for (const down of graph.downstream(node)) {
      const left = (waitsFor[down] ?? 0) - 1;
      waitsFor[down] = left;
      if (left === 0) free.push(down);
    }
  }
  const made = { order, rank, count };
  orders.set(graph, made);
  return made;
}

/** Gives back the lowest node first. */
class NodeHeap {
  readonly #nodes: Int32Array;
  #size = 0;

  constructor(capacity: number) {
    this.#nodes = new Int32Array(capacity);
  }

  push(node: number): void {
    const nodes = this.#nodes;
    let at = this.#size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = nodes[parent] ?? 0;
      if (above <= node) break;
      nodes[at] = above;
      at = parent;
    }
    nodes[at] = node;
  }

  /** The lowest node, or -1 when there is none. */
  pop(): number {
    if (this.#size === 0) return -1;
    const nodes = this.#nodes;
    const top = nodes[0] ?? -1;
    const last = nodes[--this.#size] ?? -1;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && (nodes[child + 1] ?? 0) < (nodes[child] ?? 0)) child += 1;
      if ((nodes[child] ?? 0) >= last) break;
      nodes[at] = nodes[child] ?? 0;
      at = child;
    }
    nodes[at] = last;
    return top;
  }
}

const isNode = (node: number, size: number) => Number.isInteger(node) && node >= 0 && node < size;
const nameOf = (graph: JobGraph, node: number) => must(graph.names[node], 'name of a node');
