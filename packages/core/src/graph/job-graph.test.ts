import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JobGraph } from './job-graph.js';
import {
  buildGraph,
  closure,
  criticalPath,
  findCycle,
  inOrder,
  levels,
  topologicalOrder,
} from './job-graph.js';

/** `a>b b>c` : names in order of appearance. */
function graphOf(text: string): JobGraph {
  const pairs = text
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => word.split('>'));
  const names = [...new Set(pairs.flat())];
  const edges = pairs
    .filter((pair) => pair.length === 2)
    .map(([from, to]) => [names.indexOf(from!), names.indexOf(to!)] as const);
  return buildGraph(names, edges);
}

const named = (graph: JobGraph, nodes: Iterable<number>) =>
  Array.from(nodes, (node) => graph.names[node]).join(' ');

describe('rows', () => {
  const graph = graphOf('a b c d c>d a>d b>d a>d d>a');

  test.each([
    ['upstream ascending, each once', graph.upstream(3), [0, 1, 2]],
    ['downstream of a job with two edges to the same', graph.downstream(0), [3]],
    ['upstream of a job on a cycle', graph.upstream(0), [3]],
    ['no upstream', graph.upstream(1), []],
  ])('%s', (_, found, expected) => expect([...found]).toEqual(expected));

  test('a name that is not there is -1', () => {
    expect([graph.indexOf('c'), graph.indexOf('zz')]).toEqual([2, -1]);
  });

  test('an edge out of range and a repeated name are bugs', () => {
    expect(() => buildGraph(['a'], [[0, 1]])).toThrow('outside 1 nodes');
    expect(() => buildGraph(['a'], [[0.5, 0]])).toThrow('outside 1 nodes');
    expect(() => buildGraph(['a', 'a'], []).indexOf('a')).toThrow('two nodes are named a');
    expect(() => graph.upstream(4)).toThrow('no node 4');
    expect(() => closure(graph, [4], 'up')).toThrow('outside 4 nodes');
  });
});

describe('topologicalOrder', () => {
  test.each([
    ['a chain', 'c>b b>a', 'c b a'],
    ['a diamond, ties by number', 'a>b a>c b>d c>d', 'a b c d'],
    ['the lowest free node first, not the first freed', 'd a b c d>b', 'd a b c'],
    ['nothing', '', ''],
  ])('%s', (_, text, expected) => {
    const graph = graphOf(text);
    expect(named(graph, topologicalOrder(graph)!)).toBe(expected);
  });

  test('a cycle has no order', () => expect(topologicalOrder(graphOf('a>b b>a'))).toBeNull());

  test('the caller may change what it was given', () => {
    const graph = graphOf('a>b');
    topologicalOrder(graph)!.fill(7);
    expect([...topologicalOrder(graph)!]).toEqual([0, 1]);
  });
});

describe('findCycle', () => {
  test.each([
    ['none', 'a>b a>c b>c', null],
    ['a job that waits for itself', 'a>a', ['a', 'a']],
    ['two', 'x>a a>b b>a b>y', ['a', 'b', 'a']],
    ['in the direction of the edges', 'a>b b>c c>d d>b d>e e>f', ['b', 'c', 'd', 'b']],
    ['seen from nodes behind it', 'z a>z b>c c>b c>a', ['b', 'c', 'b']],
  ])('%s', (_, text, expected) => expect(findCycle(graphOf(text))).toEqual(expected));
});

describe('closure', () => {
  const graph = graphOf('a>b b>c c>d b>e x>c');
  test.each([
    ['all upstream', 'c', 'up', undefined, 'a b x c'],
    ['one level up', 'c', 'up', 1, 'b x c'],
    ['all downstream', 'b', 'down', undefined, 'b e c d'],
    ['one level down', 'b', 'down', 1, 'b e c'],
    ['depth 0 is the node itself', 'b', 'down', 0, 'b'],
    ['of two', 'd,a', 'up', 1, 'a c d'],
  ] as const)('%s', (_, from, direction, depth, expected) => {
    const nodes = from.split(',').map((name) => graph.indexOf(name));
    const found = closure(graph, nodes, direction, depth);
    expect(named(graph, found).split(' ').sort()).toEqual(expected.split(' ').sort());
    expect(named(graph, found)).toBe(named(graph, inOrder(graph, found)));
  });

  test('order holds across a node that is left out', () => {
    const chain = graphOf('c b a a>b b>c');
    expect(named(chain, inOrder(chain, [0, 2]))).toBe('a c');
  });

  test('a cycle is walked once and comes last', () => {
    const ring = graphOf('b>a a>b z>b');
    expect(named(ring, closure(ring, [0], 'up'))).toBe('z b a');
  });
});

