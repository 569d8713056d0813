/**
 * The worker's end. It stays connected to every server and speaks to the one that leads: which that is, each
 * server says, and its messages show, since each carries the epoch of a lease. While nobody has said, it
 * speaks to all: whoever does not lead answers nothing.
 */
import { Context } from 'zeromq';
import { isSchedulerError, silentObserver } from '@hera/core';
import type { LogChannel, Observer, WorkerListener } from '@hera/core';
import { decodeSchedulerFrame } from '@hera/core/protocol';
import type { SchedulerMessage, WorkerMessage } from '@hera/core/protocol';
import { besidePort, readAddress } from './addresses.js';
import { checkServer } from './dialer.js';
import { TransportError } from './errors.js';
import { Outlet } from './outlet.js';
import { ServerConnection } from './server-connection.js';
import type {
  Leadership,
  ServerAddress,
  ServerState,
  ZmqWorkerOptions,
  ZmqWorkerTransport,
} from './transport-types.js';
import { FRAME_BYTES_MAX, countField, textField } from './wire.js';
import type { Fields, Frame } from './wire.js';
import { WorkerLogs } from './worker-logs.js';

/**
 * Makes a worker's end; it connects from `connect` on. @throws TransportError `ADDRESS_INVALID`,
 * `KEY_INVALID`, `OPTION_INVALID`.
 */
export function createZmqWorkerTransport(options: ZmqWorkerOptions): ZmqWorkerTransport {
  if (options.servers.length === 0)
    throw new TransportError('OPTION_INVALID', 'servers: at least one is asked for.');
  for (const server of options.servers) checkServer(server, options.keys);
  return new ZmqWorker(options);
}

/** One server, as this worker sees it. */
class Server implements ServerState {
  readonly at: ServerAddress;
  readonly connection: ServerConnection;
  readonly outlet: Outlet;
  server: string | null = null;
  leadership: Leadership | null = null;
  logs: ServerAddress | null = null;

  constructor(at: ServerAddress, parts: { connection: ServerConnection; outlet: Outlet }) {
    this.at = at;
    this.connection = parts.connection;
    this.outlet = parts.outlet;
  }

  get address(): string {
    return this.at.address;
  }

  get isConnected(): boolean {
    return this.connection.isJoined;
  }
}

class ZmqWorker implements ZmqWorkerTransport {
  readonly #options: ZmqWorkerOptions;
  readonly #observer: Observer;
  readonly #context = new Context();
  readonly #servers: Server[];
  readonly #logs: WorkerLogs;
  #listener: WorkerListener | null = null;
  /** Whom it speaks to: the leader, or all who may be. */
  #targets: readonly Server[] = [];

  constructor(options: ZmqWorkerOptions) {
    this.#options = options;
    this.#observer = options.observer ?? silentObserver;
    this.#context.blocky = false;
    this.#logs = new WorkerLogs({ context: this.#context, worker: options, observer: this.#observer });
    this.#servers = options.servers.map((at) => this.#server(at));
  }

  get servers(): readonly ServerState[] {
    return this.#servers.map(({ address, server, isConnected, leadership }) => ({
      address,
      server,
      isConnected,
      leadership,
    }));
  }

  get logs(): LogChannel {
    return this.#logs;
  }

  connect(listener: WorkerListener): Promise<void> {
    this.#listener = listener;
    for (const { connection } of this.#servers) connection.open();
    return Promise.resolve();
  }

  send(messages: readonly WorkerMessage[]): void {
    for (const { outlet } of this.#targets) outlet.push(messages);
  }

  async close(): Promise<void> {
    this.#listener = null;
    for (const { outlet } of this.#servers) outlet.flush();
    this.#targets = [];
    await Promise.all([this.#logs.close(), ...this.#servers.map(({ connection }) => connection.close())]);
  }

  #server(at: ServerAddress): Server {
    const connection = new ServerConnection(
      { context: this.#context, server: at, worker: this.#options, observer: this.#observer },
      {
        onReady: (facts) => {
          server.server = textField(facts, 'server');
          server.logs = logAddress(at, facts);
          this.#onFacts(server, facts);
        },
        onBeat: (facts) => this.#onFacts(server, facts),
        onFrame: (frame) => this.#onFrame(server, frame),
        onLost: () => {
          // It may have lost the lease by the time it is back.
          server.leadership = null;
          this.#choose();
        },
      },
    );
    const outlet = new Outlet(this.#options.frameBytesMax ?? FRAME_BYTES_MAX, {
      emit: (body) => connection.send('messages', body),
      drop: ({ type }, bytes) =>
        this.#observer.log('error', 'a message is too long for a frame, and is dropped', { type, bytes }),
    });
    const server = new Server(at, { connection, outlet });
    return server;
  }

  #onFacts(server: Server, facts: Fields): void {
    const said = readLeadership(facts);
    // A server that says nothing of it is known by its messages.
    if (said) server.leadership = said;
    this.#choose();
  }

  #onFrame(server: Server, frame: Frame): void {
    if (frame.head !== 'messages') return;
    let messages: SchedulerMessage[];
    try {
      messages = decodeSchedulerFrame(frame.body.toString('utf8'));
    } catch (error) {
      if (!isSchedulerError(error)) throw error;
      this.#observer.log('warn', 'a frame was dropped', { server: server.address, error: error.message });
      return;
    }
    const epoch = messages.reduce((highest, message) => Math.max(highest, message.epoch), 0);
    if (this.#servers.every((other) => epoch >= (other.leadership?.epoch ?? 0)))
      server.leadership = { leads: true, epoch };
    this.#choose();
    for (const message of messages) this.#listener?.onMessage(message);
  }

  /** Finds whom to speak to, and tells the listener when that is somebody new, or nobody. */
  #choose(): void {
    const before = this.#targets;
    const now = targetsOf(this.#servers);
    this.#targets = now;
    this.#logs.use(logTarget(this.#servers, now));
    const isOver = before.length > 0 && !before.some((server) => now.includes(server));
    if (isOver) this.#listener?.onDisconnect();
    if (now.some((server) => !before.includes(server))) this.#listener?.onConnect();
  }
}

/** Whoever leads by the newest lease; else whoever has not said that it does not. */
function targetsOf(servers: readonly Server[]): readonly Server[] {
  const connected = servers.filter((server) => server.isConnected);
  const [leader] = connected
    .filter((server) => server.leadership?.leads)
    .sort((a, b) => (b.leadership?.epoch ?? 0) - (a.leadership?.epoch ?? 0));
  return leader ? [leader] : connected.filter((server) => server.leadership === null);
}

/** Every server's store can be read by all, so the leader's is as good as any; it need not lead. */
function logTarget(servers: readonly Server[], targets: readonly Server[]): ServerAddress | null {
  const connected = servers.filter((server) => server.isConnected && server.logs);
  return (connected.find((server) => targets.includes(server)) ?? connected[0])?.logs ?? null;
}

function logAddress(at: ServerAddress, facts: Fields): ServerAddress | null {
  const port = countField(facts, 'logs');
  const path = textField(facts, 'logs');
  const address = port === null ? path : besidePort(readAddress(at.address), port);
  return address === null ? null : { ...at, address };
}

function readLeadership(facts: Fields): Leadership | null {
  const said = facts['leadership'];
  if (typeof said !== 'object' || said === null) return null;
  const epoch = countField(said as Fields, 'epoch');
  const leads = (said as Fields)['leads'];
  return epoch !== null && typeof leads === 'boolean' ? { leads, epoch } : null;
}
