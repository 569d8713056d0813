/**
 * The embedding API over a scheduler: plain strings, numbers and Dates outside. Every call that changes
 * something is one request, answered when it is durable; kept here is only who waits for what.
 */
import { parseTime } from '../calendar/time.js';
import { validateDefinitions } from '../definitions/index.js';
import { countPhases, diffDefinitions, explain, workerViews } from '../kernel/index.js';
import type { Request, RequestAnswer } from '../kernel/index.js';
import { must } from '../model/assert.js';
import { SchedulerError } from '../model/errors.js';
import type { Instant } from '../model/ids.js';
import type { Definitions } from '../model/job.js';
import type { Blocker, Phase } from '../model/run.js';
import type { Run, RunDetail, WorkerView } from '../model/views.js';
import type { Clock } from '../ports/clock.js';
import type { Observer } from '../ports/observer.js';
import type { Queries, RunFilter } from '../ports/queries.js';
import type { Agent } from '../shell/agent.js';
import type { CommittedBatch } from '../shell/leader-loop.js';
import type { Scheduler } from '../shell/scheduler-types.js';
import { firstAsOf } from './estate.js';
import { checkDefinitions } from './check-definitions.js';
import { nameOf } from './calls.js';
import type { AskOptions, Calls } from './calls.js';
import { EventHub } from './event-hub.js';
import { Forecasts } from './forecast.js';
import { OpenPromises } from './open-promises.js';
import { Incidents } from './incidents.js';
import { Operations } from './operations.js';
import { paramTexts } from './params.js';
import { PhaseWatch } from './phase-watch.js';
import { Plans } from './plans.js';
import { FollowedRun } from './run-results.js';
import type { ResultPorts } from './run-results.js';
import { untilIdle } from './until-idle.js';
import { Selections } from './selections.js';
import { FollowedSubmission } from './submissions.js';
import type {
  Diff,
  GraphResult,
  Hera,
  HeraEvents,
  Job,
  RunHandle,
  RunNowOptions,
  Submission,
  SubmitOptions,
  Time,
} from './types.js';

export interface EmbeddedHeraOptions {
  readonly scheduler: Scheduler;
  readonly queries: Queries;
  readonly observer: Observer;
  readonly clock: Clock;
  /** The worker in this process; null when others do the work. */
  readonly worker: Agent | null;
  readonly workerName: string;
  readonly definitions: Definitions;
  readonly actor: string;
  /** Where clock times without a zone are read. */
  readonly zone: string;
  /** Whether jobs that the code no longer has are retired. */
  readonly prune: boolean;
  /** Whether it is ready also while another process leads. */
  readonly mayFollow: boolean;
  /** Closes what was opened for this engine. */
  close(): Promise<void>;
}

const DRAIN_MS = 30_000;
/** Who owns the jobs that the code defines. */
const SOURCE = 'code';

export class EmbeddedHera implements Hera {
  readonly closed: Promise<void>;
  readonly #options: EmbeddedHeraOptions;
  readonly #scheduler: Scheduler;
  readonly #hub: EventHub;
  readonly #watch = new PhaseWatch();
  readonly #promises = new OpenPromises();
  readonly #selections: Selections;
  readonly #ports: ResultPorts;
  readonly #incidents: Incidents;
  readonly #operations: Operations;
  readonly #plans: Plans;
  readonly #forecasts: Forecasts;
  #lastBatch: CommittedBatch | null = null;
  #stopping: Promise<void> | null = null;
  #hasStarted = false;
  #resolveClosed: () => void = () => undefined;
  #rejectClosed: (error: unknown) => void = () => undefined;

