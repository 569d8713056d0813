/** Faults of all kinds, thrown at a world at random until it is healed. */
import type { Random } from '../model/random.js';
import type { Failpoints } from '../simulator/simulated-process.js';
import { soundDisk } from '../simulator/simulated-disk.js';
import { soundNetwork } from '../simulator/simulated-network.js';
import type { SimulatedHost } from '../simulator/simulated-host.js';
import type { SimulatedServer } from '../simulator/simulated-server.js';
import { soundStore } from '../simulator/simulated-store.js';
import type { SimulatedCluster } from '../simulator/simulated-cluster.js';
import { pick, waitMs } from './world-options.js';
import type { FaultKind, WorldOptions } from './world-options.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

/** Stops a process at one of its next outward acts. */
export class ArmedFailpoints implements Failpoints {
  readonly #armed = new Map<string, { left: number; readonly what: 'crash' | 'crashAfter' | number }>();

  arm(name: string, afterActs: number, what: 'crash' | 'crashAfter' | number): void {
    this.#armed.set(name, { left: afterActs, what });
  }

  clear(): void {
    this.#armed.clear();
  }

  before(name: string): 'crash' | 'crashAfter' | number | null {
    const armed = this.#armed.get(name);
    if (!armed) return null;
    armed.left -= 1;
    if (armed.left > 0) return null;
    this.#armed.delete(name);
    return armed.what;
  }
}

export interface FaultsOptions {
  readonly world: WorldOptions;
  readonly cluster: SimulatedCluster;
  readonly failpoints: ArmedFailpoints;
  readonly random: Random;
  note(text: string): void;
}

export class WorldFaults {
  readonly #options: FaultsOptions;
  #isOver = false;

  constructor(options: FaultsOptions) {
    this.#options = options;
  }

