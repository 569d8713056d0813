/** Plans of the embedding API: made by one request, then held by a handle. */
import { parseTime } from '../calendar/time.js';
import { planRequest, readPlanHours, readPlanSelection } from '../kernel/index.js';
import type { PlanRequest, PlanSpan } from '../kernel/index.js';
import { must } from '../model/assert.js';
import type { CommittedBatch } from '../shell/leader-loop.js';
import { nameOf } from './calls.js';
import type { Calls } from './calls.js';
import { paramTexts } from './params.js';
import { PlanWatch, StoredPlan } from './plan-handle.js';
import type { PlanPorts } from './plan-handle.js';
import type { Job, PlanCalls, PlanHandle, PlanOptions, PlanRange, Time } from './types.js';

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

  async rerun(select: string, options: PlanOptions & PlanRange = {}): Promise<PlanHandle> {
    const named = readPlanSelection(select);
    const { exclude = [] } = options;
    return this.#plan(
      planRequest('rerun', {
        ...this.#given(options),
        ...named,
        span: rangeOf(options),
        exclude: [...named.exclude, ...exclude],
      }),
      options,
    );
  }

  async rerunChain(run: string | readonly string[], options: PlanOptions = {}): Promise<PlanHandle> {
    const names = typeof run === 'string' ? [run] : run;
    const runs = names.map((name) => ({ run: name, up: 0, down: null }));
    return this.#plan(planRequest('rerunChain', { ...this.#given(options), runs }), options);
  }

  async backfill(
    select: string | Job,
    options: PlanOptions & PlanRange & { readonly from: Time },
  ): Promise<PlanHandle> {
    const given = { ...this.#given(options), select: nameOf(select), span: rangeOf(options) };
    return this.#plan(planRequest('backfill', given), options);
  }

  plan(id: number): PlanHandle {
    return new StoredPlan(this.#ports, id);
  }

  #given({ hours, params, memberParams, ...options }: PlanOptions) {
    const { exclude, only, parallel, runningMax, onFailure, downstream } = options;
    const zone = this.#calls.zone;
    return {
      ...{ exclude, only, parallel, runningMax, onFailure, downstream },
      hours: hours && readPlanHours({ zone, ...hours }),
      params: paramTexts(params),
      memberParams: Object.fromEntries(
        Object.entries(memberParams ?? {}).map(([member, values]) => [member, paramTexts(values)]),
      ),
    };
  }

  async #plan(plan: PlanRequest, options: PlanOptions): Promise<PlanHandle> {
    const { reason = '', start = false, key, actor } = options;
    const answer = await this.#calls.ask({ type: 'plan.create', plan, reason, start }, { key, actor });
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

const DATE = /^\d{4}-\d\d-\d\d$/;

/** Business dates where both ends are dates, instants otherwise. */
function rangeOf({ from, to = from }: PlanRange): PlanSpan | null {
  if (from === undefined || to === undefined) return null;
  if (typeof from === 'string' && typeof to === 'string' && DATE.test(from) && DATE.test(to))
    return { by: 'date', from, to };
  return { by: 'instant', from: parseTime(from), to: parseTime(to) };
}
