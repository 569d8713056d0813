/**
 * Ships the output of attempts to the servers, and keeps it on this disk until they have it. Nothing of what
 * was shipped is remembered here: after a restart the first ack of each log says where to go on. So a byte
 * can be sent twice, and is stored once; it is freed only when a store that all servers read has it.
 *
 *   HOME/unshipped/<attempt>  names the directory of each attempt whose log is not stored to its end
 *
 * Disk is bounded per attempt and for the worker: shipped logs go first, the oldest before the newer, then
 * the shipped parts of the others, and in the end middles that were never shipped. Each such gap is a line
 * of the log.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LOG_PIECE_BYTES_MAX, silentObserver } from '@hera/core';
import type { Clock, LogAck, LogChannel, LogPiece, Observer } from '@hera/core';
import { attemptFileName, readAttemptRecord, readText, writeWhole } from './attempt-dir.js';
import { LogView } from './log-view.js';

/** How logs are shipped. */
export interface LogShipperOptions {
  readonly home: string;
  readonly channel: LogChannel;
  readonly clock: Clock;
  readonly observer?: Observer;
  /** Of one log, kept and shipped; default 256 MiB. Head and tail of a longer one are. */
  readonly bytesPerAttemptMax?: number;
  /** Of all logs on this disk, shipped or not; default 4 GiB. */
  readonly bytesPerWorkerMax?: number;
  /** A program that takes `punch FILE OFFSET LENGTH`; without one nothing is freed while an attempt runs. */
  readonly punch?: string;
}

/** What the executor tells of logs. */
export interface LogKeeper {
  /** A log will be written in the directory, or is, by an attempt of an earlier life of the worker. */
  begun(attempt: string, directory: string, isNew: boolean): void;
  /** Nothing more will be written to it; an attempt that was never begun is ignored. */
  ended(attempt: string): void;
}

const MIB = 1_048_576;
const LOOK_MS = 200;
/** Without an ack for so long, what was sent is sent again. */
const RESEND_MS = 5_000;
const BUDGET_MS = 5_000;
const PIECES_PER_FRAME = 16;
const FREE_BYTES_MIN = 4 * MIB;
const LOG_BYTES_MIN = 64 * 1_024;

interface OpenLog {
  readonly attempt: string;
  readonly directory: string;
  readonly view: LogView;
  stored: number;
  sent: number;
  isLastSent: boolean;
  /** `asked`: sent something on this connection, and no ack yet; more waits for it. */
  state: 'new' | 'asked' | 'confirmed';
  /** Monotonic ms of the last ack, or of the first piece sent since. */
  heardAt: number;
  rewoundAt: number;
  /** Bytes of the file whose disk was given back. */
  freed: number;
}

/** Ships logs; made stopped. Call `start` when the executor has found what runs. */
export class LogShipper implements LogKeeper {
  readonly #options: LogShipperOptions;
  readonly #observer: Observer;
  readonly #logs = new Map<string, OpenLog>();
  readonly #perAttemptMax: number;
  readonly #perWorkerMax: number;
  /** Logs that are stored and still on this disk, oldest first. */
  readonly #shipped: { readonly path: string; readonly bytes: number }[] = [];
  #window = 0;
  #isStarted = false;
  #isClosed = false;
  #cancelLook: (() => void) | null = null;
  #budgetAt = 0;
  #emptied: (() => void)[] = [];

  constructor(options: LogShipperOptions) {
    this.#options = options;
    this.#observer = options.observer ?? silentObserver;
    this.#perAttemptMax = options.bytesPerAttemptMax ?? 256 * MIB;
    this.#perWorkerMax = options.bytesPerWorkerMax ?? 4_096 * MIB;
  }

  /** Logs that are not stored to their ends. */
  get open(): number {
    return this.#logs.size;
  }