  /** Begins to throw faults of the kinds that are on. */
  start(): void {
    for (const kind of this.#options.world.faults) this.#later(kind);
  }

  /** No more faults; everything that was broken works again. */
  heal(): void {
    this.#isOver = true;
    const { cluster, failpoints } = this.#options;
    failpoints.clear();
    const { network, database } = cluster;
    Object.assign(database.faults, soundStore());
    const { cut, clogged } = network.faults;
    cut.clear();
    clogged.clear();
    Object.assign(network.faults, { ...soundNetwork(), cut, clogged });
    for (const host of cluster.hosts) {
      Object.assign(host.disk.faults, soundDisk());
      host.jobs.cannotSpawn = false;
      host.jobs.isBroken = false;
      host.clock.setRate(1);
      host.process?.resume();
      host.start();
    }
    for (const server of cluster.servers) {
      server.clock.setRate(1);
      server.process?.resume();
      server.start();
    }
  }

  #later(kind: FaultKind): void {
    const { cluster, random, world } = this.#options;
    cluster.queue.after(waitMs(random, world.faultEveryMs), () => {
      if (this.#isOver) return;
      this.#throw(kind);
      this.#later(kind);
    });
  }

  /** Undoes something later, unless the world is healed by then. */
  #undo(afterMs: number, undo: () => void): void {
    this.#options.cluster.queue.after(afterMs, () => {
      if (!this.#isOver) undo();
    });
  }

  #throw(kind: FaultKind): void {
    const { cluster, random, note } = this.#options;
    const server = pick(random, cluster.servers);
    const host = pick(random, cluster.hosts);
    const forMs = Math.min(3 * MINUTE_MS, 2 * SECOND_MS + waitMs(random, 40 * SECOND_MS));
    note(`fault ${kind} ${server.name}|${host.name} ${Math.round(forMs)}`);
    switch (kind) {
      case 'messageLoss':
      case 'messageDuplication':
      case 'messageDelay':
      case 'partition':
      case 'swizzleClog':
      case 'reconnect':
        return this.#throwAtNetwork(kind, { server, host, forMs });
      case 'serverCrash':
      case 'serverCrashAtPort':
      case 'serverPause':
      case 'serverPauseAtPort':
      case 'serverSuspend':
      case 'serverRestart':
      case 'serverWallJump':
        return this.#throwAtServer(kind, server, forMs);
      case 'storeDown':
      case 'storeSlow':
      case 'storeFails':
      case 'storeFull':
      case 'commitUnknown':
      case 'storeClockJump':
        return this.#throwAtStore(kind, forMs);
      default:
        return this.#throwAtHost(kind, host, forMs);
    }
  }

  #throwAtNetwork(
    kind: 'messageLoss' | 'messageDuplication' | 'messageDelay' | 'partition' | 'swizzleClog' | 'reconnect',
    at: { readonly server: SimulatedServer; readonly host: SimulatedHost; readonly forMs: number },
  ): void {
    const { cluster, random } = this.#options;
    const { network, hosts, queue } = cluster;
    const { faults } = network;
    const { server, host, forMs } = at;
    switch (kind) {
      case 'messageLoss':
        faults.loss = pick(random, [0.05, 0.3, 0.7]);
        return this.#undo(forMs, () => void (faults.loss = 0));
      case 'messageDuplication':
        faults.duplication = pick(random, [0.1, 0.5]);
        return this.#undo(forMs, () => void (faults.duplication = 0));
      case 'messageDelay':
        faults.delay = pick(random, [0.05, 0.3]);
        faults.delayMs = pick(random, [2 * SECOND_MS, 20 * SECOND_MS, 3 * MINUTE_MS]);
        return this.#undo(forMs, () => void (faults.delay = 0));
      case 'partition': {
        const [from, to] = random.next() < 0.5 ? [server.name, host.name] : [host.name, server.name];
        faults.cut.add(`${from}>${to}`);
        return this.#undo(forMs * 2, () => void faults.cut.delete(`${from}>${to}`));
      }
      case 'swizzleClog': {
        const chosen = hosts.filter(() => random.next() < 0.6);
        for (const { name } of chosen) {
          queue.after(random.next() * 20 * SECOND_MS, () => {
            if (!this.#isOver) faults.clogged.add(name);
          });
          this.#undo(20 * SECOND_MS + random.next() * 2 * forMs, () => void faults.clogged.delete(name));
        }
        return;
      }
      case 'reconnect':
        return network.reconnect(host.name);
    }
  }

  #throwAtServer(kind: Extract<FaultKind, `server${string}`>, server: SimulatedServer, forMs: number): void {
    const { random, failpoints } = this.#options;
    switch (kind) {
      case 'serverCrash':
        return server.crash();
      case 'serverCrashAtPort':
        return failpoints.arm(
          server.name,
          1 + random.integer(20),
          random.next() < 0.5 ? 'crash' : 'crashAfter',
        );
      case 'serverPause':
        return server.process?.pause(forMs);
      case 'serverPauseAtPort':
        return failpoints.arm(server.name, 1 + random.integer(20), forMs);
      case 'serverSuspend': {
        server.process?.pause(forMs);
        server.clock.setRate(0);
        return this.#undo(forMs - 1, () => server.clock.setRate(1));
      }
      case 'serverRestart':
        return void server.restart();
      case 'serverWallJump':
        return server.clock.jumpWall((random.next() - 0.5) * 2 * 60 * MINUTE_MS);
    }
  }

  #throwAtStore(
    kind: 'storeDown' | 'storeSlow' | 'storeFails' | 'storeFull' | 'commitUnknown' | 'storeClockJump',
    forMs: number,
  ): void {
    const { cluster, random } = this.#options;
    const { database } = cluster;
    const { faults } = database;
    switch (kind) {
      case 'storeDown':
        faults.isDown = true;
        return this.#undo(forMs, () => void (faults.isDown = false));
      case 'storeSlow':
        faults.slow = pick(random, [0.1, 0.5]);
        faults.slowMs = pick(random, [500, 3 * SECOND_MS, 15 * SECOND_MS]);
        return this.#undo(forMs, () => void (faults.slow = 0));
      case 'storeFails':
        faults.fail = pick(random, [0.05, 0.3]);
        return this.#undo(forMs, () => void (faults.fail = 0));
      case 'storeFull':
        faults.isFull = true;
        return this.#undo(forMs, () => void (faults.isFull = false));
      case 'commitUnknown':
        faults.unknown = pick(random, [0.05, 0.3]);
        return this.#undo(forMs, () => void (faults.unknown = 0));
      case 'storeClockJump':
        return database.jumpClock(
          (random.next() - 0.5) * 2 * pick(random, [SECOND_MS, 30 * SECOND_MS, 5 * MINUTE_MS]),
        );
    }
  }

  #throwAtHost(
    kind: Exclude<
      FaultKind,
      | `message${string}`
      | `server${string}`
      | `store${string}`
      | 'partition'
      | 'swizzleClog'
      | 'reconnect'
      | 'commitUnknown'
    >,
    host: SimulatedHost,
    forMs: number,
  ): void {
    const { random, failpoints } = this.#options;
    switch (kind) {
      case 'agentCrash':
        return host.crashAgent();
      case 'agentCrashAtPort':
        return failpoints.arm(
          host.name,
          1 + random.integer(12),
          random.next() < 0.5 ? 'crash' : 'crashAfter',
        );
      case 'agentPause':
        return host.process?.pause(forMs * 2);
      case 'powerLoss':
        return host.powerLoss(forMs);
      case 'diskFull':
        host.disk.faults.isFull = true;
        host.jobs.cannotSpawn = true;
        return this.#undo(forMs, () => {
          host.disk.faults.isFull = false;
          host.jobs.cannotSpawn = false;
        });
      case 'diskSlow':
        host.disk.faults.latency = [10, pick(random, [300, 4_000])];
        return this.#undo(forMs, () => void (host.disk.faults.latency = soundDisk().latency));
      case 'diskErrors':
        host.disk.faults.fail = 0.3;
        return this.#undo(forMs, () => void (host.disk.faults.fail = 0));
      case 'badDisk':
        host.jobs.isBroken = true;
        // Long enough for several attempts: the others are to see that it is this one.
        return this.#undo(5 * MINUTE_MS + forMs, () => void (host.jobs.isBroken = false));
      case 'spawnFails':
        host.jobs.cannotSpawn = true;
        return this.#undo(forMs, () => void (host.jobs.cannotSpawn = false));
      case 'workerWallJump':
        return host.clock.jumpWall((random.next() - 0.5) * 2 * 60 * MINUTE_MS);
      case 'clockDrift':
        return host.clock.setRate(pick(random, [0.96, 0.98, 1.02, 1.04]));
    }
  }
}
