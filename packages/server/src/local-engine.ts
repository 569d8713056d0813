/**
 * A whole installation on one machine: store, agent and engine, composed from the public packages. `hera up`
 * and `hera run` differ only in what they give it.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  Definitions,
  GroupDefinition,
  Hera,
  JobDefinition,
  LogStore,
  Observer,
  PolicyDefinition,
  Queries,
  Store,
} from '@hera/core';
import { createHera } from '@hera/core';
import { createSqliteStore } from '@hera/store-sqlite';
import { createLocalLogStore, startLocalAgent } from '@hera/worker';
import { writeFunctionModule } from './definitions/function-module.js';
import type { LoadedDefinitions } from './definitions/load.js';
import { startRetention } from './retention.js';
import type { Enrollment } from './services/engine.js';
import type { Abilities } from './run/check-kinds.js';

/** What differs between the commands. */
export interface LocalEngineOptions {
  /** Folder of store, agent and logs. */
  readonly folder: string;
  /** Attempts at once. */
  readonly slots: number;
  /** Definitions to apply at the start; those of the store stay when absent. */
  readonly loaded?: LoadedDefinitions;
  /** Whether slots that come due are started. */
  readonly schedules: boolean;
  /** Default what suits the store. */
  readonly leaseMs?: number;
  readonly zone: string;
  /** Empty is none. */
  readonly area: string;
  /** Who asks, in records. */
  readonly actor: string;
  readonly log: Observer;
}

/** A running installation. */
export interface LocalEngine {
  readonly hera: Hera;
  readonly store: Store & Queries;
  readonly logs: LogStore;
  /** Lets workers on other machines in; null where all workers are its own. */
  readonly enrollment?: Enrollment;
  /** What its worker can run. */
  readonly abilities: Abilities;
  /** Ends it; with `kill` no process of an attempt is left, without it they go on and are found again. */
  stop(options: { readonly kill: boolean }): Promise<void>;
}

/** On one machine its one worker stands for every pool that a job of the files or the store can name. */
async function poolsOf(definitions: Definitions, store: Store): Promise<string[]> {
  const pools = new Set(['default', ...Object.keys(definitions.pools ?? {})]);
  const take = ({ pool }: PolicyDefinition) => pool !== undefined && pools.add(pool);
  for (const job of Object.values(definitions.jobs ?? {})) take(job);
  for (const { defaults } of Object.values(definitions.groups ?? {})) take(defaults ?? {});
  for (const table of ['pool', 'job', 'job_group'] as const) {
    for (const { key, value } of await store.read(table, { limit: ROWS_MAX })) {
      const definition = JSON.parse(String(value['definition'] ?? '{}')) as JobDefinition & GroupDefinition;
      if (table === 'pool') pools.add(String(key[0]));
      take(definition);
      take(definition.defaults ?? {});
    }
  }
  return [...pools];
}

const ROWS_MAX = 100_000;
/** An agent that said hello before the engine led says it again with its next pulse: soon, then. */
const PULSE_MS = 500;

/** Starts it; resolves once it leads. */
export async function startLocalEngine(options: LocalEngineOptions): Promise<LocalEngine> {
  const { folder, slots, loaded, log, area } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const store = createSqliteStore({ path: join(folder, 'hera.db') });
  const agentHome = join(folder, 'agent');
  const modules = loaded?.modules ?? [];
  const module = modules.length > 0 ? await writeFunctionModule(folder, modules) : undefined;
  const logs = createLocalLogStore({ dir: folder });
  const agent = await startLocalAgent({
    home: agentHome,
    slots,
    pools: await poolsOf(loaded?.definitions ?? {}, store),
    observer: log,
    logs,
    pulseMs: PULSE_MS,
    ...(module !== undefined && { module }),
  });
  const hera = createHera({
    ...(loaded !== undefined && { jobs: loaded.definitions }),
    store,
    transport: agent.transport,
    slots: 0,
    schedules: options.schedules,
    ...(options.leaseMs !== undefined && { leaseMs: options.leaseMs }),
    zone: options.zone,
    actor: options.actor,
    log,
    ...(area !== '' && { area }),
  });
  const endRetention = startRetention({ store, leads: () => hera.leads, log });
  const stop = async ({ kill }: { readonly kill: boolean }) => {
    endRetention();
    await hera.stop({ deadlineMs: 0 });
    await agent.stop({ kill });
    await store.close();
  };
  try {
    await hera.start();
  } catch (error) {
    await stop({ kill: false });
    throw error;
  }
  return {
    hera,
    store,
    logs,
    abilities: agent.profile,
    stop,
  };
}
