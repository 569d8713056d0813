/**
 * A network between servers and workers that may do all a network does: lose, repeat, delay and reorder
 * messages, one direction at a time, or cut single machines off. Each worker is connected to every server,
 * as DESIGN has it, and hears from each; what it says goes to all of them.
 */
import type { Random } from '../model/random.js';
import type {
  SchedulerListener,
  SchedulerTransport,
  WorkerListener,
  WorkerTransport,
} from '../ports/transport.js';
import type { SchedulerMessage, WorkerMessage } from '../protocol/messages.js';
import type { EventQueue } from './event-queue.js';
import type { SimulatedProcess } from './simulated-process.js';

/** What goes wrong on the way; probabilities are per message, from 0 to 1. May be changed at any time. */
export interface NetworkFaults {
  /** Ms of one way, at least and at most. */
  latency: readonly [number, number];
  loss: number;
  duplication: number;
  /** Probability of a delay of up to `delayMs`: what was sent later then arrives earlier. */
  delay: number;
  delayMs: number;
  /** Directions that are cut, as `from>to`. */
  readonly cut: Set<string>;
  /** Machines that are cut off in both directions. */
  readonly clogged: Set<string>;
}

/** A network without faults. */
export const soundNetwork = (): NetworkFaults => ({
  latency: [0.2, 2],
  loss: 0,
  duplication: 0,
  delay: 0,
  delayMs: 0,
  cut: new Set(),
  clogged: new Set(),
});

/** Learns of messages as they leave and arrive, for traces. */
export interface NetworkWitness {
  onMessage(what: 'sent' | 'lost' | 'arrived', route: Route, message: SchedulerMessage | WorkerMessage): void;
}

/** From one machine to another. */
export interface Route {
  readonly from: string;
  readonly to: string;
}

interface ServerEnd {
  readonly process: SimulatedProcess;
  readonly listener: SchedulerListener;
}

interface WorkerEnd {
  readonly process: SimulatedProcess;
  readonly listener: WorkerListener;
}

/** How long it takes a machine to notice that a peer is gone. */
const NOTICE_MS = 50;

export class SimulatedNetwork {
  readonly faults: NetworkFaults = soundNetwork();
  readonly #queue: EventQueue;
  readonly #random: Random;
  readonly #witness: NetworkWitness | null;
  readonly #servers = new Map<string, ServerEnd>();
  readonly #workers = new Map<string, WorkerEnd>();

  constructor(options: {
    readonly queue: EventQueue;
    readonly random: Random;
    readonly witness?: NetworkWitness;
  }) {
    this.#queue = options.queue;
    this.#random = options.random;
    this.#witness = options.witness ?? null;
  }

  /** The end of one life of a server. */
  server(name: string, process: SimulatedProcess): SchedulerTransport {
    process.onCrash(() => this.#serverGone(name, process));
    return {
      listen: (listener) => {
        process.does(() => {
          this.#servers.set(name, { process, listener });
          for (const worker of this.#workers.values()) this.#greet(worker);
        });
        return Promise.resolve();
      },
      send: (worker, messages) => {
        process.does(() => {
          for (const message of messages) this.#toWorker({ from: name, to: worker }, message);
        });
      },
      close: () => {
        process.does(() => this.#serverGone(name, process));
        return Promise.resolve();
      },
    };
  }

  /** The end of one life of a worker's agent. */
  worker(name: string, process: SimulatedProcess): WorkerTransport {
    process.onCrash(() => this.#workerGone(name, process));
    return {
      connect: (listener) => {
        process.does(() => {
          const end = { process, listener };
          this.#workers.set(name, end);
          if (this.#servers.size > 0) this.#greet(end);
        });
        return Promise.resolve();
      },
      send: (messages) => {
        process.does(() => {
          for (const server of this.#servers.keys()) {
            for (const message of messages) this.#toServer({ from: name, to: server }, message);
          }
        });
      },
      close: () => {
        process.does(() => this.#workerGone(name, process));
        return Promise.resolve();
      },
    };
  }

  /** Tells both ends that their connections broke and came back, as after a cable was pulled. */
  reconnect(worker: string): void {
    const end = this.#workers.get(worker);
    if (!end) return;
    end.process.enter(() => end.listener.onDisconnect());
    for (const server of this.#servers.values()) {
      server.process.enter(() => server.listener.onDisconnect(worker));
    }
    this.#greet(end);
  }

  #greet({ process, listener }: WorkerEnd): void {
    this.#queue.after(NOTICE_MS, () => process.enter(() => listener.onConnect()));
  }

  #serverGone(name: string, process: SimulatedProcess): void {
    if (this.#servers.get(name)?.process !== process) return;
    this.#servers.delete(name);
    if (this.#servers.size > 0) return;
    for (const worker of this.#workers.values()) {
      this.#queue.after(NOTICE_MS, () => {
        if (this.#servers.size === 0) worker.process.enter(() => worker.listener.onDisconnect());
      });
    }
  }

  #workerGone(name: string, process: SimulatedProcess): void {
    if (this.#workers.get(name)?.process !== process) return;
    this.#workers.delete(name);
    for (const server of this.#servers.values()) {
      this.#queue.after(NOTICE_MS, () => {
        if (!this.#workers.has(name)) server.process.enter(() => server.listener.onDisconnect(name));
      });
    }
  }

  #toWorker(route: Route, message: SchedulerMessage): void {
    this.#carry(route, message, () => {
      const end = this.#workers.get(route.to);
      end?.process.enter(() => end.listener.onMessage(message));
    });
  }

  #toServer(route: Route, message: WorkerMessage): void {
    this.#carry(route, message, () => {
      const end = this.#servers.get(route.to);
      end?.process.enter(() => end.listener.onMessage(route.from, message));
    });
  }

  #carry(route: Route, message: SchedulerMessage | WorkerMessage, deliver: () => void): void {
    const { faults } = this;
    this.#witness?.onMessage('sent', route, message);
    if (this.#isCut(route) || this.#random.next() < faults.loss) {
      this.#witness?.onMessage('lost', route, message);
      return;
    }
    const copies = faults.duplication > 0 && this.#random.next() < faults.duplication ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      this.#queue.after(this.#wayMs(), () => {
        // A cut also stops what is on its way.
        if (this.#isCut(route)) return;
        this.#witness?.onMessage('arrived', route, message);
        deliver();
      });
    }
  }

  #isCut({ from, to }: Route): boolean {
    const { cut, clogged } = this.faults;
    return cut.has(`${from}>${to}`) || clogged.has(from) || clogged.has(to);
  }

  #wayMs(): number {
    const { latency, delay, delayMs } = this.faults;
    const [least, most] = latency;
    const usual = least + this.#random.next() * (most - least);
    return delay > 0 && this.#random.next() < delay ? usual + this.#random.next() * delayMs : usual;
  }
}
