/** Workers as the store knows them, with the attempts each is running. */
import { SchedulerError } from '@hera/core';
import type { Row, WorkerView } from '@hera/core';
import type { Engine, WorkerTokenOptions } from './engine.js';

const ROWS_MAX = 100_000;
const STATES = ['connected', 'silent', 'lost', 'draining', 'left'] as const;

export class WorkerService {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** All workers by name. Memory, load and host are not stored: null unless this server leads. */
  async list(): Promise<readonly WorkerView[]> {
    const { store } = this.#engine;
    const [workers, attempts] = await Promise.all([
      store.read('worker', { limit: ROWS_MAX }),
      store.read('attempt', { index: 'attempt_open', prefix: [1], limit: ROWS_MAX }),
    ]);
    const running = new Map<string, number>();
    for (const { value } of attempts) {
      const worker = String(value['worker']);
      running.set(worker, (running.get(worker) ?? 0) + 1);
    }
    const live = new Map((this.#engine.hera?.workers() ?? []).map((view) => [view.name, view]));
    return workers.map((row) => {
      const view = viewOf(row, running.get(String(row.key[0])) ?? 0);
      const { memoryShare, loadPerCore, host } = live.get(view.name) ?? view;
      return { ...view, memoryShare, loadPerCore, host };
    });
  }

  /** A token by which new workers come in. STATE_CONFLICT where all workers are the server's own. */
  createToken(options: WorkerTokenOptions) {
    const { enrollment } = this.#engine;
    if (enrollment) return enrollment.createToken(options);
    const message = 'this server has a worker of its own and lets no other in; start it with `hera server`';
    throw new SchedulerError('STATE_CONFLICT', message, { subject: 'server', state: 'local' });
  }
}

function viewOf({ key, value }: Row, running: number): WorkerView {
  const json = <T>(field: string, fallback: T): T => {
    const text = value[field];
    return typeof text === 'string' ? (JSON.parse(text) as T) : fallback;
  };
  const quarantine = json<{ message: string } | null>('quarantine', null)?.message ?? null;
  const state = STATES.find((each) => each === value['state']) ?? 'connected';
  return {
    name: String(key[0]),
    state: state === 'connected' && quarantine !== null ? 'quarantined' : state,
    quarantine,
    slots: Number(value['slots'] ?? 0),
    running,
    pools: json<string[]>('pools', []),
    labels: json<Record<string, string>>('labels', {}),
    kinds: json<string[]>('kinds', []),
    seenAt: Number(value['seenAt'] ?? 0),
    memoryShare: null,
    loadPerCore: null,
    host: null,
  };
}
