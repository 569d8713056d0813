/**
 * The interchange form of a job graph: a `Graph` of @dagrejs/graphlib, for callers who lay graphs out with
 * dagre or have tools that read graphlib's JSON. Scheduling never goes this way: graphlib takes fifty times
 * as long to build, and its own walks recurse and overflow the stack at some 8,000 jobs in a chain.
 */
import { Graph } from '@dagrejs/graphlib';
import { buildGraph } from './graph/job-graph.js';
import type { JobGraph } from './graph/job-graph.js';
import { must } from './model/assert.js';

export { Graph } from '@dagrejs/graphlib';

/** A directed graph without parallel edges; nodes are named by job, edges run from upstream to downstream. */
export function toGraphlib(graph: JobGraph): Graph {
  const out = new Graph({ directed: true, multigraph: false, compound: false });
  for (const name of graph.names) out.setNode(name);
  for (let node = 0; node < graph.size; node++) {
    for (const down of graph.downstream(node)) out.setEdge(nameOf(graph, node), nameOf(graph, down));
  }
  return out;
}

/**
 * The job graph of a graphlib graph, nodes numbered in graphlib's order. Labels and edge names are dropped;
 * parallel edges count once; the edges of an undirected graph run as they were given. A graph with a cycle
 * is taken over as it is: ask `findCycle`.
 */
export function fromGraphlib(graph: Graph): JobGraph {
  const names = graph.nodes();
  const numbers = new Map(names.map((name, node) => [name, node]));
  const number = (name: string) => must(numbers.get(name), `node ${name}`);
  const edges = graph.edges().map((edge) => [number(edge.v), number(edge.w)] as const);
  return buildGraph(names, edges);
}

const nameOf = (graph: JobGraph, node: number) => must(graph.names[node], 'name of a node');
