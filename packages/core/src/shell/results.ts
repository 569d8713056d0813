/**
 * Results of attempts that others read: downstreams when they are rendered, and those who wait for a run.
 * They pass by in the commits that store them; what has been pushed out is read from the store again.
 */
import type { RowValue, Write } from '../model/tables.js';
import type { Store } from '../ports/store.js';

/** A generation of the cache holds at most so many results, and so many characters together; two are kept. */
const RESULTS_MAX = 10_000;
const CHARS_MAX = 8_000_000;
const PAGE = 100;

/** Newest results by run; JSON text, null where a run succeeded without one. */
export class ResultCache {
  readonly #store: Store;
  #newer = new Map<string, string | null>();
  #older = new Map<string, string | null>();
  #chars = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Takes the results out of a commit that has been applied. */
  keep(writes: readonly Write[]): void {
    for (const write of writes) {
      if (write.table !== 'attempt' || write.op !== 'put' || write.value['state'] !== 'succeeded') continue;
      this.#set(keyOf(Number(write.key[0]), String(write.key[1])), resultOf(write.value));
    }
  }

  /** The result of the newest success of a run; undefined when it must be read. */
  peek(job: number, slotKey: string): string | null | undefined {
    return this.#get(keyOf(job, slotKey));
  }

  /** Likewise, from the store if need be; null also when the run never succeeded. */
  async read(job: number, slotKey: string): Promise<string | null> {
    const key = keyOf(job, slotKey);
    const known = this.#get(key);
    if (known !== undefined) return known;
    const rows = await this.#store.read('attempt', {
      prefix: [job, slotKey, ''],
      descending: true,
      limit: PAGE,
    });
    // A commit may have brought a newer one while the store was asked.
    const newer = this.#get(key);
    if (newer !== undefined) return newer;
    const success = rows.find(({ value }) => value['state'] === 'succeeded');
    if (!success) return null;
    const result = resultOf(success.value);
    this.#set(key, result);
    return result;
  }

  /** Forgets everything: another leader may have written meanwhile. */
  clear(): void {
    this.#newer.clear();
    this.#older.clear();
    this.#chars = 0;
  }

  #get(key: string): string | null | undefined {
    const result = this.#newer.get(key);
    return result === undefined ? this.#older.get(key) : result;
  }

  #set(key: string, result: string | null): void {
    if (this.#newer.size >= RESULTS_MAX || this.#chars >= CHARS_MAX) {
      this.#older = this.#newer;
      this.#newer = new Map();
      this.#chars = 0;
    }
    this.#newer.set(key, result);
    this.#chars += result?.length ?? 0;
  }
}

const keyOf = (job: number, slotKey: string) => `${job} ${slotKey}`;

function resultOf(value: RowValue): string | null {
  const result = value['result'];
  return typeof result === 'string' ? result : null;
}
