/**
 * Child processes that benchmarks start, their processor time, and their end. Only processes started here
 * are ever signalled, each by its id.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const MS_PER_TICK = 10;

/**
 * Processor time of processes and all that they started, ms: user and system, the ended children that were
 * waited for included. A tick is 10 ms, so a round must be long against that.
 */
export function cpuMs(roots) {
  const children = new Map();
  const times = new Map();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = statOf(Number(entry));
    if (!stat) continue;
    times.set(Number(entry), stat.ticks);
    children.set(stat.parent, [...(children.get(stat.parent) ?? []), Number(entry)]);
  }
  let ticks = 0;
  const left = [...roots];
  while (left.length > 0) {
    const pid = left.pop();
    ticks += times.get(pid) ?? 0;
    left.push(...(children.get(pid) ?? []));
  }
  return ticks * MS_PER_TICK;
}

function statOf(pid) {
  let line;
  try {
    line = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  // The name, in parentheses, may hold anything; what follows it is numbers.
  const fields = line
    .slice(line.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15);
  return { parent: fields[1], ticks: user + system + endedUser + endedSystem };
}

/** A process that plays one side of a comparison: asked by messages, one at a time. */
export class Side {
  #child;
  #waiting = null;
  /** Process ids whose time counts for this side. */
  pids;

  constructor(file, env = {}, pids = []) {
    this.#child = spawn(process.execPath, ['--expose-gc', file], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, ...env },
    });
    this.pids = [this.#child.pid, ...pids];
    this.#child.on('message', (message) => {
      const waiting = this.#waiting;
      this.#waiting = null;
      if (message?.error) waiting?.reject(new Error(message.error));
      else waiting?.resolve(message);
    });
    this.#child.on('exit', (code) => this.#waiting?.reject(new Error(`${file} ended with ${code}`)));
  }

  ask(message) {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#child.send(message);
    });
  }

  /** Asks, and measures the processor time of all processes of this side meanwhile. */
  async measure(message, count) {
    const before = cpuMs(this.pids);
    const answer = await this.ask(message);
    const cpu = cpuMs(this.pids) - before;
    return { ...answer, perSecond: (count / answer.ms) * 1_000, cpuUsPerTask: (cpu / count) * 1_000 };
  }

  async end() {
    const exited = new Promise((resolve) => this.#child.once('exit', resolve));
    if (this.#child.exitCode !== null) return;
    this.#child.send({ type: 'end' });
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
    await exited;
    clearTimeout(timer);
  }
}

/** The other end: answers each message with what the function of its type returns. */
export function serve(calls) {
  process.on('message', (message) => {
    if (message.type === 'end') {
      void Promise.resolve(calls.end?.()).finally(() => process.exit(0));
      return;
    }
    Promise.resolve()
      .then(() => calls[message.type](message))
      .then(
        (answer) => process.send(answer),
        (error) => process.send({ error: String(error?.stack ?? error) }),
      );
  });
}