  constructor(options: EmbeddedHeraOptions) {
    const { scheduler, queries, observer } = options;
    this.#options = options;
    this.#scheduler = scheduler;
    this.#hub = new EventHub(observer);
    this.#selections = new Selections(scheduler);
    this.#ports = {
      scheduler,
      queries,
      watch: this.#watch,
      lastBatch: () => this.#lastBatch,
      promise: (settle) => this.#promises.make(settle),
    };
    const calls: Calls = {
      ...this.#ports,
      zone: options.zone,
      ask: (body, options) => this.#ask(body, options),
    };
    this.#incidents = new Incidents(calls);
    this.#operations = new Operations(calls);
    this.#plans = new Plans(calls);
    this.#forecasts = new Forecasts(calls);
    this.closed = new Promise((resolve, reject) => {
      this.#resolveClosed = resolve;
      this.#rejectClosed = reject;
    });
    scheduler.onCommit((batch) => this.#onCommit(batch));
    scheduler.onRole((role) => {
      if (role === 'leading') void this.#lookAgain();
    });
  }

  async start(): Promise<void> {
    const { worker, definitions, prune, mayFollow } = this.#options;
    void this.#endWithScheduler();
    if (mayFollow) return this.#orClose(() => this.#startFollowing());
    const isWhole = validateDefinitions(definitions).length === 0;
    const apply = { type: 'definitions.apply', definitions, source: SOURCE, prune } as const;
    // Asked before anything else, so that no slot that is due runs by a definition that the code has changed.
    const applied = isWhole ? this.#ask(apply, { whenLeading: true }) : null;
    // If the engine does not come up, that is what `start` rejects with.
    applied?.catch(() => undefined);
    return this.#orClose(async () => {
      await this.#scheduler.start();
      await (applied ?? this.#leading());
      if (!applied) {
        checkDefinitions(this.#scheduler, definitions);
        await this.#ask(apply);
      }
      await worker?.start();
    });
  }

