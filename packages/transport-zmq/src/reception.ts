/**
 * Who is there. A connection says who it is and proves it, and becomes a *link*; frames of anybody else are
 * dropped unread. The same for control and for logs, which have doors of their own.
 */
import type { Observer } from '@hera/core';
import type { Door } from './door.js';
import type { KeyStore, WorkerKey } from './key-store.js';
import { isProof } from './keys.js';
import { BEATS_MISSED_MAX, decodeParts, encodeParts, isOtherVersion, readFields, textField } from './wire.js';
import type { Fields, Frame } from './wire.js';

/** The allow-list is looked at again this often, ms: whoever was removed from it is put out. */
export const RECHECK_MS = 30_000;

/** Frames that are no frames after which a link is closed. */
const MALFORMED_MAX = 100;
/** Routes that were told to join again within the last beat. */
const TOLD_MAX = 1_000;
/** A connection that ends is looked for this much later, together with others. */
const LOOK_MS = 50;

/** A worker's connection that has proved whose it is. */
export interface Link {
  readonly name: string;
  readonly worker: string;
  /** Null on `ipc`. */
  readonly key: WorkerKey | null;
  readonly door: Door;
  readonly route: Buffer;
  heardAt: number;
  malformed: number;
}

/** What happens to links. */
export interface ReceptionHooks {
  /** Facts of the `ready` frame, to a connection through that door. */
  ready(door: Door): Fields;
  /** Facts of the answer to a beat. */
  beat(): Fields;
  onJoin(link: Link): void;
  /** A frame of a link; false if it is none of this channel. */
  onFrame(link: Link, frame: Frame): boolean;
  onGone(link: Link): void;
  /** A frame of a connection that has not joined; false if it is none that may come so. */
  onStranger(door: Door, route: Buffer, frame: Frame): boolean;
}

/** How a reception is made. */
export interface ReceptionOptions {
  readonly keyStore: KeyStore | null;
  readonly beatMs: number;
  readonly recheckMs: number;
  readonly observer: Observer;
}

/** Links of one channel, by worker and by connection. */
export class Reception {
  /** Frames that were dropped. */
  malformed = 0;
  /** Joinings that were refused. */
  refused = 0;
  readonly #options: ReceptionOptions;
  readonly #hooks: ReceptionHooks;
  readonly #byWorker = new Map<string, Link>();
  readonly #byRoute = new Map<Door, Map<string, Link>>();
  readonly #told = new Set<string>();
  readonly #look = new Map<Door, NodeJS.Timeout>();
  readonly #sweep: NodeJS.Timeout;
  #sweptAt = performance.now();
  #checkedAt = performance.now();

  constructor(options: ReceptionOptions, hooks: ReceptionHooks) {
    this.#options = options;
    this.#hooks = hooks;
    this.#sweep = setInterval(() => this.#onBeat(), options.beatMs);
  }

  get links(): Iterable<Link> {
    return this.#byWorker.values();
  }

  linkOf(worker: string): Link | undefined {
    return this.#byWorker.get(worker);
  }

