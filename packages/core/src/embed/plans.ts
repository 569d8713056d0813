/** Plans of the embedding API: made by one request, then held by a handle. */
import { parseTime } from '../calendar/time.js';
import type { PlanRequest } from '../kernel/index.js';
import { must } from '../model/assert.js';
import type { CommittedBatch } from '../shell/leader-loop.js';
import { nameOf } from './calls.js';
import type { Calls } from './calls.js';
import { paramTexts } from './params.js';
import { PlanWatch, StoredPlan } from './plan-handle.js';
import type { PlanPorts } from './plan-handle.js';
import type { Job, PlanCalls, PlanHandle } from './types.js';

/** Calls that make plans. */
export class Plans implements PlanCalls {
  readonly #calls: Calls;
  readonly #watch = new PlanWatch();
  readonly #ports: PlanPorts;

  constructor(calls: Calls) {
    this.#calls = calls;
    this.#ports = {
      ...calls,
      plans: this.#watch,
      control: async (plan, verb) => void (await calls.ask({ type: 'plan.control', plan, verb })),
    };
  }

  rerunChain(run: string, options: Parameters<PlanCalls['rerunChain']>[1] = {}): Promise<PlanHandle> {
    const { exclude = [], downstream = false } = options;
    const params = paramTexts(options.params);
    return this.#plan({ type: 'rerunChain', run, exclude, downstream, params }, options);
  }

  async backfill(job: string | Job, options: Parameters<PlanCalls['backfill']>[1]): Promise<PlanHandle> {
    const { only = 'missing', parallel = 1, downstream = false } = options;
    const span = { from: parseTime(options.from), to: parseTime(options.to) };
    const params = paramTexts(options.params);
    const plan = { type: 'backfill', job: nameOf(job), ...span, only, parallel, downstream, params } as const;
    return this.#plan(plan, options);
  }

  async #plan(
    plan: PlanRequest,
    { reason = '', start = false }: { readonly reason?: string; readonly start?: boolean },
  ): Promise<PlanHandle> {
    const answer = await this.#calls.ask({ type: 'plan.create', plan, reason, start });
    return new StoredPlan(this.#ports, must(answer.plan, 'number of a plan'));
  }

  onCommit(batch: CommittedBatch): void {
    this.#watch.onCommit(batch);
  }

  /** Lets everybody who waits look again: another process may have led meanwhile. */
  tellAll(): void {
    this.#watch.tellAll();
  }
}