  /** A start that fails leaves nothing open, and is told to its caller only. */
  async #orClose(start: () => Promise<void>): Promise<void> {
    try {
      await start();
      this.#hasStarted = true;
    } catch (error) {
      this.closed.catch(() => undefined);
      await this.#close().catch(() => undefined);
      throw error;
    }
  }

  /** Whoever leads has the estate already; definitions of this process, if it has any, are applied to it. */
  async #startFollowing(): Promise<void> {
    const { worker, definitions, prune } = this.#options;
    await this.#scheduler.start();
    if (Object.keys(definitions.jobs ?? {}).length > 0) {
      await this.#ask({ type: 'definitions.apply', definitions, source: SOURCE, prune });
    }
    await worker?.start();
  }

  get leads(): boolean {
    return this.#scheduler.role === 'leading';
  }

  nudge(): void {
    this.#scheduler.nudge();
  }

  workers = (): readonly WorkerView[] => (this.leads ? this.#scheduler.peek(workerViews) : []);

  async drain({ deadlineMs = DRAIN_MS }: { readonly deadlineMs?: number } = {}): Promise<void> {
    const { worker, workerName, clock } = this.#options;
    if (!worker || deadlineMs <= 0 || this.#scheduler.role !== 'leading') return;
    worker.drain(true);
    await untilIdle({ scheduler: this.#scheduler, clock, worker: workerName, deadlineMs });
  }

  stop(options: { readonly deadlineMs?: number } = {}): Promise<void> {
    this.#stopping ??= this.#stop(options);
    return this.#stopping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async diff(definitions: Definitions): Promise<Diff> {
    checkDefinitions(this.#scheduler, definitions);
    const options = { source: SOURCE, prune: false };
    const changes = await this.#scheduler.read((state) => diffDefinitions(state, definitions, options));
    return { changes };
  }

  async apply(
    definitions: Definitions,
    { source = SOURCE, prune = false }: { readonly source?: string; readonly prune?: boolean } = {},
  ): Promise<Diff> {
    checkDefinitions(this.#scheduler, definitions);
    const answer = await this.#ask({ type: 'definitions.apply', definitions, source, prune });
    return { changes: answer.changes ?? [] };
  }

  async run(job: string | Job, options: RunNowOptions = {}): Promise<RunHandle> {
    const slot: Extract<Request, { type: 'run.now' }>['slot'] =
      options.slot === undefined
        ? { by: 'adHoc', key: options.key ?? null, asOf: this.#asOf(options) }
        : { by: 'instant', instant: parseTime(options.slot) };
    const answer = await this.#ask(
      { type: 'run.now', job: nameOf(job), slot, params: paramTexts(options.params) },
      { key: options.key },
    );
    return this.#runHandle(answer);
  }

  submit(select: string, options: SubmitOptions = {}): Promise<Submission> {
    try {
      return this.#submit(select, options);
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async runGraph(select: string, options: SubmitOptions = {}): Promise<GraphResult> {
    const submission = await this.#submit(select, options);
    return submission.result();
  }

  async resume(
    run: string,
    { revision = 'newest' }: { readonly revision?: 'newest' | 'asRun' | number } = {},
  ): Promise<RunHandle> {
    return this.#runHandle(await this.#ask({ type: 'run.resume', run, revision, params: {} }));
  }

  incidents: Hera['incidents'] = (options) => this.#incidents.incidents(options);
  acknowledge: Hera['acknowledge'] = (incident, options) => this.#incidents.acknowledge(incident, options);
  assign: Hera['assign'] = (incident, assignee) => this.#incidents.assign(incident, assignee);
  snooze: Hera['snooze'] = (incident, until) => this.#incidents.snooze(incident, until);
  releaseWorker: Hera['releaseWorker'] = (worker) => this.#incidents.releaseWorker(worker);
  cancel: Hera['cancel'] = (run, options) => this.#operations.cancel(run, options);
  force: Hera['force'] = (run, options) => this.#operations.force(run, options);
  resolve: Hera['resolve'] = (attempt, options) => this.#operations.resolve(attempt, options);
  approve: Hera['approve'] = (run, options) => this.#operations.approve(run, options);
  postEvent: Hera['postEvent'] = (name, options) => this.#operations.postEvent(name, options);
  enable: Hera['enable'] = (job) => this.#operations.enable(job);
  waive: Hera['waive'] = (run, upstream, o) => this.#operations.waive(run, upstream, o);
  endWaive: Hera['endWaive'] = (waive) => this.#operations.endWaive(waive);
  override: Hera['override'] = (select, o) => this.#operations.override(select, o);
  endOverride: Hera['endOverride'] = (override) => this.#operations.endOverride(override);
  hold: Hera['hold'] = (select, o) => this.#operations.hold(select, o);
  release: Hera['release'] = (hold, o) => this.#operations.release(hold, o);
  operations: Hera['operations'] = () => this.#operations.operations();
  disable: Hera['disable'] = (job) => this.#operations.disable(job);

  rerun: Hera['rerun'] = (select, options) => this.#plans.rerun(select, options);
  rerunChain: Hera['rerunChain'] = (run, options) => this.#plans.rerunChain(run, options);
  backfill: Hera['backfill'] = (select, options) => this.#plans.backfill(select, options);
  plan: Hera['plan'] = (id) => this.#plans.plan(id);

  upcoming: Hera['upcoming'] = (job, count) => this.#forecasts.upcoming(job, count);
  forecast: Hera['forecast'] = (options) => this.#forecasts.forecast(options);
  whatIf: Hera['whatIf'] = (job, change, options) => this.#forecasts.whatIf(job, change, options);
  impact: Hera['impact'] = (definitions, options) => this.#forecasts.impact(definitions, options);

  get(run: string): Promise<RunDetail | undefined> {
    return this.#options.queries.run(run);
  }

  async *runs(query: RunFilter = {}): AsyncIterable<Run> {
    for (let after: string | null | undefined; after !== null;) {
      const page = await this.#options.queries.runs(query, after === undefined ? {} : { after });
      yield* page.items;
      after = page.next;
    }
  }

  why(runOrJob: string | Job): Promise<readonly Blocker[]> {
    return this.#scheduler.read((state) => explain(state, nameOf(runOrJob)));
  }

  counts(): Readonly<Record<Phase, number>> {
    return this.#scheduler.peek(countPhases);
  }

  on<T extends keyof HeraEvents>(event: T, listener: HeraEvents[T]): () => void {
    return this.#hub.on(event, listener);
  }

  #ask(
    body: Request,
    { key, whenLeading = false, actor = this.#options.actor }: AskOptions = {},
  ): Promise<RequestAnswer> {
    return this.#scheduler.request(body, { actor, key: key ?? null, whenLeading });
  }

  /** Without `await`: with ten thousand in flight, each promise less is felt. May throw at once. */
  #submit(select: string, { at, key, params }: SubmitOptions): Promise<FollowedSubmission> {
    const jobs = this.#selections.jobs(select);
    const texts = params ? this.#selections.checkParams(jobs, params) : NO_PARAMS;
    const body = {
      type: 'graph.submit',
      jobs,
      submission: key ?? null,
      asOf: this.#asOf({ at, key }),
      params: texts,
    } as const;
    return this.#ask(body, { key }).then(this.#followSubmission);
  }

  readonly #followSubmission = ({ submission, runs }: RequestAnswer) =>
    new FollowedSubmission(this.#ports, {
      key: must(submission, 'key of a submission'),
      runs: must(runs, 'runs of a submission'),
    });

  #runHandle({ run, generation }: RequestAnswer): RunHandle {
    return new FollowedRun(this.#ports, must(run, 'run'), must(generation, 'generation'));
  }

  /** A request that is repeated without a time means the time of the first. */
  #asOf({ at, key }: { readonly at?: Time | undefined; readonly key?: string | undefined }): Instant {
    if (at !== undefined) return parseTime(at);
    if (key === undefined) return this.#scheduler.now();
    if (this.#scheduler.role !== 'leading') return this.#scheduler.now();
    const first = this.#scheduler.peek((state) => firstAsOf(state, this.#options.actor, key));
    return first ?? this.#scheduler.now();
  }

  /** Resolves when this process leads. */
  #leading(): Promise<void> {
    if (this.#scheduler.role === 'leading') return Promise.resolve();
    return this.#promises.make((resolve) => {
      const end = this.#scheduler.onRole((role) => {
        if (role !== 'leading') return;
        end();
        resolve();
      });
    });
  }

  #onCommit(batch: CommittedBatch): void {
    this.#lastBatch = batch;
    this.#selections.onCommit(batch);
    this.#watch.onCommit(batch);
    this.#plans.onCommit(batch);
    this.#hub.emit(batch);
  }

  /** Another process may have led meanwhile: what it did was not told here. */
  async #lookAgain(): Promise<void> {
    this.#lastBatch = null;
    this.#selections.clear();
    this.#plans.tellAll();
    try {
      await this.#watch.lookAgain();
    } catch (error) {
      this.#options.observer.log('error', 'runs that are waited for could not be read', {
        error: String(error),
      });
    }
  }

  async #stop(options: { readonly deadlineMs?: number }): Promise<void> {
    await this.drain(options);
    await this.#close();
  }

  async #close(): Promise<void> {
    const { worker, close } = this.#options;
    await worker?.stop({ kill: true });
    // A failure of the scheduler is told by `closed`.
    await this.#scheduler.stop().catch(() => undefined);
    await close();
    this.#promises.close(new SchedulerError('STOPPED', 'the engine has stopped', { what: 'engine' }));
    this.#resolveClosed();
  }

  async #endWithScheduler(): Promise<void> {
    try {
      await this.#scheduler.closed;
    } catch (error) {
      this.#promises.close(error instanceof Error ? error : new Error(String(error)));
      if (!this.#hasStarted) this.closed.catch(() => undefined);
      this.#rejectClosed(error);
      await this.#options.worker?.stop({ kill: true });
    }
  }
}

const NO_PARAMS: Readonly<Record<string, string>> = {};
