/** One-dimensional placing: as near as possible to where each wants to be, in order, and never too close. */

/**
 * Places for the wishes, in their order and at least `pitch` apart, with the least sum of squared distances
 * (pool adjacent violators).
 */
export function spread(wishes: readonly number[], pitch: number): number[] {
  const blocks: { sum: number; size: number }[] = [];
  for (const [index, wish] of wishes.entries()) {
    blocks.push({ sum: wish - index * pitch, size: 1 });
    for (;;) {
      const last = blocks.at(-1);
      const before = blocks.at(-2);
      if (!last || !before || before.sum / before.size < last.sum / last.size) break;
      blocks.splice(-2, 2, { sum: before.sum + last.sum, size: before.size + last.size });
    }
  }
  const places = blocks.flatMap(({ sum, size }) => new Array<number>(size).fill(sum / size));
  return places.map((place, index) => place + index * pitch);
}

/** How many pairs of the whole numbers, none below 0, stand in falling order. */
export function inversions(values: readonly number[]): number {
  // A Fenwick tree of how often each value has been seen.
  const size = Math.max(0, ...values) + 1;
  const seen = new Array<number>(size + 1).fill(0);
  let count = 0;
  for (const [index, value] of values.entries()) {
    let notGreater = 0;
    for (let at = value + 1; at > 0; at -= at & -at) notGreater += seen[at] ?? 0;
    count += index - notGreater;
    for (let at = value + 1; at <= size; at += at & -at) seen[at] = (seen[at] ?? 0) + 1;
  }
  return count;
}