describe('levels and criticalPath', () => {
  const graph = graphOf('a>b b>d a>c c>d a>d e');

  test('the longest path counts', () => expect([...levels(graph)]).toEqual([0, 1, 2, 1, 0]));

  test.each([
    ['equal weights: the lowest numbers', [1, 1, 1, 1, 1], 3, 'a b d'],
    ['a heavy middle', [1, 1, 1, 5, 1], 7, 'a c d'],
    ['a heavy job alone', [1, 1, 1, 1, 9], 9, 'e'],
    ['all weights zero', [0, 0, 0, 0, 0], 0, 'a'],
  ])('%s', (_, weights, length, path) => {
    const found = criticalPath(graph, (node) => weights[node]!);
    expect([found.length, named(graph, found.path)]).toEqual([length, path]);
  });

  test('nothing has no path', () => {
    expect(criticalPath(buildGraph([], []), () => 1)).toEqual({ length: 0, path: [] });
  });

  test('a cycle is an error that names its path', () => {
    const ring = graphOf('a>b b>a');
    const error = expect.objectContaining({ code: 'GRAPH_CYCLE', details: { path: ['a', 'b', 'a'] } });
    expect(() => levels(ring)).toThrow(error);
    expect(() => criticalPath(ring, () => 1)).toThrow(error);
  });
});

test('a chain of 1,000,000 nodes', () => {
  const size = 1_000_000;
  const names = Array.from({ length: size }, (_, node) => `j${node}`);
  const chain = function* (): Iterable<readonly [number, number]> {
    for (let node = 1; node < size; node++) yield [node, node - 1];
  };
  const graph = buildGraph(names, chain());
  const order = topologicalOrder(graph)!;
  expect([order[0], order[size - 1]]).toEqual([size - 1, 0]);
  expect(closure(graph, [0], 'up')).toHaveLength(size);
  expect(levels(graph)[0]).toBe(size - 1);
  expect(criticalPath(graph, () => 1).length).toBe(size);
});

describe('random graphs', () => {
  const anyGraph = fc.integer({ min: 1, max: 12 }).chain((size) =>
    fc.record({
      size: fc.constant(size),
      edges: fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 30 }),
    }),
  );
  const names = (size: number) => Array.from({ length: size }, (_, node) => `n${node}`);

  test('either an order that no edge contradicts, or a cycle whose every step is an edge', () => {
    fc.assert(
      fc.property(anyGraph, ({ size, edges }) => {
        const graph = buildGraph(names(size), edges);
        const order = topologicalOrder(graph);
        const cycle = findCycle(graph);
        if (order) {
          expect(cycle).toBeNull();
          const at = new Map(Array.from(order, (node, position) => [node, position]));
          for (const [from, to] of edges) expect(at.get(from)!).toBeLessThan(at.get(to)!);
          return;
        }
        const steps = cycle!.slice(1).map((name, i) => [graph.indexOf(cycle![i]!), graph.indexOf(name)]);
        expect(cycle![0]).toBe(cycle!.at(-1));
        for (const [from, to] of steps) expect(edges).toContainEqual([from, to]);
      }),
    );
  });

  test('the order of the edges changes nothing, and neither does giving them twice', () => {
    fc.assert(
      fc.property(anyGraph, ({ size, edges }) => {
        const one = buildGraph(names(size), edges);
        const other = buildGraph(names(size), [...edges].reverse().concat(edges));
        for (let node = 0; node < size; node++) {
          expect(other.upstream(node)).toEqual(one.upstream(node));
          expect(other.downstream(node)).toEqual(one.downstream(node));
        }
      }),
    );
  });

  test('a is upstream of b exactly when b is downstream of a', () => {
    fc.assert(
      fc.property(anyGraph, fc.nat(5), ({ size, edges }, depth) => {
        const graph = buildGraph(names(size), edges);
        const reach = (node: number, direction: 'up' | 'down') =>
          new Set(closure(graph, [node], direction, depth));
        for (let a = 0; a < size; a++) {
          for (const b of reach(a, 'down')) expect(reach(b, 'up')).toContain(a);
        }
      }),
    );
  });
});
