/**
 * Binary heaps of numbers. Entries are never taken from the middle: what is out of date is recognised when it
 * comes to the top, which is cheaper than keeping every entry's place.
 */

/**
 * Entries ordered by an instant; ties in the order of their payload, so the order never depends on history.
 */
export class InstantHeap {
  #at: number[] = [];
  #what: number[] = [];

  get size(): number {
    return this.#at.length;
  }

  /** Instant of the first entry; undefined when there is none. */
  get first(): number | undefined {
    return this.#at[0];
  }

  get firstWhat(): number | undefined {
    return this.#what[0];
  }

  push(at: number, what: number): void {
    let i = this.#at.length;
    this.#at.push(at);
    this.#what.push(what);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!this.#less(i, parent)) break;
      this.#swap(i, parent);
      i = parent;
    }
  }

  /** Takes the first entry and returns its payload. */
  pop(): number | undefined {
    const what = this.#what[0];
    const lastAt = this.#at.pop();
    const lastWhat = this.#what.pop();
    if (this.#at.length > 0 && lastAt !== undefined && lastWhat !== undefined) {
      this.#at[0] = lastAt;
      this.#what[0] = lastWhat;
      this.#sink(0);
    }
    return what;
  }

  #sink(from: number): void {
    let i = from;
    for (;;) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2]) {
        if (child < this.#at.length && this.#less(child, least)) least = child;
      }
      if (least === i) return;
      this.#swap(i, least);
      i = least;
    }
  }

  #less(a: number, b: number): boolean {
    const left = this.#at[a] ?? 0;
    const right = this.#at[b] ?? 0;
    return left < right || (left === right && (this.#what[a] ?? 0) < (this.#what[b] ?? 0));
  }

  #swap(a: number, b: number): void {
    [this.#at[a], this.#at[b]] = [this.#at[b] ?? 0, this.#at[a] ?? 0];
    [this.#what[a], this.#what[b]] = [this.#what[b] ?? 0, this.#what[a] ?? 0];
  }
}

/** Entries ordered by a comparison that the owner gives; smaller comes first. */
export class OrderedHeap {
  readonly #items: number[] = [];
  readonly #before: (a: number, b: number) => boolean;

  constructor(before: (a: number, b: number) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#items.length;
  }

  get first(): number | undefined {
    return this.#items[0];
  }

  /** All entries, in no order. */
  get items(): readonly number[] {
    return this.#items;
  }

  push(item: number): void {
    const items = this.#items;
    let i = items.length;
    items.push(item);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const above = items[parent] ?? item;
      if (!this.#before(item, above)) break;
      items[i] = above;
      i = parent;
    }
    items[i] = item;
  }

  pop(): number | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return first;
    this.#sink(last, 0);
    return first;
  }

  /** Puts all entries in order again, after what they are compared by has changed. */
  reorder(): void {
    const items = this.#items;
    for (let i = (items.length >> 1) - 1; i >= 0; i--) this.#sink(items[i] ?? 0, i);
  }

  /** Puts the entry at that place, or further down. */
  #sink(last: number, from: number): void {
    const items = this.#items;
    let i = from;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= items.length) break;
      const right = child + 1;
      if (right < items.length && this.#before(items[right] ?? last, items[child] ?? last)) child = right;
      const below = items[child] ?? last;
      if (!this.#before(below, last)) break;
      items[i] = below;
      i = child;
    }
    items[i] = last;
  }
}
