/** Puts an engine together from ports and defaults. */
import { SchedulerError } from '../model/errors.js';
import { zoneName } from '../model/ids.js';
import { createMemoryStore } from '../memory/memory-store.js';
import { createMemoryTransport } from '../memory/transport.js';
import { createQueries } from '../memory/queries.js';
import type { Executor } from '../ports/executor.js';
import { silentObserver } from '../ports/observer.js';
import type { Queries } from '../ports/queries.js';
import type { SchedulerTransport } from '../ports/transport.js';
import type { Agent } from '../shell/agent.js';
import { createFunctionExecutor } from '../shell/function-executor.js';
import { joinTransports } from '../shell/joined-transport.js';
import { createScheduler } from '../shell/scheduler.js';
import type { Scheduler } from '../shell/scheduler-types.js';
import { systemClock } from '../shell/system-clock.js';
import { collect } from './collect.js';
import type { Collected } from './collect.js';
import { EmbeddedHera } from './hera.js';
import { createLocalWorker } from './local-worker.js';
import type { CreateHeraOptions, Hera } from './types.js';

const SLOTS = 16;
const SLOTS_MAX = 100_000;
const NAME = 'embedded';
const DEFAULT_POOL = 'default';
/** How late a leader hears of what was asked elsewhere when nobody can tell it. */
const COMMANDS_EVERY_MS = 1_000;
/** Between worker and scheduler in one process nothing is lost, so little need be said again. */
const PULSE_MS = 30_000;

/**
 * An engine in this process, made stopped: `start` it. With no options but jobs it keeps everything in memory
 * and runs the jobs' functions here. @throws SchedulerError `DEFINITION_INVALID`, `OPTION_INVALID`.
 */
export function createHera(options: CreateHeraOptions): Hera {
  return createEngine(options, {}).hera;
}

/** Settings that only tests change. */
export interface EngineSettings {
  /** Between pulses of the worker in this process. */
  readonly pulseMs?: number;
  /** What runs attempts in this process, instead of the function executor and the application's own. */
  readonly executorsFor?: (collected: Collected) => readonly Executor[];
}

/** An engine and the parts that tests look into. */
export interface Engine {
  readonly hera: Hera;
  readonly scheduler: Scheduler;
  readonly queries: Queries;
}

/** As `createHera`, with the settings that tests change. */
export function createEngine(options: CreateHeraOptions, settings: EngineSettings): Engine {
  const clock = options.clock ?? systemClock;
  const observer = options.log ?? silentObserver;
  const store = options.store ?? createMemoryStore({ now: () => clock.wallMs() });
  const collected = collect(options);
  const carriers: SchedulerTransport[] = options.transport ? [options.transport] : [];
  let worker: Agent | null = null;
  if (slotsOf(options) > 0) {
    const memory = createMemoryTransport();
    carriers.push(memory);
    const transport = memory.connect(options.name ?? NAME);
    worker = localWorker(options, settings, { collected, transport, clock, observer });
  }
  const transport = joinTransports(carriers);
  const { zone, area = null, schedules, selectors, secrets } = options;
  const leaseMs = options.leaseMs ?? store.leaseMs;
  const scheduler = createScheduler({
    store,
    transport,
    clock,
    observer,
    name: options.name ?? NAME,
    kernel: {
      area,
      ...(zone !== undefined && { zone: zoneName(zone) }),
      ...(schedules !== undefined && { schedules }),
      ...(selectors && { selectors }),
    },
    ...(leaseMs !== undefined && { leaseMs }),
    ...(options.follow && { pass: options.follow, commandsEveryMs: COMMANDS_EVERY_MS }),
    ...(secrets && { secrets }),
  });
  const { onRole } = options.follow ?? {};
  if (onRole) scheduler.onRole((role) => onRole(role === 'leading'));
  const queries = createQueries(store);
  const hera = new EmbeddedHera({
    scheduler,
    queries,
    observer,
    clock,
    worker,
    workerName: options.name ?? NAME,
    definitions: collected.definitions,
    actor: options.actor ?? 'embedder',
    zone: zone ?? 'UTC',
    prune: options.onMissing === 'retire',
    mayFollow: options.follow !== undefined,
    close: async () => {
      await transport.close();
      if (!options.store) await store.close();
    },
  });
  return { hera, scheduler, queries };
}

function slotsOf({ slots = SLOTS }: CreateHeraOptions): number {
  if (Number.isInteger(slots) && slots >= 0 && slots <= SLOTS_MAX) return slots;
  const expected = `a whole number from 0 to ${SLOTS_MAX}`;
  throw new SchedulerError('OPTION_INVALID', `slots: ${slots} is not ${expected}`, {
    option: 'slots',
    expected,
  });
}

function localWorker(
  options: CreateHeraOptions,
  settings: EngineSettings,
  parts: Pick<Parameters<typeof createLocalWorker>[0], 'transport' | 'clock' | 'observer'> & {
    readonly collected: Collected;
  },
): Agent {
  const { collected, transport, clock, observer } = parts;
  const { onOutput } = options;
  const executors = settings.executorsFor?.(collected) ?? [
    ...(options.executors ?? []),
    createFunctionExecutor({ functions: collected.functions, clock }),
  ];
  return createLocalWorker({
    name: options.name ?? NAME,
    slots: slotsOf(options),
    pools: poolsOf(collected),
    executors,
    transport,
    clock,
    observer,
    pulseMs: settings.pulseMs ?? PULSE_MS,
    ...(onOutput && { onOutput }),
  });
}

/** All pools that the definitions name: without other workers, this one serves them all. */
function poolsOf({ definitions }: Collected): readonly string[] {
  const groups = Object.values(definitions.groups ?? {}).map(({ defaults }) => defaults?.pool);
  const jobs = Object.values(definitions.jobs ?? {}).map(({ pool }) => pool);
  const named = [...groups, ...jobs].filter((pool) => pool !== undefined);
  return [...new Set([DEFAULT_POOL, ...Object.keys(definitions.pools ?? {}), ...named])];
}
