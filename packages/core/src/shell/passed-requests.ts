/**
 * Requests that a server which does not lead passes on: each is a row of `command`, which the leader of that
 * moment or of a later one takes, once, in the commit that carries out what it asks. So no request is lost
 * or doubled by a change of leaders, and nothing but the store has to be reached.
 */
import type { Request, RequestAnswer } from '../kernel/index.js';
import { SchedulerError } from '../model/errors.js';
import type { Clock } from '../ports/clock.js';
import type { Store } from '../ports/store.js';
import { asSchedulerError, readCommandAnswer } from './requests.js';
import type { CommandRequest, RequestOptions } from './requests.js';

/** How requests are passed to the leader. */
export interface PassOptions {
  /** Tells the leader, by its holder name, that something waits for it in the store; may be lost. */
  readonly nudge?: (leader: string) => void;
  /** How long an answer is waited for, ms; default 30,000. */
  readonly patienceMs?: number;
}

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  /** Holder of the lease, as last seen. */
  readonly leader: () => string | null;
}

const PATIENCE_MS = 30_000;
/** The answer is looked for soon, then ever more seldom. */
const LOOK_FIRST_MS = 10;
const LOOK_MAX_MS = 500;

/** The requests of one process that others carry out. */
export class PassedRequests {
  readonly #ports: Ports;
  readonly #options: PassOptions;
  readonly #endPauses = new Set<() => void>();
  #isClosed = false;

  constructor(ports: Ports, options: PassOptions) {
    this.#ports = ports;
    this.#options = options;
  }

  /**
   * Resolves with the answer once it is durable. Rejects with the kernel's refusal, or `LEASE_LOST` when
   * nobody answers in time: it may be done later; ask again with the same key.
   */
  async ask(body: Request, { actor, key = null }: RequestOptions): Promise<RequestAnswer> {
    const { store, clock, leader } = this.#ports;
    const id = randomText();
    const command: CommandRequest = { actor, key, body };
    try {
      await store.putCommand({ id, request: JSON.stringify(command), at: clock.wallMs() });
    } catch (error) {
      throw asSchedulerError(error, 'putCommand');
    }
    const to = leader();
    if (to !== null) this.#options.nudge?.(to);
    const deadline = clock.monotonicMs() + (this.#options.patienceMs ?? PATIENCE_MS);
    for (let pauseMs = LOOK_FIRST_MS; ; pauseMs = Math.min(pauseMs * 2, LOOK_MAX_MS)) {
      await this.#pause(pauseMs);
      const answer = await this.#answer(id);
      if (answer !== null) return readCommandAnswer(answer);
      if (this.#isClosed)
        throw new SchedulerError('STOPPED', 'the scheduler has stopped', { what: 'scheduler' });
      if (clock.monotonicMs() < deadline) continue;
      const message = 'no leader has answered yet: it may still be done; ask again with its key';
      throw new SchedulerError('LEASE_LOST', message, { epoch: 0 });
    }
  }

  /** Ends all waits; what was passed is carried out all the same. */
  close(): void {
    this.#isClosed = true;
    for (const end of [...this.#endPauses]) end();
  }

  /** Null while there is none, or the store does not say. */
  async #answer(id: string): Promise<string | null> {
    try {
      const [row] = await this.#ports.store.read('command', { prefix: [id] });
      const answer = row?.value['answer'];
      return typeof answer === 'string' ? answer : null;
    } catch {
      return null;
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        this.#endPauses.delete(end);
        resolve();
      };
      const cancel = this.#ports.clock.wakeAfter(ms, end);
      this.#endPauses.add(end);
    });
  }
}

/** For names that servers draw without knowing of each other's: no two may ever be the same. */
export const randomText = () => Math.random().toString(36).slice(2) + Math.random().toString(36).slice(2);