  /** Every frame of a door comes here. */
  take(door: Door, route: Buffer, parts: readonly Buffer[]): void {
    const link = this.#linkAt(door, route);
    const frame = decodeParts(parts);
    if (frame && link?.name === frame.link) {
      link.heardAt = performance.now();
      if (!this.#takeOfLink(link, frame)) this.#onMalformed(link);
    } else if (frame?.head === 'join') void this.#join(door, route, frame);
    else if (frame && this.#hooks.onStranger(door, route, frame)) return;
    else this.#refuse(door, route, frame, parts);
  }

  /** A frame to that connection was not sent because it is gone. */
  onLost(door: Door, route: Buffer): void {
    const link = this.#linkAt(door, route);
    if (link) this.#leave(link);
  }

  /** Some connection of the door has ended: a beat to each shows which. */
  onDeparture(door: Door): void {
    if (this.#look.has(door)) return;
    const look = () => {
      this.#look.delete(door);
      for (const link of this.#byWorker.values()) if (link.door === door) this.sayBeat(link);
    };
    this.#look.set(door, setTimeout(look, LOOK_MS));
  }

  /** A sign of life, with who leads. */
  sayBeat(link: Link): void {
    this.say(link, encodeParts('beat', link.name, this.#hooks.beat()));
  }

  say(link: Link, parts: (string | Uint8Array)[]): void {
    link.door.send(link.route, parts);
  }

  /** Says good-bye to all and ends. */
  close(): void {
    clearInterval(this.#sweep);
    for (const look of this.#look.values()) clearTimeout(look);
    for (const link of this.#byWorker.values()) this.say(link, encodeParts('bye', link.name));
    this.#byWorker.clear();
    this.#byRoute.clear();
  }

  #takeOfLink(link: Link, frame: Frame): boolean {
    switch (frame.head) {
      case 'join':
        // Its answer was lost.
        this.say(link, encodeParts('ready', link.name, this.#hooks.ready(link.door)));
        return true;
      case 'beat':
        this.sayBeat(link);
        return true;
      case 'leave':
        this.#leave(link);
        this.say(link, encodeParts('bye', link.name));
        return true;
      default:
        return this.#hooks.onFrame(link, frame);
    }
  }

  #onMalformed(link: Link): void {
    this.malformed += 1;
    link.malformed += 1;
    if (link.malformed < MALFORMED_MAX) return;
    const { worker } = link;
    this.#options.observer.log('warn', 'a worker sends what is no frame, and is put out', { worker });
    this.#putOut(link, 'MALFORMED');
  }

  /** From nobody: a lost link is told to join again, another version is told so, all else is dropped. */
  #refuse(door: Door, route: Buffer, frame: Frame | null, parts: readonly Buffer[]): void {
    this.malformed += 1;
    const key = routeKey(route);
    if (this.#told.has(key) || this.#told.size >= TOLD_MAX) return;
    if (frame) {
      if (frame.head === 'leave') return;
      door.send(route, encodeParts('again', frame.link));
    } else if (isOtherVersion(parts)) door.send(route, encodeParts('refused', '0', { code: 'VERSION' }));
    else return;
    this.#told.add(key);
  }

  async #join(door: Door, route: Buffer, frame: Frame): Promise<void> {
    const fields = readFields(frame.body);
    const worker = fields && textField(fields, 'worker');
    if (!fields || worker === null) {
      this.malformed += 1;
      return;
    }
    const key = door.isPlain ? null : await this.#keyOf(worker, fields);
    if (key === undefined) {
      this.refused += 1;
      door.send(route, encodeParts('refused', frame.link, { code: 'NOT_ADMITTED' }));
      return;
    }
    // It may have joined twice while the list was asked.
    if (this.#linkAt(door, route)?.name === frame.link) return;
    const link: Link = {
      name: frame.link,
      worker,
      key,
      door,
      route,
      heardAt: performance.now(),
      malformed: 0,
    };
    this.#admit(link);
  }

  #admit(link: Link): void {
    const sameRoute = this.#linkAt(link.door, link.route);
    if (sameRoute) this.#leave(sameRoute);
    const old = this.#byWorker.get(link.worker);
    if (old) this.#putOut(old, 'REPLACED');
    this.#byWorker.set(link.worker, link);
    let routes = this.#byRoute.get(link.door);
    if (!routes) this.#byRoute.set(link.door, (routes = new Map()));
    routes.set(routeKey(link.route), link);
    this.say(link, encodeParts('ready', link.name, this.#hooks.ready(link.door)));
    this.#hooks.onJoin(link);
  }

  /** The worker's row; undefined if it is not on the list, or does not prove that it is the one. */
  async #keyOf(worker: string, fields: Fields): Promise<WorkerKey | undefined> {
    const publicKey = textField(fields, 'publicKey');
    const proof = textField(fields, 'proof');
    const { keyStore, observer } = this.#options;
    if (!keyStore || publicKey === null || proof === null) return undefined;
    try {
      const row = await keyStore.worker(publicKey);
      return row?.worker === worker && isProof(proof, row.proofHash) ? row : undefined;
    } catch (error) {
      observer.log('error', 'the list of keys cannot be read', { error: String(error) });
      return undefined;
    }
  }

  #putOut(link: Link, code: string): void {
    this.#leave(link);
    this.say(link, encodeParts('refused', link.name, { code }));
  }

  #leave(link: Link): void {
    this.#byRoute.get(link.door)?.delete(routeKey(link.route));
    if (this.#byWorker.get(link.worker) !== link) return;
    this.#byWorker.delete(link.worker);
    this.#hooks.onGone(link);
  }

  #linkAt(door: Door, route: Buffer): Link | undefined {
    return this.#byRoute.get(door)?.get(routeKey(route));
  }

  /** Puts out who was silent; time in which this process itself stood still does not count. */
  #onBeat(): void {
    const now = performance.now();
    const { beatMs } = this.#options;
    const lateMs = Math.max(0, now - this.#sweptAt - beatMs);
    this.#sweptAt = now;
    this.#told.clear();
    for (const link of [...this.#byWorker.values()]) {
      link.heardAt = Math.min(now, link.heardAt + lateMs);
      if (now - link.heardAt > beatMs * BEATS_MISSED_MAX) this.#leave(link);
    }
    if (now - this.#checkedAt < this.#options.recheckMs) return;
    this.#checkedAt = now;
    void this.#recheck();
  }

  /** Puts out whoever is not on the list any more. */
  async #recheck(): Promise<void> {
    const { keyStore, observer } = this.#options;
    if (!keyStore) return;
    try {
      const keys = new Set((await keyStore.workers()).map((row) => row.publicKey));
      for (const link of [...this.#byWorker.values()])
        if (link.key && !keys.has(link.key.publicKey)) this.#putOut(link, 'NOT_ADMITTED');
    } catch (error) {
      observer.log('error', 'the list of keys cannot be read', { error: String(error) });
    }
  }
}

const routeKey = (route: Buffer) => route.toString('latin1');
