/**
 * `simulate`: what would happen. Fast-forwards definitions through virtual time with the real kernel, so what
 * it says is what the engine does: which runs there will be, when each starts and ends, what waits for what.
 * Nothing is started, and nothing is remembered. The page "tonight", `hera simulate` and tests use it.
 */
import { parseDuration } from './calendar/duration.js';
import { parseTime } from './calendar/time.js';
import type { AttemptClaim } from './kernel/index.js';
import { SchedulerError } from './model/errors.js';
import type { DomainEvent } from './model/events.js';
import { runText, zoneName } from './model/ids.js';
import type { Definitions, FailureClass } from './model/job.js';
import type { Duration, Time } from './model/schedule.js';
import type { AttemptOutcome } from './model/run.js';
import { carryOut } from './simulator/simulated-requests.js';
import type { SimulatedRequest, SimulatedRequestResult } from './simulator/simulated-requests.js';
import { collectRuns } from './simulator/simulated-runs.js';
import type { SimulatedRun } from './simulator/simulated-runs.js';
import { VirtualEngine } from './simulator/virtual-engine.js';
import type { AttemptFate } from './simulator/virtual-engine.js';
import { workerList } from './simulator/virtual-worker.js';
import type { VirtualWorkerDefinition } from './simulator/virtual-worker.js';

export type {
  SimulatedRequest,
  SimulatedRequestBody,
  SimulatedRequestResult,
} from './simulator/simulated-requests.js';
export type { SimulatedAttempt, SimulatedGeneration, SimulatedRun } from './simulator/simulated-runs.js';
export type { VirtualWorkerDefinition as SimulatedWorker } from './simulator/virtual-worker.js';

/** The run an outcome is asked for. */
export interface SimulatedRunFacts {
  /** `job@20261123T020000Z`. */
  readonly id: string;
  readonly job: string;
  readonly slotKey: string;
  readonly generation: number;
  readonly worker: string;
}

/** What an attempt comes to; what is left out is a success after the expected duration, or a minute. */
export interface SimulatedOutcome {
  readonly durationMs?: number;
  /** 0 is success. */
  readonly exitCode?: number;
  /** Class of a failure; default `unknown`, which is tried again. */
  readonly failure?: FailureClass;
  /** JSON text. */
  readonly result?: string;
}

/** What is simulated. */
export interface SimulateOptions {
  /** Slots from this moment on. */
  readonly from: Time;
  /** The end, included. */
  readonly until: Time;
  /** Default zone of schedules; default UTC. */
  readonly zone?: string;
  /** Region of the installation; jobs of other areas count as done. */
  readonly area?: string;
  /** Makes jitter and random dispatch what they are; default 1. */
  readonly seed?: number;
  /** `n` is n workers of one slot each. Default as many as could ever be needed. */
  readonly workers?: number | readonly VirtualWorkerDefinition[];
  readonly outcome?: (run: SimulatedRunFacts, attempt: number) => SimulatedOutcome | undefined;
  /**
   * How long before `from` the estate is taken to have run, with all well: what runs in the first hours waits
   * for slots of the day before. Those runs are not in the result. Default 2 days.
   */
  readonly past?: Duration;
  /** What people do meanwhile. One that is refused is reported in the result, not thrown. */
  readonly requests?: readonly SimulatedRequest[];
}

/** What would happen. */
export interface Simulation {
  readonly from: number;
  readonly until: number;
  /** In the order of their instants, then of their names. */
  readonly runs: readonly SimulatedRun[];
  /** One for each request, in the order of their times. */
  readonly requests: readonly SimulatedRequestResult[];
  /** Each commitment at each instant it was due: met, or breached. */
  readonly commitments: readonly SimulatedCommitment[];
}

/** What became of a commitment at one instant. */
export interface SimulatedCommitment {
  readonly commitment: string;
  readonly due: number;
  readonly state: 'met' | 'breached';
}

const PAST: Duration = '2d';
/** What everything came to before the simulation began. */
const WELL: AttemptFate = { durationMs: 0, outcome: { state: 'succeeded', exitCode: 0 } };
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Longer than any simulation: virtual workers are never lost by themselves. */
const LEASE_MS = 1_000 * 365 * 24 * HOUR_MS;

/**
 * Simulates the definitions from one moment to another. The same arguments give the same result.
 * @throws SchedulerError `DEFINITION_INVALID`, `GRAPH_CYCLE`, `TIME_INVALID`, `OPTION_INVALID`.
 */
