/**
 * The one place that knows which SQLite is used: the one built into Node when it is new enough, else
 * @photostructure/sqlite, which has the same interface. Both bind numbers, texts and null, and little else.
 */
import { createRequire } from 'node:module';
import { PortError } from './port-error.js';

export type SqlValue = number | string | null;
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** A prepared statement; kept for as long as its database is open. */
export interface Statement {
  run(...values: readonly SqlValue[]): { readonly changes: number | bigint };
  get(...values: readonly SqlValue[]): unknown;
  all(...values: readonly SqlValue[]): unknown[];
}

/** One connection. */
export interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

interface OpenOptions {
  readonly readOnly?: boolean;
  /** How long to wait for a lock of another process, ms. */
  readonly timeout?: number;
}

interface Driver {
  readonly DatabaseSync: new (path: string, options?: OpenOptions) => Database;
}

/** Older ones may lose commits when two connections write and checkpoint at once (the WAL-reset bug). */
const VERSION_MIN = '3.51.3';

let driver: Driver | undefined;

/** Opens a connection. Throws `STORE_UNAVAILABLE` where no SQLite is to be had that is new enough. */
export function openDatabase(path: string, options: OpenOptions): Database {
  driver ??= pickDriver();
  return new driver.DatabaseSync(path, options);
}

function pickDriver(): Driver {
  const found: string[] = [];
  for (const candidate of candidates()) {
    const version = versionOf(candidate);
    if (isVersionAtLeast(version, VERSION_MIN)) return candidate;
    found.push(version);
  }
  const versions = found.length > 0 ? found.join(' and ') : 'none';
  throw new PortError(
    'STORE_UNAVAILABLE',
    `SQLite ${VERSION_MIN} or newer is needed, found ${versions}: install a newer Node`,
    { operation: 'open' },
  );
}

function* candidates(): Generator<Driver> {
  const builtIn = process.getBuiltinModule?.('node:sqlite') as Driver | undefined;
  if (builtIn) yield builtIn;
  try {
    yield createRequire(import.meta.url)('@photostructure/sqlite') as Driver;
  } catch (error) {
    if (!builtIn) throw error;
  }
}

function versionOf({ DatabaseSync }: Driver): string {
  const database = new DatabaseSync(':memory:');
  try {
    const row = database.prepare('SELECT sqlite_version() AS version').get() as { readonly version: string };
    return row.version;
  } finally {
    database.close();
  }
}

/** Compares versions of three numbers. */
export function isVersionAtLeast(version: string, least: string): boolean {
  const [found, wanted] = [version, least].map((text) => text.split('.').map(Number));
  for (let i = 0; i < 3; i += 1) {
    const difference = (found?.[i] ?? 0) - (wanted?.[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
