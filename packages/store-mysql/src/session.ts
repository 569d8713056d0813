/**
 * One connection that is made when it is first needed and made anew when it was lost. Every session has the
 * same settings, whatever the server's defaults: strict, UTC, read committed, and short waits for locks.
 */
import { createConnection } from 'mysql2';
import type { Connection, ConnectionOptions } from 'mysql2';
import type { SqlValue } from './sql.js';

/** Where the database is, and who we are there. */
export interface ConnectOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 3306. */
  readonly port?: number;
  /** A unix socket instead of host and port. */
  readonly socketPath?: string;
  readonly user: string;
  readonly password?: string;
  /** The database; it must exist, its tables are made. */
  readonly database: string;
  /** TLS as the driver takes it, for example `{ ca }`; without it the connection is not encrypted. */
  readonly ssl?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  /** How long a statement may take before its connection is given up, ms; default 15,000. */
  readonly timeoutMs?: number;
}

/** What differs between the sessions of a store. */
export interface SessionUse {
  /** Each statement is a transaction of its own, or they belong together until COMMIT. */
  readonly autocommit: boolean;
  /** The server ends the session, and lets go of its locks, when it has heard nothing for this long, s. */
  readonly idleS: number;
  /** Galera: each statement waits until this node has what others have committed. */
  readonly isCausal: boolean;
}

/** What a statement has done: its rows as lists of values, and how many rows it found or changed. */
export interface Outcome {
  readonly rows: readonly (readonly SqlValue[])[];
  readonly affected: number;
}

/** What the first connection tells about the server. */
export interface ServerFacts {
  readonly version: string;
  readonly flavour: 'mariadb' | 'mysql';
  readonly isGalera: boolean;
  /** Largest packet, bytes. */
  readonly packetBytes: number;
}

const TIMEOUT_MS = 15_000;
const CONNECT_TIMEOUT_MS = 5_000;
const LOCK_WAIT_S = 5;
/** Statements that a connection keeps prepared; those of a store are some dozens. */
const STATEMENTS_MAX = 300;

/** One connection at a time. Not for use by two callers at once, unless each statement stands alone. */
export class Session {
  readonly #options: ConnectOptions;
  readonly #use: SessionUse;
  #connecting: Promise<Connection> | null = null;

  constructor(options: ConnectOptions, use: SessionUse) {
    this.#options = options;
    this.#use = use;
  }

  /** Runs a prepared statement. Rejects with the driver's error; some take the connection with them. */
  async execute(sql: string, values: readonly SqlValue[] = []): Promise<Outcome> {
    const connection = await this.connect();
    const asked = new Promise<Outcome>((resolve, reject) => {
      connection.execute({ sql, values: [...values], rowsAsArray: true }, (error, result) => {
        if (error) reject(error);
        else resolve(outcomeOf(result));
      });
    });
    return this.#guard(connection, asked, this.#options.timeoutMs ?? TIMEOUT_MS);
  }

  /** Runs a text without values, for what cannot be prepared: transactions and definitions. */
  async run(sql: string, timeoutMs = this.#options.timeoutMs ?? TIMEOUT_MS): Promise<Outcome> {
    const connection = await this.connect();
    return this.#guard(connection, send(connection, sql), timeoutMs);
  }