export async function simulate(definitions: Definitions, options: SimulateOptions): Promise<Simulation> {
  const from = parseTime(options.from);
  const until = parseTime(options.until);
  if (until < from) throw optionError('until', 'not before `from`');
  const kept = new Map<string, SimulatedCommitment>();
  const engine = createEngine(definitions, options, { from, kept });
  const applied = engine.request({
    type: 'definitions.apply',
    definitions,
    source: 'simulation',
    prune: false,
  });
  if (!applied.ok) throw applied.error;

  await runGently(engine, from - 1);
  endPast(engine, from);
  const results: SimulatedRequestResult[] = [];
  for (const request of inOrder(options.requests ?? [])) {
    const at = Math.max(parseTime(request.at), from);
    if (at > until) break;
    await runGently(engine, at);
    results.push(carryOut(engine, { ...request, at }));
  }
  await runGently(engine, until);
  return { from, until, runs: collectRuns(engine, from), requests: results, commitments: [...kept.values()] };
}

/**
 * What the past waits for in vain lies before it, so all was well there too. Otherwise a job that waits for
 * its own slot before would never begin.
 */
function endPast(engine: VirtualEngine, from: number): void {
  const beforePast = collectRuns(engine, -Infinity).filter(({ phase, blockers }) => {
    return phase === 'waiting' && blockers.some(({ code }) => code === 'SELECTOR_EMPTY');
  });
  for (const { id } of beforePast) carryOut(engine, { at: from - 1, type: 'force', run: id });
  engine.run(from - 1);
}

function createEngine(
  definitions: Definitions,
  options: SimulateOptions,
  { from, kept }: { readonly from: number; readonly kept: Map<string, SimulatedCommitment> },
): VirtualEngine {
  const { zone, area, seed = 1, workers, outcome, past = PAST } = options;
  const expectedMs = new Map<string, number>();
  const engine: VirtualEngine = new VirtualEngine({
    from: from - parseDuration(past),
    kernel: {
      seed,
      workerLeaseMs: LEASE_MS as never,
      ...(zone !== undefined && { zone: zoneName(zone) }),
      ...(area !== undefined && { area }),
    },
    workers: workerList(workers),
    onStep: ({ at, effects }) => {
      for (const event of at < from ? [] : effects.events) noteCommitment(kept, event);
    },
    fate: (claim, worker) => {
      if (engine.now < from) return WELL;
      const said = outcome?.(factsOf(claim, worker), claim.number) ?? {};
      const durationMs = said.durationMs ?? expected(expectedMs, definitions, claim.job);
      return { durationMs, outcome: outcomeOf(said) };
    },
  });
  return engine;
}

/** A breach stands, whenever it is done after all. */
function noteCommitment(kept: Map<string, SimulatedCommitment>, event: DomainEvent): void {
  if (event.type !== 'commitment.state') return;
  const { commitment, due, state } = event;
  const key = `${commitment} ${due}`;
  if ((state === 'met' || state === 'breached') && !kept.has(key)) kept.set(key, { commitment, due, state });
}

const factsOf = ({ job, slotKey, generation }: AttemptClaim, worker: string): SimulatedRunFacts => ({
  id: runText(job, slotKey),
  job,
  slotKey,
  generation,
  worker,
});

function expected(known: Map<string, number>, definitions: Definitions, job: string): number {
  const found = known.get(job);
  if (found !== undefined) return found;
  const duration = definitions.jobs?.[job]?.expect?.duration;
  const ms = duration === undefined ? MINUTE_MS : parseDuration(duration);
  known.set(job, ms);
  return ms;
}

function outcomeOf({ exitCode = 0, failure = 'unknown', result }: SimulatedOutcome): AttemptOutcome {
  if (exitCode !== 0) return { state: 'failed', exitCode, failure };
  return { state: 'succeeded', exitCode, ...(result !== undefined && { result }) };
}

const inOrder = (requests: readonly SimulatedRequest[]) =>
  [...requests].sort((a, b) => parseTime(a.at) - parseTime(b.at));

/** Runs hour by hour and lets others have the thread in between: a page stays alive. */
async function runGently(engine: VirtualEngine, until: number): Promise<void> {
  while (engine.now < until) {
    engine.run(Math.min(until, engine.now + HOUR_MS));
    if (engine.now < until) await new Promise<void>((resolve) => void setTimeout(resolve, 0));
  }
  engine.run(until);
}

const optionError = (option: string, expected: string) =>
  new SchedulerError('OPTION_INVALID', `${option} must be ${expected}`, { option, expected });
