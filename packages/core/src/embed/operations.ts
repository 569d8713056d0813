/** Operations of the embedding API: each is one request. */
import { parseDuration } from '../calendar/duration.js';
import { parseTime } from '../calendar/time.js';
import { operationViews } from '../kernel/index.js';
import { SchedulerError } from '../model/errors.js';
import { instant } from '../model/ids.js';
import type { Instant } from '../model/ids.js';
import type { OperationsView } from '../model/operations.js';
import { RESULT_BYTES_MAX } from '../model/run.js';
import { nameOf } from './calls.js';
import type { Calls } from './calls.js';
import type {
  ActorOption,
  EndingOptions,
  HoldOptions,
  OverrideOptions,
  PostEventOptions,
} from './operation-types.js';
import type { Job, OperationCalls } from './types.js';

const DAY_MS = 86_400_000;

const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** What operators do to runs, attempts and jobs. */
export class Operations implements OperationCalls {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  async cancel(run: string, { reason = '' }: { readonly reason?: string } = {}): Promise<void> {
    await this.#calls.ask({ type: 'run.cancel', run, reason });
  }

  async force(run: string, options: Parameters<OperationCalls['force']>[1]): Promise<void> {
    const { verdict = 'succeeded', release = true, reason } = options;
    await this.#calls.ask({ type: 'run.force', run, verdict, release, reason });
  }

  async resolve(attempt: string, options: Parameters<OperationCalls['resolve']>[1]): Promise<void> {
    await this.#calls.ask({ type: 'attempt.resolve', attempt, ...options });
  }

  async approve(
    run: string,
    options: Parameters<OperationCalls['approve']>[1] = {},
  ): Promise<readonly string[]> {
    const { gate = null, reason = '', key, actor } = options;
    const { gates = [] } = await this.#calls.ask({ type: 'run.approve', run, gate, reason }, { key, actor });
    return gates;
  }

  async postEvent(name: string, options: PostEventOptions = {}): Promise<readonly string[]> {
    const { slot, businessDate = null, payload, keep = '7d', key, actor } = options;
    if (businessDate !== null && !DATE.test(businessDate))
      throw invalidOption('businessDate', businessDate, 'a date such as 2026-11-23');
    const text = payload === undefined ? null : JSON.stringify(payload);
    if (text !== null && new TextEncoder().encode(text).length > RESULT_BYTES_MAX)
      throw invalidOption('payload', `${text.slice(0, 40)} …`, 'JSON of at most 64 KiB');
    const { runs = [] } = await this.#calls.ask(
      {
        type: 'event.post',
        name,
        instant: slot === undefined ? null : parseTime(slot),
        businessDate,
        payload: text,
        keepMs: parseDuration(keep),
      },
      { key, actor },
    );
    return runs;
  }

  async waive(run: string, upstream: string | Job, options: EndingOptions): Promise<number> {
    const until = this.#until(options);
    const body = {
      type: 'waive.begin',
      run,
      upstream: nameOf(upstream),
      reason: options.reason,
      until,
    } as const;
    return (await this.#calls.ask(body, { actor: options.actor })).operation ?? 0;
  }

  async endWaive(waive: number, { actor }: ActorOption = {}): Promise<void> {
    await this.#calls.ask({ type: 'waive.end', waive }, { actor });
  }

  async override(select: string, options: OverrideOptions): Promise<number> {
    const { range = null, effect, reason, actor } = options;
    const until = this.#until(options);
    const body = { type: 'override.begin', select, range, effect, reason, until } as const;
    return (await this.#calls.ask(body, { actor })).operation ?? 0;
  }

  async endOverride(override: number, { actor }: ActorOption = {}): Promise<void> {
    await this.#calls.ask({ type: 'override.end', override }, { actor });
  }

  async hold(select: string, options: HoldOptions): Promise<number> {
    const { lanes = null, key = null, pace = null, reason, actor } = options;
    const until = options.until === undefined ? null : this.#until(options);
    const scope = { select, lanes, key };
    const body = { type: 'hold.begin', scope, reason, until, pace } as const;
    return (await this.#calls.ask(body, { actor })).operation ?? 0;
  }

  async release(hold: number, options: Parameters<OperationCalls['release']>[1] = {}): Promise<void> {
    const { pace = null, actor } = options;
    await this.#calls.ask({ type: 'hold.release', hold, pace }, { actor });
  }

  operations(): OperationsView {
    return this.#calls.scheduler.peek(operationViews);
  }

  /** When it ends; a day from now, as the kernel's clock has it, where nothing is said. */
  #until({ until }: EndingOptions): Instant {
    if (until !== undefined) return parseTime(until);
    return instant(this.#calls.scheduler.peek((state) => state.now) + DAY_MS);
  }

  async enable(job: string | Job): Promise<void> {
    await this.#calls.ask({ type: 'job.state', job: nameOf(job), state: 'enabled' });
  }

  async disable(job: string | Job): Promise<void> {
    await this.#calls.ask({ type: 'job.state', job: nameOf(job), state: 'disabled' });
  }
}

function invalidOption(option: string, found: string, expected: string): SchedulerError {
  const message = `${option}: "${found}" is not ${expected}`;
  return new SchedulerError('OPTION_INVALID', message, { option, expected });
}
