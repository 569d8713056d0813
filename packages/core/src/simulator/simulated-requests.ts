/** What people do during a simulation: dated commands, turned into requests to the kernel. */
import { parseTime } from '../calendar/time.js';
import type { Time } from '../model/schedule.js';
import type { Request, RequestAnswer } from '../kernel/index.js';
import { planRequest, readPlanSelection, selectJobs } from '../kernel/index.js';
import { unreachable } from '../model/assert.js';
import { isSchedulerError, SchedulerError } from '../model/errors.js';
import { instant } from '../model/ids.js';
import type { Definitions } from '../model/job.js';
import type { VirtualEngine } from './virtual-engine.js';
import { workerList } from './virtual-worker.js';
import type { VirtualWorkerDefinition } from './virtual-worker.js';

type Params = Readonly<Record<string, string>>;

/** What every plan may be told. */
export interface SimulatedPlan {
  readonly exclude?: readonly string[];
  readonly only?: 'missing' | 'failed' | 'all';
  readonly parallel?: number;
  readonly runningMax?: number;
  readonly onFailure?: 'stop' | 'goRound';
  readonly downstream?: boolean;
  readonly params?: Params;
  readonly memberParams?: Readonly<Record<string, Params>>;
}

/** One thing that somebody does. */
export type SimulatedRequestBody =
  | {
      readonly type: 'runNow';
      readonly job: string;
      readonly slot?: Time;
      readonly key?: string;
      readonly params?: Params;
    }
  | { readonly type: 'runGraph'; readonly select: string; readonly key?: string; readonly params?: Params }
  | { readonly type: 'resume'; readonly run: string; readonly params?: Params }
  | { readonly type: 'cancel'; readonly run: string; readonly reason?: string }
  | {
      readonly type: 'force';
      readonly run: string;
      readonly verdict?: 'succeeded' | 'failed';
      readonly release?: boolean;
      readonly reason?: string;
    }
  | ({ readonly type: 'rerunChain'; readonly run: string | readonly string[] } & SimulatedPlan)
  /** `job` is a selection; so are names in `select`, beside runs. */
  | ({
      readonly type: 'backfill';
      readonly job: string;
      readonly from: Time;
      readonly to: Time;
    } & SimulatedPlan)
  | ({
      readonly type: 'rerun';
      readonly select: string;
      readonly from?: Time;
      readonly to?: Time;
    } & SimulatedPlan)
  | { readonly type: 'enable' | 'disable' | 'delete'; readonly job: string }
  /** Definitions that are new, or replace those of the same name. */
  | { readonly type: 'add' | 'edit'; readonly definitions: Definitions }
  /** Nobody schedules until the next `schedulerUp`; what runs goes on. */
  | { readonly type: 'schedulerDown' | 'schedulerUp' }
  | { readonly type: 'workers'; readonly workers: number | readonly VirtualWorkerDefinition[] }
  /** Not known to this version: always refused. */
  | { readonly type: 'waive' | 'override' | 'hold' | 'release' };

/** What is done, and when. */
export type SimulatedRequest = SimulatedRequestBody & { readonly at: Time };

/** What a request came to. */
export interface SimulatedRequestResult {
  readonly at: number;
  readonly type: SimulatedRequestBody['type'];
  readonly ok: boolean;
  /** Of what was carried out. */
  readonly answer: RequestAnswer | null;
  /** Of what was refused. */
  readonly error: SchedulerError | null;
}

/** Does it at the engine's present time. Never throws for what the engine refuses. */
export function carryOut(
  engine: VirtualEngine,
  request: SimulatedRequest & { readonly at: number },
): SimulatedRequestResult {
  const { at, type } = request;
  try {
    const body = prepare(engine, request);
    if (body === null) return { at, type, ok: true, answer: {}, error: null };
    if (engine.isDown) throw stopped();
    const reply = engine.request(body);
    if (reply.ok) return { at, type, ok: true, answer: reply.value, error: null };
    return { at, type, ok: false, answer: null, error: reply.error };
  } catch (error) {
    if (!isSchedulerError(error)) throw error;
    return { at, type, ok: false, answer: null, error };
  }
}

/** The request to the kernel; null for what needs none and is done. */
function prepare(engine: VirtualEngine, request: SimulatedRequest): Request | null {
  const asOf = instant(engine.now);
  switch (request.type) {
    case 'runNow': {
      const { job, slot, key = null, params = {} } = request;
      const choice =
        slot === undefined
          ? ({ by: 'adHoc', key, asOf } as const)
          : ({ by: 'instant', instant: parseTime(slot) } as const);
      return { type: 'run.now', job, slot: choice, params };
    }
    case 'runGraph': {
      const { select, key = null, params = {} } = request;
      return { type: 'graph.submit', jobs: selectJobs(engine.state, select), submission: key, asOf, params };
    }
    case 'resume':
      return { type: 'run.resume', run: request.run, revision: 'newest', params: request.params ?? {} };
    case 'cancel':
      return { type: 'run.cancel', run: request.run, reason: request.reason ?? '' };
    case 'force': {
      const { run, verdict = 'succeeded', release = true, reason = '' } = request;
      return { type: 'run.force', run, verdict, release, reason };
    }
    case 'rerunChain':
    case 'rerun':
    case 'backfill':
      return simulatedPlan(request);
    case 'enable':
    case 'disable':
      return {
        type: 'job.state',
        job: request.job,
        state: request.type === 'enable' ? 'enabled' : 'disabled',
      };
    case 'delete':
      return { type: 'job.delete', job: request.job };
    case 'add':
    case 'edit':
      return {
        type: 'definitions.apply',
        definitions: request.definitions,
        source: 'simulation',
        prune: false,
      };
    case 'schedulerDown':
      engine.down();
      return null;
    case 'schedulerUp':
      engine.up('s1');
      return null;
    case 'workers':
      engine.setWorkers(workerList(request.workers));
      return null;
    case 'waive':
    case 'override':
    case 'hold':
    case 'release':
      throw unknownRequest(request.type);
    default:
      return unreachable(request);
  }
}

function simulatedPlan(
  request: Extract<SimulatedRequest, { type: 'rerunChain' | 'rerun' | 'backfill' }>,
): Request {
  const { exclude, only, parallel, runningMax, onFailure, downstream, params, memberParams } = request;
  const options = { exclude, only, parallel, runningMax, onFailure, downstream, params, memberParams };
  const facts = { type: 'plan.create', reason: 'simulation', start: true } as const;
  if (request.type === 'rerunChain') {
    const names = typeof request.run === 'string' ? [request.run] : request.run;
    const runs = names.map((run) => ({ run, up: 0, down: null }));
    return { ...facts, plan: planRequest('rerunChain', { ...options, runs }) };
  }
  const { from, to = from } = request;
  const span =
    from === undefined || to === undefined
      ? null
      : ({ by: 'instant', from: parseTime(from), to: parseTime(to) } as const);
  if (request.type === 'backfill') {
    const all = { ...options, only: only ?? 'all' };
    return { ...facts, plan: planRequest('backfill', { ...all, select: request.job, span }) };
  }
  const named = readPlanSelection(request.select);
  const without = [...named.exclude, ...(exclude ?? [])];
  return { ...facts, plan: planRequest('rerun', { ...options, ...named, span, exclude: without }) };
}

const unknownRequest = (type: string) =>
  new SchedulerError('OPTION_INVALID', `requests of type ${type} are not known to this version`, {
    option: 'type',
    expected: 'a type this version knows',
  });

const stopped = () =>
  new SchedulerError('STOPPED', 'the scheduler is down at that time', { what: 'scheduler' });
