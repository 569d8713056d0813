/**
 * The graph that all engines get: layers, each task behind three of the layer before; the same for a seed.
 */

export const SEED = 1;

/** A generator of whole numbers below `n`: a linear congruence, so that every language can repeat it. */
export function generator(seed) {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % n;
  };
}

/** Parents of each task; none in the first layer, `parents` different ones in the others. */
export function layeredGraph({ layers, width, parents, seed = SEED }) {
  const draw = generator(seed);
  const graph = [];
  for (let task = 0; task < layers * width; task += 1) {
    const base = Math.floor(task / width) * width - width;
    const chosen = new Set();
    while (base >= 0 && chosen.size < Math.min(parents, width)) chosen.add(base + draw(width));
    graph.push([...chosen]);
  }
  return graph;
}

/** Children of each task. */
export function childrenOf(graph) {
  const children = graph.map(() => []);
  graph.forEach((parents, task) => parents.forEach((parent) => children[parent].push(task)));
  return children;
}
