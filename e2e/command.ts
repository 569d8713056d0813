/** Runs the `hera` command as people do, in a process and a folder of its own, and waits for conditions. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../packages/server/bin/hera.js', import.meta.url));
const LOOK_MS = 20;

/** A command that runs, or has ended. */
export interface RunningCommand {
  readonly child: ChildProcess;
  /** What it has written so far. */
  out(): string;
  err(): string;
  /** Exit code, or the name of the signal that ended it, once all that it has written is here. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** The same, as soon as its process is gone: what it has started may still hold its output open. */
  readonly exited: Promise<number | NodeJS.Signals>;
}

/** A folder for files, and HERA_HOME below it; everything goes when it is closed. */
export class Place {
  readonly folder = mkdtempSync(join(tmpdir(), 'hera-e2e-'));
  readonly home = join(this.folder, '.hera');
  readonly #children = new Set<ChildProcess>();

  /** Writes a file and gives its path. */
  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8');
  }

  /** Names of the files that begin with `prefix`. */
  names(prefix: string): string[] {
    return existsSync(this.folder) ? readdirSync(this.folder).filter((name) => name.startsWith(prefix)) : [];
  }

  /** Starts `hera` with these arguments. */
  start(...args: readonly string[]): RunningCommand {
    const child = spawn(process.execPath, [BIN, ...args], {
      cwd: this.folder,
      env: { PATH: process.env['PATH'], HERA_HOME: this.home, HERA_PORT: '0', HOME: this.folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#children.add(child);
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    const ended = new Promise<number | NodeJS.Signals>((resolve) => {
      child.once('close', (code, signal) => {
        this.#children.delete(child);
        resolve(code ?? signal ?? 'SIGKILL');
      });
    });
    const exited = new Promise<number | NodeJS.Signals>((resolve) => {
      child.once('exit', (code, signal) => resolve(code ?? signal ?? 'SIGKILL'));
    });
    return { child, out: () => out, err: () => err, ended, exited };
  }

  /** Runs `hera` to its end. */
  async run(
    ...args: readonly string[]
  ): Promise<{ exit: number | NodeJS.Signals; out: string; err: string }> {
    const command = this.start(...args);
    const exit = await command.ended;
    return { exit, out: command.out(), err: command.err() };
  }

  /** Ends what still runs and removes the folder. */
  close(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** Resolves with the first value that is neither null nor false; the test's time limit ends the wait. */
export async function until<T>(look: () => T | null | false | undefined): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== null && found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** Processes of this machine whose command line or environment names the folder. */
export function processesOf(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return line.includes(folder) || readFileSync(`/proc/${pid}/environ`, 'utf8').includes(folder);
      } catch {
        return false;
      }
    });
}
