/**
 * Keeps a graph's phases in step with the events, without asking for the graph again: with ten thousand jobs
 * that would be a megabyte for each run that starts.
 */
import type { Graph, HeraEvent } from '@hera/api';

/** The graph after the event; the same object when nothing in it has changed. */
export function graphAfter(graph: Graph, event: HeraEvent): Graph {
  if (event.type !== 'generation.phase' && event.type !== 'run.created') return graph;
  if (event.type === 'generation.phase' && event.track !== 'main') return graph;
  const at = graph.nodes.findIndex(({ v }) => v === event.job);
  const node = graph.nodes[at];
  if (!node || !isAsNew(event.run, node.value.run)) return graph;
  const { phase, reason, run } = event;
  const isSame = node.value.phase === phase && node.value.run === run && node.value.reason === reason;
  if (isSame) return graph;
  const nodes = [...graph.nodes];
  nodes[at] = { ...node, value: { ...node.value, phase, reason, run } };
  return { ...graph, nodes };
}

/** Runs of one job order by the text of their slot; those without a slot in time order with nothing. */
function isAsNew(run: string, shown: string | null): boolean {
  if (shown === null || run === shown) return true;
  return !run.includes('@a:') && !shown.includes('@a:') && run > shown;
}
