/** Plans: make one, look at it, and move it on. */
import type { PlanOrder } from '@hera/api';
import type {
  Page,
  PageRequest,
  PlanHandle,
  PlanOptions,
  PlanPreview,
  PlanRange,
  PlanView,
} from '@hera/core';
import { SchedulerError } from '@hera/core';
import { heraOf } from './engine.js';
import type { Engine } from './engine.js';

export class PlanService {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  list(page: PageRequest): Promise<Page<PlanView>> {
    return this.#engine.queries.plans(page);
  }

  /** PLAN_NOT_FOUND. */
  async get(id: number): Promise<PlanView> {
    const plan = await this.#engine.queries.plan(id);
    if (plan === undefined)
      throw new SchedulerError('PLAN_NOT_FOUND', `there is no plan ${id}`, { plan: id });
    return plan;
  }

  /** No field is undefined. Refused as `rerun`, `rerunChain` and `backfill` of the embedding API. */
  async create(order: PlanOrder, actor: string): Promise<PlanView> {
    const handle = await this.#ask(order, actor);
    return handle.view();
  }

  #ask({ type, select, ...rest }: PlanOrder, actor: string): Promise<PlanHandle> {
    const hera = heraOf(this.#engine);
    const options = { ...(rest as PlanOptions & PlanRange), actor };
    if (type === 'rerunChain') return hera.rerunChain(select.split(/[\s,]+/u).filter(Boolean), options);
    if (type === 'rerun') return hera.rerun(select, options);
    const { from } = options;
    if (from !== undefined) return hera.backfill(select, { ...options, from });
    const message = 'a backfill needs a range of slots';
    throw new SchedulerError('OPTION_INVALID', message, { option: 'from', expected: 'a date or an instant' });
  }

  /** The first `runs` members. PLAN_NOT_FOUND once the plan has ended. */
  async preview(id: number, runs: number): Promise<PlanPreview> {
    const preview = await heraOf(this.#engine).plan(id).preview();
    return { ...preview, runs: preview.runs.slice(0, runs) };
  }

  /** PLAN_NOT_FOUND once the plan has ended. */
  async failed(id: number): Promise<string[]> {
    return [...(await heraOf(this.#engine).plan(id).failed())];
  }

  /** PLAN_NOT_FOUND, STATE_CONFLICT. */
  async control(
    id: number,
    verb: 'start' | 'pause' | 'resume' | 'cancel',
  ): Promise<{ plan: number; state: PlanView['state'] }> {
    await heraOf(this.#engine).plan(id)[verb]();
    const { state } = await this.get(id);
    return { plan: id, state };
  }
}