  begun(attempt: string, directory: string, isNew: boolean): void {
    if (this.#logs.has(attempt)) return;
    mkdirSync(join(this.#options.home, 'unshipped'), { recursive: true, mode: 0o750 });
    writeWhole(this.#markOf(attempt), `${directory}\n`);
    this.#add(attempt, directory, isNew);
  }

  ended(attempt: string): void {
    const log = this.#logs.get(attempt);
    if (!log) return;
    log.view.look();
    log.view.isEnded = true;
    this.#pump();
  }

  /** Finds what earlier lives left, and connects. What the executor has not named by now has ended. */
  async start(): Promise<void> {
    const folder = join(this.#options.home, 'unshipped');
    for (const name of namesIn(folder)) {
      const directory = readText(join(folder, name))?.trim() ?? '';
      const attempt = readText(join(directory, 'attempt'))?.trim() ?? readAttemptRecord(directory)?.attempt;
      if (attempt === undefined || attemptFileName(attempt) !== name) rmSync(join(folder, name));
      else if (!this.#logs.has(attempt)) this.#add(attempt, directory, false).view.isEnded = true;
    }
    this.#findShipped();
    this.#isStarted = true;
    this.#lookSoon();
    await this.#options.channel.connect({
      onConnect: (windowBytes) => this.#onConnect(windowBytes),
      onAcks: (acks) => this.#onAcks(acks),
      onDisconnect: () => void (this.#window = 0),
    });
  }

  /** Resolves when all logs of attempts that have ended are stored. */
  async drained(): Promise<void> {
    while ([...this.#logs.values()].some((log) => log.view.isEnded)) {
      await new Promise<void>((wake) => void this.#emptied.push(wake));
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelLook?.();
    await this.#options.channel.close();
  }

  #add(attempt: string, directory: string, isNew: boolean): OpenLog {
    const log: OpenLog = {
      attempt,
      directory,
      view: new LogView(directory, this.#perAttemptMax),
      stored: 0,
      sent: 0,
      isLastSent: false,
      state: 'new',
      heardAt: this.#options.clock.monotonicMs(),
      rewoundAt: -Infinity,
      freed: 0,
    };
    log.view.look();
    // How much a store has of an older one, it must say itself.
    if (!isNew) log.view.taken = null;
    this.#logs.set(attempt, log);
    if (this.#isStarted) this.#lookSoon();
    return log;
  }

  #onConnect(windowBytes: number): void {
    this.#window = windowBytes;
    for (const log of this.#logs.values()) rewind(log);
    this.#pump();
  }

  #onAcks(acks: readonly LogAck[]): void {
    for (const ack of acks) {
      const log = this.#logs.get(ack.attempt);
      if (!log) continue;
      if (ack.complete) this.#finish(log);
      else this.#acknowledged(log, ack.stored);
    }
    this.#pump();
  }

  #acknowledged(log: OpenLog, stored: number): void {
    const now = this.#options.clock.monotonicMs();
    // A late ack says less than is known; a store that has less answers so when it is asked anew, too.
    if (log.state === 'confirmed' && stored < log.stored) return;
    if (stored < log.stored && log.freed > 0) {
      const facts = { attempt: log.attempt, stored, before: log.stored };
      this.#observer.log('error', 'a store has lost part of a log that may not be kept here any more', facts);
    }
    const isRefused = log.state === 'confirmed' && stored === log.stored && log.sent > stored;
    if (!isRefused) log.heardAt = now;
    log.stored = stored;
    log.view.taken = Math.max(log.view.taken ?? 0, stored);
    // Each piece behind a lost one is refused: all of them together are one reason to send again.
    const mustRewind = log.state === 'confirmed' ? isRefused && now - log.rewoundAt >= LOOK_MS : true;
    log.state = 'confirmed';
    if (!mustRewind && log.sent >= stored) return;
    log.sent = stored;
    log.isLastSent = false;
    log.rewoundAt = now;
  }

  #finish(log: OpenLog): void {
    this.#logs.delete(log.attempt);
    rmSync(join(log.directory, 'mask'), { force: true });
    rmSync(this.#markOf(log.attempt), { force: true });
    this.#shipped.push({ path: join(log.directory, 'output.log'), bytes: log.view.fileBytes });
    for (const wake of this.#emptied.splice(0)) wake();
  }

  #lookSoon(): void {
    if (this.#isClosed || this.#cancelLook) return;
    this.#cancelLook = this.#options.clock.wakeAfter(LOOK_MS, () => {
      this.#cancelLook = null;
      this.#look();
    });
  }

  #look(): void {
    if (this.#isClosed || this.#logs.size === 0) return;
    const now = this.#options.clock.monotonicMs();
    for (const log of this.#logs.values()) {
      if (!log.view.isEnded) log.view.look();
      const isWaiting = log.state === 'asked' || log.sent > log.stored || log.isLastSent;
      if (isWaiting && now - log.heardAt >= RESEND_MS) rewind(log);
    }
    this.#pump();
    if (now >= this.#budgetAt) {
      this.#budgetAt = now + BUDGET_MS;
      this.#keepBudget();
    }
    this.#lookSoon();
  }

  /** Sends what the window has room for, a piece of each log in turn. */
  #pump(): void {
    if (this.#isClosed || this.#window === 0) return;
    let room = this.#window;
    for (const log of this.#logs.values()) room -= Math.max(0, log.sent - log.stored);
    let isMore = true;
    while (isMore && room > 0) {
      isMore = false;
      const pieces: LogPiece[] = [];
      for (const log of this.#logs.values()) {
        const piece = room > 0 ? this.#next(log, Math.min(room, LOG_PIECE_BYTES_MAX)) : null;
        if (!piece) continue;
        isMore = true;
        room -= piece.bytes.length;
        pieces.push(piece);
        if (pieces.length === PIECES_PER_FRAME) this.#options.channel.send(pieces.splice(0));
      }
      if (pieces.length > 0) this.#options.channel.send(pieces);
    }
  }

  /** Null when the log has nothing to send, or waits for its first ack. */
  #next(log: OpenLog, bytesMax: number): LogPiece | null {
    if (log.isLastSent || log.state === 'asked') return null;
    const { attempt, sent: offset, view } = log;
    if (log.state === 'new' && view.fileBytes > LOG_PIECE_BYTES_MAX) return this.#ask(log);
    const { bytes, last } = this.#guarded(log, () => view.read(offset, bytesMax));
    if (bytes.length === 0 && !last) return null;
    if (log.sent === log.stored) log.heardAt = this.#options.clock.monotonicMs();
    log.sent += bytes.length;
    log.isLastSent = last;
    if (log.state === 'new') log.state = 'asked';
    return { attempt, offset, bytes, last };
  }

  /** How much is stored already; a short log is rather sent at once. */
  #ask(log: OpenLog): LogPiece {
    log.state = 'asked';
    log.heardAt = this.#options.clock.monotonicMs();
    return { attempt: log.attempt, offset: log.stored, bytes: new Uint8Array(0), last: false };
  }

  /** A disk that cannot be read is no reason to stop the other logs. */
  #guarded<T>(log: OpenLog, read: () => T): T | { bytes: Buffer; last: false } {
    try {
      return read();
    } catch (error) {
      this.#observer.log('error', 'a log cannot be read', { attempt: log.attempt, error: String(error) });
      return { bytes: Buffer.alloc(0), last: false };
    }
  }

  #findShipped(): void {
    const root = join(this.#options.home, 'attempts');
    const open = new Set([...this.#logs.values()].map((log) => log.directory));
    for (const day of namesIn(root).sort()) {
      for (const name of namesIn(join(root, day))) {
        const directory = join(root, day, name);
        const path = join(directory, 'output.log');
        const found = open.has(directory) ? undefined : statSync(path, { throwIfNoEntry: false });
        if (found) this.#shipped.push({ path, bytes: diskBytes(path) });
      }
    }
  }

  #keepBudget(): void {
    const openLogs = [...this.#logs.values()];
    const openBytes = () => openLogs.map(bytesOnDisk).reduce((sum, bytes) => sum + bytes, 0);
    let over = openBytes() + this.#shipped.reduce((sum, { bytes }) => sum + bytes, 0) - this.#perWorkerMax;
    while (over > 0 && this.#shipped.length > 0) {
      const oldest = this.#shipped.shift();
      if (!oldest) break;
      rmSync(oldest.path, { force: true });
      over -= oldest.bytes;
    }
    for (const log of openLogs) {
      const isLong = log.view.fileBytes > log.view.bytesMax;
      if (over > 0 || isLong) over -= this.#free(log);
    }
    if (over <= 0) return;
    // Only what nobody has is left: the longest log loses the most of its middle.
    const longest = openLogs.reduce((a, b) => (b.view.fileBytes > a.view.fileBytes ? b : a));
    const half = Math.floor(Math.min(longest.view.bytesMax, longest.view.fileBytes) / 2);
    longest.view.bytesMax = Math.max(LOG_BYTES_MIN, half);
    this.#observer.log('warn', 'logs take more disk than they may: the middle of one is left out', {
      attempt: longest.attempt,
      overBytes: over,
    });
    this.#free(longest);
  }

  /** Gives the disk of what nobody needs back; returns how many bytes that will be. */
  #free(log: OpenLog): number {
    const parts = log.view.unneeded(log.stored);
    const bytes = parts.reduce((sum, { from, to }) => sum + to - from, 0) - log.freed;
    const { punch } = this.#options;
    if (punch === undefined || bytes < FREE_BYTES_MIN) return 0;
    log.freed += bytes;
    for (const { from, to } of parts) {
      const words = ['punch', join(log.directory, 'output.log'), String(from), String(to - from)];
      execFile(punch, words, (error) => {
        if (error) this.#observer.log('warn', 'the disk of a log cannot be freed', { error: error.message });
      });
    }
    return bytes;
  }

  #markOf(attempt: string): string {
    return join(this.#options.home, 'unshipped', attemptFileName(attempt));
  }
}

/** All that is not known to be stored is sent again, after the store has said how much it has. */
function rewind(log: OpenLog): void {
  log.sent = log.stored;
  log.isLastSent = false;
  log.state = 'new';
}

const bytesOnDisk = (log: OpenLog): number => diskBytes(join(log.directory, 'output.log'));

function diskBytes(path: string): number {
  return (statSync(path, { throwIfNoEntry: false })?.blocks ?? 0) * 512;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => !name.endsWith('.tmp'));
  } catch {
    return [];
  }
}
