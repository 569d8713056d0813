/**
 * What runs came to, for those who wait. A handle begins to listen when its request is answered, in the same
 * turn as the commit, so it misses nothing; what it did not see itself it reads from the store.
 */
import { SchedulerError } from '../model/errors.js';
import { parseRunText } from '../model/ids.js';
import type { EndPhase } from '../model/run.js';
import type { Queries } from '../ports/queries.js';
import type { CommittedBatch } from '../shell/leader-loop.js';
import type { Scheduler } from '../shell/scheduler-types.js';
import { hasEnded } from './phase-watch.js';
import type { PhaseEvent, PhaseListener, PhaseWatch } from './phase-watch.js';
import type { RunHandle, RunResult } from './types.js';

/** What handles need of the engine around them. */
export interface ResultPorts {
  readonly scheduler: Scheduler;
  readonly queries: Queries;
  readonly watch: PhaseWatch;
  /** The commit that was told last; null before the first. */
  readonly lastBatch: () => CommittedBatch | null;
  /** Makes a promise that `stop` rejects if it is still open. */
  readonly promise: <T>(
    settle: (resolve: (value: T) => void, reject: (error: Error) => void) => void,
  ) => Promise<T>;
}

/** The value of a run's newest success; null when it has none. */
export async function readValue(ports: ResultPorts, run: string): Promise<unknown> {
  const ref = parseRunText(run);
  if (!ref) return null;
  const { scheduler, queries } = ports;
  const job =
    scheduler.role === 'leading'
      ? scheduler.peek((state) => state.jobsByName.get(ref.job)?.id)
      : (await queries.job(ref.job))?.id;
  if (job === undefined) return null;
  const text = scheduler.results.peek(job, ref.slotKey) ?? (await scheduler.results.read(job, ref.slotKey));
  return text === null ? null : (JSON.parse(text) as unknown);
}

interface End {
  readonly phase: EndPhase;
  readonly reason: string | null;
}

/** One generation, followed from its beginning to its end. */
export class FollowedRun implements RunHandle, PhaseListener {
  readonly run: string;
  readonly generation: number;
  readonly #ports: ResultPorts;
  #end: End | null = null;
  #wasSeen = false;
  #waiting: (() => void)[] = [];

  constructor(ports: ResultPorts, run: string, generation: number) {
    this.run = run;
    this.generation = generation;
    this.#ports = ports;
    ports.watch.add(run, this);
    for (const event of ports.lastBatch()?.events ?? []) {
      if (event.type === 'generation.phase' && event.run === run) this.onPhase(event);
    }
  }

  onPhase({ generation, phase, reason }: PhaseEvent): void {
    if (generation !== this.generation) return;
    this.#wasSeen = true;
    if (hasEnded(phase)) this.#ended({ phase, reason });
  }

  async result(): Promise<RunResult> {
    if (!this.#end && !this.#wasSeen) await this.look();
    if (!this.#end) await this.#ports.promise<void>((resolve) => this.#waiting.push(resolve));
    const { phase, reason } = this.#end ?? { phase: 'failed', reason: null };
    const value = phase === 'succeeded' ? await readValue(this.#ports, this.run) : null;
    return { run: this.run, phase, reason, value };
  }

  /** Looks in the store: the end may have come while another process led, or before this handle was made. */
  async look(): Promise<void> {
    const detail = await this.#ports.queries.run(this.run);
    const found = detail?.generations.find(({ g }) => g === this.generation);
    if (!found) {
      const message = `run ${this.run} has no generation ${this.generation}`;
      throw new SchedulerError('RUN_NOT_FOUND', message, { run: this.run });
    }
    if (hasEnded(found.phase)) this.#ended({ phase: found.phase, reason: found.reason });
  }

  #ended(end: End): void {
    if (this.#end) return;
    this.#end = end;
    this.#ports.watch.remove(this.run, this);
    for (const resolve of this.#waiting) resolve();
    this.#waiting = [];
  }
}
