/**
 * The agent's end of the spawner in Node: starts it, passes orders, and starts another when it dies. Attempts
 * do not die with their spawner; who waited for their ends must follow them by their records from then on.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Launcher, SpawnerListener, SpawnerNews, SpawnerOrder } from './spawner-messages.js';

/** Compiled also when this file runs from source: the spawner is a program of its own. */
const SPAWNER = fileURLToPath(new URL('../dist/spawner.js', import.meta.url));
const SHIM = fileURLToPath(new URL('../bin/shim.sh', import.meta.url));
const HEAP_MB = 16;

/** The fallback where the native shim does not run. */
export class SpawnerClient implements Launcher {
  readonly #home: string;
  readonly #listener: SpawnerListener;
  #child: ChildProcess | null = null;
  #isClosed = false;

  constructor(home: string, listener: SpawnerListener) {
    this.#home = home;
    this.#listener = listener;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Starts the spawner unless it runs. */
  open(): ChildProcess {
    if (this.#child) return this.#child;
    const child = fork(SPAWNER, [SHIM, this.#home], {
      // Out of the agent's session: a signal to that one's group is not meant for the guard of attempts.
      detached: true,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: ownEnvironment(),
      execArgv: [
        `--max-old-space-size=${HEAP_MB}`,
        '--max-semi-space-size=1',
        '--single-threaded-gc',
        '--optimize-for-size',
      ],
    });
    child.on('message', (news: SpawnerNews) => {
      if (this.#child === child) this.#listener.onNews(news);
    });
    child.on('error', () => this.#lost(child));
    child.on('exit', () => this.#lost(child));
    child.unref();
    child.channel?.unref();
    this.#child = child;
    return child;
  }

  send(order: SpawnerOrder): void {
    this.open().send(order, () => undefined);
  }

  close(): void {
    this.#isClosed = true;
    if (this.#child?.connected) this.#child.disconnect();
    this.#child = null;
  }

  #lost(child: ChildProcess): void {
    if (this.#child !== child) return;
    this.#child = null;
    if (!this.#isClosed) this.#listener.onLost();
  }
}

/** The worker's environment, without what is about the worker itself. */
export function ownEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(HERA_|NODE_OPTIONS$|NODE_CHANNEL_|NODE_V8_COVERAGE$|npm_|VITEST)/.test(name),
  );
  return Object.fromEntries(kept);
}
