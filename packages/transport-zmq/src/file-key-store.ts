/**
 * The allow-list of one server, as a file that only it may read. Every change rewrites the file: it changes
 * when somebody enrols, which is rare.
 */
import type { EnrollmentResult, KeyStore, TokenKey, WorkerKey } from './key-store.js';
import { isUsable } from './enrollment-token.js';
import { TransportError } from './errors.js';
import { isKey, readPrivateJson, writePrivateJson } from './keys.js';

/** Makes a store that keeps its rows in `file` (JSON, mode 0600); it is read at the first call. */
export function createFileKeyStore(options: { readonly file: string }): KeyStore {
  return new FileKeyStore(options.file);
}

interface Rows {
  readonly workers: Map<string, WorkerKey>;
  readonly tokens: Map<string, TokenKey>;
}

class FileKeyStore implements KeyStore {
  readonly #file: string;
  #rows: Promise<Rows> | null = null;
  /** Changes go one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(file: string) {
    this.#file = file;
  }

  async worker(publicKey: string): Promise<WorkerKey | null> {
    return (await this.#read()).workers.get(publicKey) ?? null;
  }

  async token(publicKey: string): Promise<TokenKey | null> {
    return (await this.#read()).tokens.get(publicKey) ?? null;
  }

  async workers(): Promise<readonly WorkerKey[]> {
    return [...(await this.#read()).workers.values()];
  }

  async tokens(): Promise<readonly TokenKey[]> {
    return [...(await this.#read()).tokens.values()];
  }

  addToken(token: TokenKey): Promise<void> {
    return this.#change(({ tokens }) => void tokens.set(token.publicKey, token));
  }

  removeToken(id: string): Promise<boolean> {
    return this.#change(({ tokens }) => {
      const found = [...tokens.values()].find((token) => token.id === id);
      return found !== undefined && tokens.delete(found.publicKey);
    });
  }

  enroll(tokenKey: string, worker: WorkerKey, now: number): Promise<EnrollmentResult> {
    return this.#change(({ workers, tokens }) => {
      const known = [...workers.values()].find((row) => row.worker === worker.worker);
      if (known?.publicKey === worker.publicKey) return 'enrolled';
      const token = tokens.get(tokenKey);
      if (!token || !isUsable(token, now)) return 'tokenUnusable';
      if (known ?? workers.has(worker.publicKey)) return 'nameTaken';
      tokens.set(tokenKey, { ...token, used: token.used + 1 });
      workers.set(worker.publicKey, worker);
      return 'enrolled';
    });
  }

  removeWorker(name: string): Promise<boolean> {
    return this.#change(({ workers }) => {
      const found = [...workers.values()].find((row) => row.worker === name);
      return found !== undefined && workers.delete(found.publicKey);
    });
  }

  #read(): Promise<Rows> {
    this.#rows ??= readRows(this.#file);
    return this.#rows;
  }

  /** Changes a copy, which counts once it is on disk. */
  #change<T>(apply: (rows: Rows) => T): Promise<T> {
    const done = this.#last.then(async () => {
      const old = await this.#read();
      const rows = { workers: new Map(old.workers), tokens: new Map(old.tokens) };
      const result = apply(rows);
      await writePrivateJson(this.#file, {
        workers: [...rows.workers.values()],
        tokens: [...rows.tokens.values()],
      });
      this.#rows = Promise.resolve(rows);
      return result;
    });
    this.#last = done.catch(() => undefined);
    return done;
  }
}

async function readRows(file: string): Promise<Rows> {
  const found = await readPrivateJson(file);
  return {
    workers: byKey<WorkerKey>(found?.['workers'], file),
    tokens: byKey<TokenKey>(found?.['tokens'], file),
  };
}

function byKey<Row extends { readonly publicKey: string }>(value: unknown, file: string): Map<string, Row> {
  if (value === undefined) return new Map();
  const rows = value as readonly Row[];
  // A list that was cut by hand must not silently shut every worker out.
  const isList = Array.isArray(value) && rows.every((row) => isKey(String(row.publicKey)));
  if (!isList) throw new TransportError('KEY_INVALID', `${file} holds no list of keys.`);
  return new Map(rows.map((row) => [row.publicKey, row]));
}
