import { alg } from '@dagrejs/graphlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildGraph, findCycle, topologicalOrder } from './graph/job-graph.js';
import { fromGraphlib, Graph, toGraphlib } from './graphlib.js';

describe('graphlib', () => {
  test('nodes by name, edges from upstream to downstream', () => {
    const out = toGraphlib(buildGraph(['orders', 'report', '无'], [[0, 1]]));
    expect(out.nodes()).toEqual(['orders', 'report', '无']);
    expect(out.edges()).toEqual([{ v: 'orders', w: 'report' }]);
    expect(alg.topsort(out)).toContain('无');
  });

  test('parallel edges count once and a cycle is taken over', () => {
    const given = new Graph({ multigraph: true });
    given.setEdge('a', 'b', 1, 'first');
    given.setEdge('a', 'b', 2, 'second');
    given.setEdge('b', 'a');
    const graph = fromGraphlib(given);
    expect([...graph.downstream(0)]).toEqual([1]);
    expect(findCycle(graph)).toEqual(['a', 'b', 'a']);
  });

  test('there and back is the same graph, and graphlib agrees on cycles', () => {
    const edge = fc.tuple(fc.nat(7), fc.nat(7));
    fc.assert(
      fc.property(fc.array(edge, { maxLength: 14 }), (edges) => {
        const names = Array.from({ length: 8 }, (_, node) => `n${node}`);
        const graph = buildGraph(names, edges);
        const back = fromGraphlib(toGraphlib(graph));
        expect(back.names).toEqual(graph.names);
        for (let node = 0; node < graph.size; node++) {
          expect(back.downstream(node)).toEqual(graph.downstream(node));
        }
        expect(topologicalOrder(graph) !== null).toBe(alg.isAcyclic(toGraphlib(graph)));
      }),
    );
  });
});
