/**
 * Places the nodes of an acyclic graph in columns, upstreams to the left: longest-path ranks, sources pulled
 * to the right as far as they go, barycentre sweeps against crossings, and rows near the middle of their
 * neighbours. Nodes without edges stand in rows below. The same graph always gets the same picture.
 */
import { inversions, spread } from './spread.js';

/** Nodes are numbers from 0; an edge runs from upstream to downstream. */
export interface LayoutInput {
  readonly count: number;
  readonly edges: readonly (readonly [from: number, to: number])[];
}

/** Sizes in pixels. */
export interface LayoutSizes {
  readonly width: number;
  readonly height: number;
  readonly gapX: number;
  readonly gapY: number;
}

/** Place of a node: its top left corner and its column. */
export interface PlacedNode {
  readonly x: number;
  readonly y: number;
  readonly rank: number;
}

/** The picture. An edge is its points from left to right, of which the inner ones are bends. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly (readonly (readonly [x: number, y: number])[])[];
}

const SWEEPS = 8;
const PLACINGS = 6;

/** A graph in columns: real nodes first, then one bend for each column that an edge passes. */
interface Columns {
  readonly ranks: readonly (readonly number[])[];
  readonly up: readonly (readonly number[])[];
  readonly down: readonly (readonly number[])[];
}

/** Places the graph. Edges of a cycle, which a job graph never has, are drawn but place nothing. */
export function layoutGraph(input: LayoutInput, sizes: LayoutSizes): Layout {
  const linked = new Set(input.edges.flat());
  const loose = Array.from({ length: input.count }, (_, node) => node).filter((node) => !linked.has(node));
  const rank = rankOf(input);
  const { columns, chains } = withBends(input, rank, linked);
  const order = untangle(columns);
  const rowOf = placeRows(columns, order, sizes);

  const step = sizes.width + sizes.gapX;
  const top = Math.min(0, ...rowOf.filter((row) => row !== undefined));
  const places = rowOf.map((row) => row - top);
  const bottom = Math.max(0, ...[...linked].map((node) => (places[node] ?? 0) + sizes.height));
  const nodes: PlacedNode[] = Array.from({ length: input.count }, (_, node) => {
    const column = rank[node] ?? 0;
    return { x: column * step, y: places[node] ?? 0, rank: column };
  });
  const perRow = Math.max(4, columns.ranks.length);
  for (const [index, node] of loose.entries()) {
    const below = bottom === 0 ? 0 : bottom + sizes.gapY * 3;
    const x = (index % perRow) * step;
    const y = below + Math.floor(index / perRow) * (sizes.height + sizes.gapY);
    nodes[node] = { x, y, rank: index % perRow };
  }
  const edges = chains.map((chain) => pointsOf(chain, { nodes, places, rank, count: input.count }, sizes));
  return {
    width: Math.max(0, ...nodes.map(({ x }) => x + sizes.width)),
    height: Math.max(0, ...nodes.map(({ y }) => y + sizes.height), ...edges.flat().map(([, y]) => y)),
    nodes,
    edges,
  };
}

/** Longest path from a source; then each source moves next to its nearest downstream. */
function rankOf({ count, edges }: LayoutInput): number[] {
  const up = listsOf(
    count,
    edges.map(([from, to]) => [to, from] as const),
  );
  const down = listsOf(count, edges);
  const waiting = up.map((list) => list.length);
  const rank = new Array<number>(count).fill(0);
  const ready = waiting.flatMap((open, node) => (open === 0 ? [node] : []));
  for (let at = 0; at < ready.length; at++) {
    const node = ready[at] ?? 0;
    for (const next of down[node] ?? []) {
      rank[next] = Math.max(rank[next] ?? 0, (rank[node] ?? 0) + 1);
      waiting[next] = (waiting[next] ?? 0) - 1;
      if (waiting[next] === 0) ready.push(next);
    }
  }
  for (const [node, list] of up.entries()) {
    const nearest = Math.min(...(down[node] ?? []).map((next) => rank[next] ?? 0));
    if (list.length === 0 && Number.isFinite(nearest)) rank[node] = Math.max(0, nearest - 1);
  }
  return rank;
}

function listsOf(count: number, edges: LayoutInput['edges']): number[][] {
  const lists: number[][] = Array.from({ length: count }, () => []);
  for (const [from, to] of edges) lists[from]?.push(to);
  return lists;
}

