/** A binary heap of anything; equal elements come out in no particular order. */
export class MinHeap<Item> {
  readonly #items: Item[] = [];
  readonly #compare: (a: Item, b: Item) => number;

  constructor(compare: (a: Item, b: Item) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length;
  }

  /** The least item; undefined when empty. */
  peek(): Item | undefined {
    return this.#items[0];
  }

  push(item: Item): void {
    const items = this.#items;
    let place = items.length;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = items[above] as Item;
      if (this.#compare(parent, item) <= 0) break;
      items[place] = parent;
      place = above;
    }
    items[place] = item;
  }

  /** Takes the least item out; undefined when empty. */
  pop(): Item | undefined {
    const items = this.#items;
    const least = items[0];
    const last = items.pop();
    if (items.length === 0 || last === undefined) return least;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= items.length) break;
      if (below + 1 < items.length && this.#compare(items[below + 1] as Item, items[below] as Item) < 0) {
        below += 1;
      }
      const child = items[below] as Item;
      if (this.#compare(last, child) <= 0) break;
      items[place] = child;
      place = below;
    }
    items[place] = last;
    return least;
  }
}