  /** After an answer that did not come in time nothing else can be asked of the connection. */
  async #guard(connection: Connection, asked: Promise<Outcome>, timeoutMs: number): Promise<Outcome> {
    try {
      return await inTime(asked, timeoutMs);
    } catch (error) {
      if (isGone(error)) this.#drop(connection);
      throw error;
    }
  }

  /** The connection as it is, or a new one with its settings made. */
  connect(): Promise<Connection> {
    this.#connecting ??= this.#open().catch((error: unknown) => {
      this.#connecting = null;
      throw error;
    });
    return this.#connecting;
  }

  /** Tells the server that an open connection is alive; an error shows at its next use. */
  ping(): void {
    this.#connecting?.then(
      (connection) => connection.ping(() => undefined),
      () => undefined,
    );
  }

  /** Lets go of the connection at once; the server rolls back what it had begun. */
  discard(): void {
    const connecting = this.#connecting;
    this.#connecting = null;
    connecting?.then(
      (connection) => connection.destroy(),
      () => undefined,
    );
  }

  /** Takes leave of the server. */
  async close(): Promise<void> {
    const connection = await this.#connecting?.catch(() => null);
    this.#connecting = null;
    if (connection) await new Promise<void>((resolve) => connection.end(() => resolve()));
  }

  async #open(): Promise<Connection> {
    const connection = await open(this.#options);
    // No more than forgotten: a connection that is destroyed here would not tell its statement under way.
    connection.on('error', () => this.#forget(connection));
    connection.on('end', () => this.#forget(connection));
    try {
      for (const sql of settings(this.#use)) await inTime(send(connection, sql), CONNECT_TIMEOUT_MS);
      return connection;
    } catch (error) {
      connection.destroy();
      throw error;
    }
  }

  #drop(connection: Connection): void {
    connection.destroy();
    this.#forget(connection);
  }

  #forget(connection: Connection): void {
    const connecting = this.#connecting;
    void connecting?.then((current) => {
      if (current === connection && this.#connecting === connecting) this.#connecting = null;
    });
  }
}

const FACTS_SQL = 'SELECT VERSION(), @@max_allowed_packet';
const GALERA_SQL = "SHOW VARIABLES LIKE 'wsrep\\_on'";

/** Asks a server what it is; on a connection of its own. */
export async function readServerFacts(options: ConnectOptions): Promise<ServerFacts> {
  const connection = await open(options);
  try {
    const facts = await inTime(send(connection, FACTS_SQL), CONNECT_TIMEOUT_MS);
    const [version = '', packetBytes = 0] = facts.rows[0] ?? [];
    const galera = await inTime(send(connection, GALERA_SQL), CONNECT_TIMEOUT_MS);
    return {
      version: String(version),
      flavour: /mariadb/i.test(String(version)) ? 'mariadb' : 'mysql',
      isGalera: galera.rows.some(([, value]) => value === 'ON'),
      packetBytes: Number(packetBytes),
    };
  } finally {
    connection.destroy();
  }
}

function open(options: ConnectOptions): Promise<Connection> {
  const { timeoutMs = TIMEOUT_MS, ssl, ...address } = options;
  const all: ConnectionOptions = {
    ...address,
    ...(ssl && { ssl: { ...ssl } }),
    charset: 'utf8mb4_bin',
    connectTimeout: Math.min(timeoutMs, CONNECT_TIMEOUT_MS),
    supportBigNumbers: true,
    jsonStrings: true,
    rowsAsArray: true,
    multipleStatements: false,
    maxPreparedStatements: STATEMENTS_MAX,
  };
  return new Promise((resolve, reject) => {
    const connection = createConnection(all);
    connection.once('error', reject);
    connection.connect((error) => {
      connection.removeListener('error', reject);
      if (error) {
        connection.destroy();
        reject(error);
      } else resolve(connection);
    });
  });
}

/** Constant texts: no value of ours or of a user stands in them. */
function settings({ autocommit, idleS, isCausal }: SessionUse): readonly string[] {
  return [
    `SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', ` +
      `innodb_lock_wait_timeout = ${LOCK_WAIT_S}, wait_timeout = ${idleS}, ` +
      `autocommit = ${autocommit ? 1 : 0}`,
    'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
    ...(isCausal ? ['SET SESSION wsrep_sync_wait = 7'] : []),
  ];
}

function send(connection: Connection, sql: string): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    connection.query({ sql, rowsAsArray: true }, (error, result) => {
      if (error) reject(error);
      else resolve(outcomeOf(result));
    });
  });
}

/** The driver's own limit does not count the time in which a statement is prepared. */
function inTime(asked: Promise<Outcome>, timeoutMs: number): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(Object.assign(new Error(`no answer for ${timeoutMs} ms`), { code: 'ETIMEDOUT', fatal: true }));
    }, timeoutMs);
    asked.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function outcomeOf(result: unknown): Outcome {
  if (Array.isArray(result)) return { rows: result as SqlValue[][], affected: result.length };
  return { rows: [], affected: (result as { readonly affectedRows: number }).affectedRows };
}

function isGone(error: unknown): boolean {
  const { fatal, code } = error as { readonly fatal?: unknown; readonly code?: unknown };
  return fatal === true || code === 'ECONNRESET' || code === 'EPIPE';
}
