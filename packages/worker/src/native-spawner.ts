/**
 * The agent's end of a spawner that is the native shim itself: orders go to its input, news come from its
 * output (native/shim.c says how). It weighs nothing, so starting an attempt costs what the kernel takes.
 * When the agent dies it leaves too: each shim guards its own attempt.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import type { Launcher, SpawnerListener, SpawnerOrder } from './spawner-messages.js';
import { ownEnvironment } from './spawner-client.js';

/** What the kernel takes as one variable, and a bound below what it takes in all. */
const VARIABLE_BYTES_MAX = 131_072;
const VARIABLES_BYTES_MAX = 1_900_000;

const SIGNAL_NAMES = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));
const ERROR_NAMES = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));

/** Starts its spawner with the first order, and another when it dies. */
export class NativeSpawner implements Launcher {
  readonly #path: string;
  readonly #home: string;
  readonly #listener: SpawnerListener;
  #child: ChildProcess | null = null;
  #isClosed = false;
  #number = 0;
  /** Attempts by the number of their order, until they have ended. */
  readonly #attempts = new Map<number, string>();
  #rest = '';

  constructor(path: string, home: string, listener: SpawnerListener) {
    this.#path = path;
    this.#home = home;
    this.#listener = listener;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  send(order: SpawnerOrder): void {
    this.#number = (this.#number + 1) >>> 0;
    const frame = frameOf(this.#number, order);
    if (frame === null) {
      const { attempt } = order;
      const message = 'E2BIG: its environment is more than a process can have.';
      queueMicrotask(() => this.#listener.onNews({ type: 'failed', attempt, code: 'E2BIG', message }));
      return;
    }
    this.#attempts.set(this.#number, order.attempt);
    this.#open().stdin?.write(frame);
  }

  close(): void {
    this.#isClosed = true;
    this.#child?.stdin?.end();
    this.#child = null;
  }

  #open(): ChildProcess {
    if (this.#child) return this.#child;
    const child = spawn(this.#path, ['spawner', this.#home], {
      // Out of the agent's session: a signal to that one's group is not meant for attempts.
      detached: true,
      cwd: '/',
      stdio: ['pipe', 'pipe', 'inherit'],
      env: ownEnvironment(),
    });
    this.#child = child;
    this.#rest = '';
    child.stdout.setEncoding('latin1');
    child.stdout.on('data', (text: string) => {
      if (this.#child === child) this.#onText(text);
    });
    child.stdin.on('error', () => this.#lost(child));
    child.on('error', () => this.#lost(child));
    // What it said before it died has been read by then.
    child.on('close', () => this.#lost(child));
    child.unref();
    for (const pipe of [child.stdin, child.stdout]) (pipe as { unref?: () => void }).unref?.();
    return child;
  }

  #onText(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#onLine(line.split(' '));
  }

  #onLine([what, number, first, second]: readonly string[]): void {
    const attempt = this.#attempts.get(Number(number));
    if (attempt === undefined) return;
    if (what === 's') {
      this.#listener.onNews({ type: 'spawned', attempt, pid: Number(first), startTicks: Number(second) });
      return;
    }
    this.#attempts.delete(Number(number));
    if (what === 'e') {
      const signal = SIGNAL_NAMES.get(Number(first)) ?? null;
      this.#listener.onNews({ type: 'ended', attempt, signal });
      return;
    }
    const code = ERROR_NAMES.get(Number(first)) ?? 'UNKNOWN';
    this.#listener.onNews({ type: 'failed', attempt, code, message: `fork failed: ${code}` });
  }

  #lost(child: ChildProcess): void {
    if (this.#child !== child) return;
    this.#child = null;
    this.#attempts.clear();
    if (!this.#isClosed) this.#listener.onLost();
  }
}

/** Null when it is more than a process can be given. */
function frameOf(number: number, order: SpawnerOrder): Buffer | null {
  const { directory, timeoutMs, graceMs, isFenced, env } = order;
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  if (variables.some((variable) => Buffer.byteLength(variable) >= VARIABLE_BYTES_MAX)) return null;
  const times = [timeoutMs, graceMs].map((ms) => String(Math.round(ms)));
  const strings = [directory, ...times, isFenced ? '1' : '0', ...variables];
  const body = Buffer.from(`${strings.join('\0')}\0`);
  if (body.length > VARIABLES_BYTES_MAX) return null;
  const head = Buffer.alloc(8);
  head.writeUInt32LE(body.length, 0);
  head.writeUInt32LE(number, 4);
  return Buffer.concat([head, body]);
}
