/** A few sessions for reads and for writes that stand alone; who comes when all are busy waits in line. */
import { Session } from './session.js';
import type { ConnectOptions, SessionUse } from './session.js';

/** Sessions by turns. */
export class SessionPool {
  readonly #create: () => Session;
  readonly #sizeMax: number;
  readonly #all = new Set<Session>();
  readonly #idle: Session[] = [];
  readonly #waiting: ((session: Session) => void)[] = [];

  constructor(options: ConnectOptions, use: SessionUse, sizeMax: number) {
    this.#create = () => new Session(options, use);
    this.#sizeMax = sizeMax;
  }

  /** Lends a session for as long as `work` lasts. */
  async use<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const session = await this.#take();
    try {
      return await work(session);
    } finally {
      const next = this.#waiting.shift();
      if (next) next(session);
      else this.#idle.push(session);
    }
  }

  /** Takes leave of all; the sessions that are lent end with their work. */
  async close(): Promise<void> {
    await Promise.all([...this.#all].map((session) => session.close()));
  }

  #take(): Session | Promise<Session> {
    const idle = this.#idle.pop();
    if (idle) return idle;
    if (this.#all.size >= this.#sizeMax) return new Promise((resolve) => this.#waiting.push(resolve));
    const session = this.#create();
    this.#all.add(session);
    return session;
  }
}
