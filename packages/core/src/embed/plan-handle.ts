/** A plan as the one who asked for it holds it. */
import { failedMembers, planPreview } from '../kernel/index.js';
import { SchedulerError } from '../model/errors.js';
import type { DomainEvent, PlanState } from '../model/events.js';
import type { PlanPreview, PlanView } from '../model/views.js';
import type { CommittedBatch } from '../shell/leader-loop.js';
import type { ResultPorts } from './run-results.js';
import type { PlanHandle } from './types.js';

/** What a plan handle needs besides. */
export interface PlanPorts extends ResultPorts {
  readonly plans: PlanWatch;
  readonly control: (plan: number, verb: 'start' | 'pause' | 'resume' | 'cancel') => Promise<void>;
}

/** Who waits for the end of which plan. */
export class PlanWatch {
  readonly #waiting = new Map<number, (() => void)[]>();

  /** Calls back when the plan changes its state; once. */
  next(plan: number, changed: () => void): void {
    const waiting = this.#waiting.get(plan);
    if (waiting) waiting.push(changed);
    else this.#waiting.set(plan, [changed]);
  }

  onCommit({ events }: CommittedBatch): void {
    if (this.#waiting.size === 0) return;
    for (const event of events) if (isPlanEvent(event)) this.#tell(event.plan);
  }

  /** Lets everybody look again: another process may have led meanwhile. */
  tellAll(): void {
    for (const plan of [...this.#waiting.keys()]) this.#tell(plan);
  }

  #tell(plan: number): void {
    const waiting = this.#waiting.get(plan) ?? [];
    this.#waiting.delete(plan);
    for (const changed of waiting) changed();
  }
}

const isPlanEvent = (event: DomainEvent) => event.type === 'plan.state';

const ENDED: readonly PlanState[] = ['succeeded', 'failed', 'canceled'];

/** The handle of a stored plan. */
export class StoredPlan implements PlanHandle {
  readonly id: number;
  readonly #ports: PlanPorts;

  constructor(ports: PlanPorts, id: number) {
    this.#ports = ports;
    this.id = id;
  }

  preview(): Promise<PlanPreview> {
    return this.#ports.scheduler.read((state) => planPreview(state, this.id));
  }

  start(): Promise<void> {
    return this.#ports.control(this.id, 'start');
  }

  pause(): Promise<void> {
    return this.#ports.control(this.id, 'pause');
  }

  resume(): Promise<void> {
    return this.#ports.control(this.id, 'resume');
  }

  cancel(): Promise<void> {
    return this.#ports.control(this.id, 'cancel');
  }

  failed(): Promise<readonly string[]> {
    return this.#ports.scheduler.read((state) => failedMembers(state, this.id));
  }

  async view(): Promise<PlanView> {
    const view = await this.#ports.queries.plan(this.id);
    if (view) return view;
    throw new SchedulerError('PLAN_NOT_FOUND', `there is no plan ${this.id}`, { plan: this.id });
  }

  async result(): Promise<PlanView> {
    for (;;) {
      const { plans, promise } = this.#ports;
      const changed = promise<void>((resolve) => plans.next(this.id, resolve));
      const view = await this.view();
      if (ENDED.includes(view.state)) {
        // Nobody waits for it any more, so nobody need hear if `stop` rejects it.
        changed.catch(() => undefined);
        return view;
      }
      await changed;
    }
  }
}
