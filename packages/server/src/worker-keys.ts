/**
 * Who of the workers may connect, as documents of the store: what one server lets in, all do. A worker has
 * two documents, by its key and by its name, so that both are unique.
 */
import type { DocumentChange, Store } from '@hera/core';
import type { EnrollmentResult, KeyStore, TokenKey, WorkerKey } from '@hera/transport-zmq';

const WORKER = 'worker-key';
const NAME = 'worker-name';
const TOKEN = 'worker-token';
const ROWS_MAX = 100_000;
/** Servers that enrol at one moment take turns. */
const TRIES_MAX = 20;

/** The allow-list in a store. */
export function createStoredKeys(store: Pick<Store, 'read' | 'changeDocuments'>): KeyStore {
  return new StoredKeys(store);
}

interface Found<T> {
  readonly version: number;
  readonly value: T;
}

class StoredKeys implements KeyStore {
  readonly #store: Pick<Store, 'read' | 'changeDocuments'>;

  constructor(store: Pick<Store, 'read' | 'changeDocuments'>) {
    this.#store = store;
  }

  async worker(publicKey: string): Promise<WorkerKey | null> {
    return (await this.#find<WorkerKey>(WORKER, publicKey))?.value ?? null;
  }

  async token(publicKey: string): Promise<TokenKey | null> {
    return (await this.#find<TokenKey>(TOKEN, publicKey))?.value ?? null;
  }

  async workers(): Promise<readonly WorkerKey[]> {
    return this.#list<WorkerKey>(WORKER);
  }

  async tokens(): Promise<readonly TokenKey[]> {
    return this.#list<TokenKey>(TOKEN);
  }

  async addToken(token: TokenKey): Promise<void> {
    await this.#store.changeDocuments([put(TOKEN, token.publicKey, { version: 0, value: token })]);
  }

  async removeToken(id: string): Promise<boolean> {
    const token = (await this.tokens()).find((known) => known.id === id);
    return token !== undefined && this.#remove([[TOKEN, token.publicKey]]);
  }

  async enroll(tokenKey: string, worker: WorkerKey, now: number): Promise<EnrollmentResult> {
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      const name = await this.#find<string>(NAME, worker.worker);
      if (name) return name.value === worker.publicKey ? 'enrolled' : 'nameTaken';
      const token = await this.#find<TokenKey>(TOKEN, tokenKey);
      if (!token || token.value.used >= token.value.usesMax || token.value.expiresAt <= now) {
        return 'tokenUnusable';
      }
      const used = { version: token.version, value: { ...token.value, used: token.value.used + 1 } };
      const isDone = await this.#store.changeDocuments([
        put(TOKEN, tokenKey, used),
        put(WORKER, worker.publicKey, { version: 0, value: worker }),
        put(NAME, worker.worker, { version: 0, value: worker.publicKey }),
      ]);
      if (isDone) return 'enrolled';
    }
    throw new Error('other servers change the list of workers all the time');
  }

  async removeWorker(worker: string): Promise<boolean> {
    const name = await this.#find<string>(NAME, worker);
    return (
      name !== null &&
      this.#remove([
        [WORKER, name.value],
        [NAME, worker],
      ])
    );
  }

  async #find<T>(kind: string, id: string): Promise<Found<T> | null> {
    const [row] = await this.#store.read('document', { prefix: [kind, id] });
    if (!row) return null;
    return { version: Number(row.value['version']), value: JSON.parse(String(row.value['body'])) as T };
  }

  async #list<T>(kind: string): Promise<readonly T[]> {
    const rows = await this.#store.read('document', { prefix: [kind], limit: ROWS_MAX });
    return rows.map(({ value }) => JSON.parse(String(value['body'])) as T);
  }

  /** Deletes documents that are there; false when one of them is not, or has changed meanwhile. */
  async #remove(ids: readonly (readonly [string, string])[]): Promise<boolean> {
    const changes: DocumentChange[] = [];
    for (const [kind, id] of ids) {
      const found = await this.#find(kind, id);
      if (!found) return false;
      changes.push({ kind, id, version: found.version, body: null });
    }
    return this.#store.changeDocuments(changes);
  }
}

const put = (kind: string, id: string, { version, value }: Found<unknown>): DocumentChange => ({
  kind,
  id,
  version,
  body: JSON.stringify(value),
});
