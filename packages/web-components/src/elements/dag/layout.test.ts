import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layoutGraph } from './layout.js';
import { inversions, spread } from './spread.js';

const SIZES = { width: 100, height: 20, gapX: 40, gapY: 10 };

/** Acyclic: every edge runs from a smaller number to a larger one. */
const graph = fc.integer({ min: 1, max: 30 }).chain((count) =>
  fc.record({
    count: fc.constant(count),
    edges: fc
      .array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 60 })
      .map((pairs) => pairs.filter(([from, to]) => from < to)),
  }),
);

describe('layoutGraph', () => {
  it('puts every upstream in a column to the left', () => {
    fc.assert(
      fc.property(graph, (input) => {
        const { nodes } = layoutGraph(input, SIZES);
        for (const [from, to] of input.edges) {
          expect(nodes[from]!.x + SIZES.width + SIZES.gapX).toBeLessThanOrEqual(nodes[to]!.x);
        }
      }),
    );
  });

  it('never puts two nodes over each other, nor outside the picture', () => {
    fc.assert(
      fc.property(graph, (input) => {
        const { nodes, width, height } = layoutGraph(input, SIZES);
        for (const [at, a] of nodes.entries()) {
          expect(a.x >= 0 && a.y >= 0 && a.x + SIZES.width <= width && a.y + SIZES.height <= height).toBe(
            true,
          );
          for (const b of nodes.slice(at + 1)) {
            const isApart = Math.abs(a.x - b.x) >= SIZES.width || Math.abs(a.y - b.y) >= SIZES.height;
            expect(isApart).toBe(true);
          }
        }
      }),
    );
  });

  it('draws every edge from its upstream to its downstream, from left to right', () => {
    fc.assert(
      fc.property(graph, (input) => {
        const { nodes, edges } = layoutGraph(input, SIZES);
        expect(edges).toHaveLength(input.edges.length);
        for (const [index, points] of edges.entries()) {
          const [from, to] = input.edges[index]!;
          expect(points[0]).toEqual([nodes[from]!.x + SIZES.width, nodes[from]!.y + SIZES.height / 2]);
          expect(points.at(-1)).toEqual([nodes[to]!.x, nodes[to]!.y + SIZES.height / 2]);
          const xs = points.map(([x]) => x);
          expect([...xs].sort((a, b) => a - b)).toEqual(xs);
        }
      }),
    );
  });

  it('keeps a chain on one line', () => {
    const edges = [0, 1, 2, 3].map((node) => [node, node + 1] as const);
    const { nodes } = layoutGraph({ count: 5, edges }, SIZES);
    expect(new Set(nodes.map(({ y }) => y)).size).toBe(1);
  });

  it('untangles what can be untangled', () => {
    // Drawn in the order of the numbers, these three edges cross each other.
    const edges = [
      [0, 5],
      [1, 4],
      [2, 3],
    ] as const;
    const { nodes } = layoutGraph({ count: 6, edges }, SIZES);
    for (const [from, to] of edges) expect(nodes[from]!.y).toBe(nodes[to]!.y);
  });

  it('pulls a source next to its downstream', () => {
    const edges = [
      [0, 1],
      [1, 2],
      [3, 2],
    ] as const;
    expect(layoutGraph({ count: 4, edges }, SIZES).nodes.map(({ rank }) => rank)).toEqual([0, 1, 2, 1]);
  });

  it('ends on a cycle, and places every node', () => {
    const edges = [
      [0, 1],
      [1, 0],
    ] as const;
    expect(layoutGraph({ count: 2, edges }, SIZES).nodes).toHaveLength(2);
  });

  it('lays out nothing', () => {
    expect(layoutGraph({ count: 0, edges: [] }, SIZES)).toEqual({
      width: 0,
      height: 0,
      nodes: [],
      edges: [],
    });
  });
});

describe('spread', () => {
  it('keeps the order and the room between', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -500, max: 500 }), { maxLength: 20 }), (wishes) => {
        const places = spread(wishes, 10);
        expect(places).toHaveLength(wishes.length);
        for (const [index, place] of places.slice(1).entries()) {
          expect(place - places[index]!).toBeGreaterThanOrEqual(10 - 1e-9);
        }
      }),
    );
  });

  it('gives each its wish when there is room', () => {
    expect(spread([0, 30, 60], 10)).toEqual([0, 30, 60]);
    expect(spread([5, 5], 10)).toEqual([0, 10]);
  });
});

describe('inversions', () => {
  it('counts pairs in falling order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { maxLength: 20 }), (values) => {
        const pairs = values.flatMap((a, at) => values.slice(at + 1).filter((b) => a > b));
        expect(inversions(values)).toBe(pairs.length);
      }),
    );
  });
});