/** Gives each edge a bend in every column between its ends; `chains` are the edges with their bends. */
function withBends(input: LayoutInput, rank: number[], linked: ReadonlySet<number>) {
  const ranks: number[][] = [];
  const put = (node: number, column: number) => (ranks[column] ??= []).push(node);
  for (const node of linked) put(node, rank[node] ?? 0);
  const short: (readonly [number, number])[] = [];
  let size = input.count;
  const chains = input.edges.map(([from, to]) => {
    const chain = [from];
    for (let column = (rank[from] ?? 0) + 1; column < (rank[to] ?? 0); column++) {
      rank[size] = column;
      put(size, column);
      chain.push(size++);
    }
    chain.push(to);
    for (const [index, node] of chain.slice(1).entries()) short.push([chain[index] ?? from, node]);
    return chain;
  });
  const columns: Columns = {
    ranks: Array.from(ranks, (column) => column ?? []),
    up: listsOf(
      size,
      short.map(([from, to]) => [to, from] as const),
    ),
    down: listsOf(size, short),
  };
  return { columns, chains };
}

/** Orders each column by the middle of its neighbours, back and forth, and keeps the best order seen. */
function untangle({ ranks, up, down }: Columns): readonly (readonly number[])[] {
  let order = ranks.map((column) => [...column]);
  let best = order;
  let fewest = crossings(order, down);
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep++) {
    const isForward = sweep % 2 === 0;
    const neighbours = isForward ? up : down;
    order = order.map((column) => [...column]);
    const indexes = order.map((_, index) => (isForward ? index : order.length - 1 - index));
    const place = new Map<number, number>(order.flatMap((column) => column.map((node, at) => [node, at])));
    for (const index of indexes) {
      const column = order[index] ?? [];
      const middle = new Map(column.map((node) => [node, mean(neighbours[node] ?? [], place)]));
      column.sort((a, b) => (middle.get(a) ?? 0) - (middle.get(b) ?? 0));
      for (const [at, node] of column.entries()) place.set(node, at);
    }
    const count = crossings(order, down);
    if (count < fewest) [fewest, best] = [count, order];
  }
  return best;

  function mean(nodes: readonly number[], place: ReadonlyMap<number, number>): number {
    if (nodes.length === 0) return 0;
    return nodes.reduce((sum, node) => sum + (place.get(node) ?? 0), 0) / nodes.length;
  }
}

/** How many pairs of edges between neighbouring columns cross. */
function crossings(order: readonly (readonly number[])[], down: Columns['down']): number {
  let count = 0;
  for (const [index, column] of order.entries()) {
    const place = new Map((order[index + 1] ?? []).map((node, at) => [node, at]));
    const ends = column.flatMap((node) =>
      (down[node] ?? []).map((next) => place.get(next) ?? 0).sort((a, b) => a - b),
    );
    count += inversions(ends);
  }
  return count;
}

/** Top of each node: near the middle of its neighbours, in order, with room between. */
function placeRows(
  { up, down }: Columns,
  order: readonly (readonly number[])[],
  sizes: LayoutSizes,
): number[] {
  const rows: number[] = [];
  const pitch = sizes.height + sizes.gapY;
  for (const column of order) for (const [at, node] of column.entries()) rows[node] = at * pitch;
  for (let placing = 0; placing < PLACINGS; placing++) {
    const isForward = placing % 2 === 0;
    const neighbours = isForward ? up : down;
    for (const column of isForward ? order : [...order].reverse()) {
      const wanted = column.map((node) => {
        const near = neighbours[node] ?? [];
        if (near.length === 0) return rows[node] ?? 0;
        return near.reduce((sum, other) => sum + (rows[other] ?? 0), 0) / near.length;
      });
      for (const [at, row] of spread(wanted, pitch).entries()) rows[column[at] ?? 0] = Math.round(row);
    }
  }
  return rows;
}

interface Placed {
  readonly nodes: readonly PlacedNode[];
  readonly places: readonly number[];
  readonly rank: readonly number[];
  readonly count: number;
}

function pointsOf(
  chain: readonly number[],
  placed: Placed,
  sizes: LayoutSizes,
): (readonly [number, number])[] {
  const step = sizes.width + sizes.gapX;
  const last = chain.length - 1;
  return chain.flatMap((node, index): (readonly [number, number])[] => {
    const column = placed.rank[node] ?? 0;
    const y = (placed.places[node] ?? 0) + sizes.height / 2;
    const left = column * step;
    if (index === 0) return [[left + sizes.width, y]];
    if (index === last) return [[left, y]];
    // A bend runs straight through its column, so that it passes between the nodes there.
    return [
      [left, y],
      [left + sizes.width, y],
    ];
  });
}
