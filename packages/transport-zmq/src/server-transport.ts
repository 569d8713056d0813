/**
 * The server's end: workers dial in, prove who they are, and exchange messages in frames, one for each worker
 * and turn of the event loop. Everything that comes is checked to the last field before anybody hears it.
 */
import { Context, capability } from 'zeromq';
import { isSchedulerError, silentObserver } from '@hera/core';
import type { Observer, SchedulerListener } from '@hera/core';
import { decodeWorkerFrame } from '@hera/core/protocol';
import type { SchedulerMessage, WorkerMessage } from '@hera/core/protocol';
import { readAddress } from './addresses.js';
import { Door } from './door.js';
import type { DoorHooks } from './door.js';
import { TransportError } from './errors.js';
import { Outlet } from './outlet.js';
import { RECHECK_MS, Reception } from './reception.js';
import type { Link, ReceptionHooks } from './reception.js';
import { scatterRoutes } from './scatter-routes.js';
import { answerEnrollment } from './server-enrollment.js';
import { LogIntake } from './server-logs.js';
import type { Leadership, ZmqServerCounts, ZmqServerOptions, ZmqServerTransport } from './transport-types.js';
import { BEAT_MS, FRAME_BYTES_MAX, encodeParts } from './wire.js';
import type { Fields, Frame } from './wire.js';
import { ZapHandler } from './zap.js';

const FRAME_BYTES_LEAST = 1_024;
const FRAME_BYTES_MOST = 64 * 1_048_576;

/**
 * Makes a server's end; it listens from `listen` on. @throws TransportError `ADDRESS_INVALID`, `KEY_INVALID`,
 * `OPTION_INVALID`, `CURVE_MISSING`; `listen` rejects with `ADDRESS_UNUSABLE` and `FOLDER_UNSAFE`.
 */
export function createZmqServerTransport(options: ZmqServerOptions): ZmqServerTransport {
  checkOptions(options);
  return new ZmqServer(options);
}

class ZmqServer implements ZmqServerTransport {
  readonly #options: ZmqServerOptions;
  readonly #observer: Observer;
  readonly #frameBytesMax: number;
  readonly #context = new Context();
  readonly #outlets = new Map<Link, Outlet>();
  readonly #counts = { frames: 0, messages: 0, malformed: 0, refused: 0, unsent: 0 };
  #doors: Door[] = [];
  #logDoors: Door[] = [];
  #control: Reception | null = null;
  #logReception: Reception | null = null;
  #zap: ZapHandler | null = null;
  #listener: SchedulerListener | null = null;
  #leadership: Leadership | null = null;

  constructor(options: ZmqServerOptions) {
    this.#options = options;
    this.#observer = options.observer ?? silentObserver;
    this.#frameBytesMax = options.frameBytesMax ?? FRAME_BYTES_MAX;
    this.#context.blocky = false;
  }

  get addresses(): readonly string[] {
    return this.#doors.map((door) => door.address);
  }

