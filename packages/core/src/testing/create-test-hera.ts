/**
 * An engine in virtual time, for tests of jobs: the same kernel, shell and worker as in production, a clock
 * that the test moves, and attempts that go as the test says. Nothing sleeps.
 *
 *     const t = await createTestHera({ jobs: [orders, report], at: '2026-03-28T00:00+08:00' });
 *     t.fate(orders, [{ fail: 1, after: '30s' }, { ok: { rows: 1 }, after: '40m' }]);
 *     await t.advanceTo('2026-03-28T06:00+08:00');
 *     expect(t.runs(report)).toMatchObject([{ phase: 'succeeded' }]);
 */
import { parseDuration } from '../calendar/duration.js';
import { parseTime } from '../calendar/time.js';
import { createEngine } from '../embed/create-hera.js';
import type { Collected } from '../embed/collect.js';
import type { CreateHeraOptions, Hera, Job, Time } from '../embed/types.js';
import { explain } from '../kernel/index.js';
import { must } from '../model/assert.js';
import type { StoredEvent } from '../model/events.js';
import type { Blocker } from '../model/run.js';
import type { Duration } from '../model/schedule.js';
import type { Run } from '../model/views.js';
import type { Queries } from '../ports/queries.js';
import { createFateExecutor } from './fate-executor.js';
import type { Fate, FateExecutor } from './fate-executor.js';
import { nextTurn, VirtualClock } from './virtual-clock.js';

/** What `createHera` takes, and when the test begins. */
export interface TestHeraOptions extends Omit<CreateHeraOptions, 'clock' | 'executors' | 'slots'> {
  /** When the test begins. */
  readonly at: Time;
  /** Attempts at once; default 1,000, so that nothing waits for a slot unless the test wants it. */
  readonly slots?: number;
}

/** An engine in virtual time, started. */
export interface TestHera {
  /** The engine; what it is asked is done at once, without time passing. */
  readonly hera: Hera;
  readonly clock: VirtualClock;
  /** What the next attempts of a job come to, in order; the last fate is that of all further ones. */
  fate<Value>(job: string | Job<Value>, fates: readonly Fate<NoInfer<Value>>[]): void;
  /** Lets time pass until then. */
  advanceTo(at: Time): Promise<void>;
  /** Lets this much time pass. */
  advance(by: Duration): Promise<void>;
  /** Why the run, or the next run of the job, does not run now. */
  why(runOrJob: string | Job): readonly Blocker[];
  /** Runs as of the last advance, newest slot first; of one job, or all. */
  runs(job?: string | Job): readonly Run[];
  /** Events since the start, in order. */
  readonly events: readonly StoredEvent[];
  /** Stops the engine, at once. */
  stop(): Promise<void>;
}

/** No other process wants to lead, so the lease need not be renewed in every test. */
const LEASE_MS = 10 * 365 * 86_400_000;
/** As far apart as the kernel bears: fewer pulses are fewer steps. */
const PULSE_MS = 60_000;
const SLOTS = 1_000;

/** Makes and starts an engine in virtual time. Rejects as `hera.start` does. */
export async function createTestHera(options: TestHeraOptions): Promise<TestHera> {
  const { at, slots = SLOTS, ...others } = options;
  const clock = new VirtualClock(parseTime(at));
  let executor: FateExecutor | null = null;
  const engine = createEngine(
    { leaseMs: LEASE_MS, ...others, slots, clock },
    {
      pulseMs: PULSE_MS,
      executorsFor: (collected) => {
        executor = createFateExecutor({ clock, kinds: kindsOf(collected), functions: collected.functions });
        return [executor];
      },
    },
  );
  const { hera, scheduler, queries } = engine;
  const fates = must<FateExecutor>(executor, 'executor');
  const snapshot = new Snapshot(queries);
  const events: StoredEvent[] = [];
  hera.on('event', (_event, stored) => {
    events.push(stored);
    snapshot.onEvent(stored);
  });
  await hera.start();
  const settle = async () => {
    await nextTurn();
    await fates.settled();
    await nextTurn();
  };
  const advanceTo = async (until: number) => {
    await clock.advanceTo(until, settle);
    await snapshot.refresh();
  };
  await advanceTo(clock.wallMs());
  return {
    hera,
    clock,
    events,
    fate: (job, list) => fates.setFates(nameOf(job), list),
    advanceTo: (until) => advanceTo(parseTime(until)),
    advance: (by) => advanceTo(clock.wallMs() + parseDuration(by)),
    why: (runOrJob) => scheduler.peek((state) => explain(state, nameOf(runOrJob))),
    runs: (job) => snapshot.runs(job === undefined ? null : nameOf(job)),
    stop: () => hera.stop({ deadlineMs: 0 }),
  };
}

/** Runs as they were after the last advance, so that a test can look without waiting. */
class Snapshot {
  readonly #queries: Queries;
  readonly #runs = new Map<string, Run>();
  readonly #changed = new Set<string>();

  constructor(queries: Queries) {
    this.#queries = queries;
  }

  onEvent({ event }: StoredEvent): void {
    if ('run' in event) this.#changed.add(event.run);
  }

  async refresh(): Promise<void> {
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const id of changed) {
      const detail = await this.#queries.run(id);
      if (!detail) continue;
      const { generations: _generations, attemptList: _attempts, bindings: _bindings, ...run } = detail;
      this.#runs.set(id, run);
    }
  }

  runs(job: string | null): readonly Run[] {
    const runs = [...this.#runs.values()].filter((run) => job === null || run.job === job);
    return runs.sort((a, b) => b.slot.instant - a.slot.instant || (a.id < b.id ? -1 : 1));
  }
}

function kindsOf({ definitions }: Collected): readonly string[] {
  const groups = Object.values(definitions.groups ?? {}).map(({ defaults }) => defaults?.kind);
  const jobs = Object.values(definitions.jobs ?? {}).map(({ kind }) => kind);
  return ['shell', ...[...groups, ...jobs].filter((kind) => kind !== undefined)];
}

function nameOf(job: string | Job): string {
  return typeof job === 'string' ? job : job.name;
}