  get connected(): readonly string[] {
    return [...(this.#control?.links ?? [])].map((link) => link.worker);
  }

  get counts(): ZmqServerCounts {
    const malformed = (this.#control?.malformed ?? 0) + (this.#logReception?.malformed ?? 0);
    const refused = (this.#control?.refused ?? 0) + (this.#logReception?.refused ?? 0);
    const own = this.#counts;
    return { ...own, malformed: own.malformed + malformed, refused: own.refused + refused };
  }

  async listen(listener: SchedulerListener): Promise<void> {
    this.#listener = listener;
    if (this.#options.keys) await scatterRoutes();
    const { keyStore, listen, logs, listenLogs = [], mayLog = () => true } = this.#options;
    this.#control = this.#receive(this.#controlHooks());
    this.#doors = listen.map((address) => this.#door(address, this.#control));
    if (logs) {
      this.#logReception = this.#receive(
        this.#logHooks(new LogIntake({ sink: logs, mayLog, observer: this.#observer })),
      );
      this.#logDoors = listenLogs.map((address) => this.#door(address, this.#logReception));
    }
    try {
      if (keyStore) {
        this.#zap = new ZapHandler(this.#context, keyStore, this.#observer);
        await this.#zap.start();
      }
      for (const door of [...this.#logDoors, ...this.#doors]) await door.open();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  send(worker: string, messages: readonly SchedulerMessage[]): void {
    const link = this.#control?.linkOf(worker);
    if (link) this.#outlets.get(link)?.push(messages);
  }

  announce(leadership: Leadership): void {
    this.#leadership = leadership;
    for (const link of this.#control?.links ?? []) this.#control?.sayBeat(link);
  }

  async close(): Promise<void> {
    this.#listener = null;
    for (const outlet of this.#outlets.values()) outlet.flush();
    this.#outlets.clear();
    this.#control?.close();
    this.#logReception?.close();
    await Promise.all([...this.#doors, ...this.#logDoors].map((door) => door.close()));
    this.#zap?.close();
    this.#zap = null;
  }

  #receive(hooks: ReceptionHooks): Reception {
    const { keyStore = null, beatMs = BEAT_MS, recheckMs = RECHECK_MS } = this.#options;
    return new Reception({ keyStore, beatMs, recheckMs, observer: this.#observer }, hooks);
  }

  #door(address: string, reception: Reception | null): Door {
    const hooks: DoorHooks = {
      onFrame: (door, route, parts) => reception?.take(door, route, parts),
      onUnsent: (door, route, isGone) => {
        this.#counts.unsent += 1;
        if (isGone) reception?.onLost(door, route);
      },
      onDeparture: (door) => reception?.onDeparture(door),
      onRefused: () => void (this.#counts.refused += 1),
    };
    const { keys, beatMs = BEAT_MS } = this.#options;
    const context = this.#context;
    const frameBytesMax = this.#frameBytesMax;
    return new Door({ context, address, keys, frameBytesMax, beatMs, observer: this.#observer }, hooks);
  }

  #controlHooks(): ReceptionHooks {
    return {
      ready: (door) => ({ ...this.#facts(), logs: this.#logPlace(door) }),
      beat: () => this.#facts(),
      onJoin: (link) => void this.#outlets.set(link, this.#outlet(link)),
      onFrame: (link, frame) => this.#onMessages(link, frame),
      onGone: (link) => {
        this.#outlets.delete(link);
        this.#listener?.onDisconnect(link.worker);
      },
      onStranger: (door, route, frame) => frame.head === 'enroll' && this.#enroll(door, route, frame),
    };
  }

  #logHooks(intake: LogIntake): ReceptionHooks {
    return {
      ready: () => this.#facts(),
      beat: () => this.#facts(),
      onJoin: () => undefined,
      onFrame: (link, frame) => this.#logReception !== null && intake.take(this.#logReception, link, frame),
      onGone: (link) => intake.forget(link),
      onStranger: () => false,
    };
  }

  #facts(): Fields {
    return { server: this.#options.server, leadership: this.#leadership };
  }

  /** Where whoever came by that door brings logs: a port of the same host, or the path of a socket. */
  #logPlace(door: Door): number | string | null {
    const beside = this.#logDoors[this.#doors.indexOf(door)];
    if (!beside) return null;
    const address = readAddress(beside.address);
    return address.kind === 'tcp' ? address.port : address.text;
  }

  #outlet(link: Link): Outlet {
    return new Outlet(this.#frameBytesMax, {
      emit: (body) => this.#control?.say(link, encodeParts('messages', link.name, body)),
      drop: (message, bytes) => {
        this.#counts.unsent += 1;
        const facts = { worker: link.worker, type: message.type, bytes };
        this.#observer.log('error', 'a message is too long for a frame, and is dropped', facts);
      },
    });
  }

  #onMessages(link: Link, frame: Frame): boolean {
    if (frame.head !== 'messages') return false;
    let messages: WorkerMessage[];
    try {
      messages = decodeWorkerFrame(frame.body.toString('utf8'));
    } catch (error) {
      if (!isSchedulerError(error)) throw error;
      this.#observer.log('warn', 'a frame was dropped', { worker: link.worker, error: error.message });
      return false;
    }
    this.#counts.frames += 1;
    this.#counts.messages += messages.length;
    for (const message of messages) this.#listener?.onMessage(link.worker, asAdmitted(link, message));
    return true;
  }

  #enroll(door: Door, route: Buffer, frame: Frame): boolean {
    const { keyStore, advertise = [] } = this.#options;
    if (!keyStore || door.isPlain) return false;
    const observer = this.#observer;
    answerEnrollment({ keyStore, advertise, observer }, frame).then(
      (answer) => {
        if (answer) door.send(route, answer);
        else this.#counts.refused += 1;
      },
      (error: unknown) => observer.log('error', 'a worker could not be enrolled', { error: String(error) }),
    );
    return true;
  }
}

/** What a worker says of itself holds only where its enrolment leaves it open. */
function asAdmitted(link: Link, message: WorkerMessage): WorkerMessage {
  if (message.type !== 'hello') return message;
  const { key, worker } = link;
  if (!key) return { ...message, profile: { ...message.profile, worker } };
  const pools = key.pools.length > 0 ? key.pools : message.profile.pools;
  const labels = { ...message.profile.labels, ...key.labels };
  return { ...message, profile: { ...message.profile, worker, pools, labels, enrolled: true } };
}

function checkOptions(options: ZmqServerOptions): void {
  const { listen, listenLogs = [], logs, keys, keyStore, frameBytesMax = FRAME_BYTES_MAX } = options;
  if (listen.length === 0)
    throw new TransportError('OPTION_INVALID', 'listen: at least one address is asked for.');
  if (logs && listenLogs.length !== listen.length) {
    const message = `listenLogs: ${listenLogs.length} addresses; as many as listen has are asked for.`;
    throw new TransportError('OPTION_INVALID', message);
  }
  if (!(frameBytesMax >= FRAME_BYTES_LEAST && frameBytesMax <= FRAME_BYTES_MOST))
    throw new TransportError(
      'OPTION_INVALID',
      `frameBytesMax: ${frameBytesMax}; 1 KiB to 64 MiB are asked for.`,
    );
  const isOpen = [...listen, ...listenLogs].map(readAddress).some(({ kind }) => kind === 'tcp');
  if (!isOpen) return;
  if (!capability.curve)
    throw new TransportError('CURVE_MISSING', 'This build of ZeroMQ has no CURVE: tcp would not be safe.');
  if (!keys || !keyStore)
    throw new TransportError(
      'KEY_INVALID',
      'A tcp address needs the keys of the server and a list of allowed keys.',
    );
}
