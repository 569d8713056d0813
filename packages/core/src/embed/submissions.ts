/**
 * Submissions: graphs of ad hoc runs, and what they come to. A submission has ended when every run has, or
 * when what is left can never start because of what failed: that is asked of the kernel, which knows why each
 * run waits.
 */
import { explain } from '../kernel/index.js';
import type { SchedulerState } from '../kernel/index.js';
import type { Run } from '../model/views.js';
import type { Page } from '../ports/queries.js';
import type { BlockerCode, EndPhase, Phase } from '../model/run.js';
import { hasEnded } from './phase-watch.js';
import type { PhaseEvent, PhaseListener } from './phase-watch.js';
import { readValue } from './run-results.js';
import type { ResultPorts } from './run-results.js';
import type { GraphResult, RunResult, Submission } from './types.js';

/** A run that waits for one of these waits until a person does something. */
const DEAD_ENDS: ReadonlySet<BlockerCode> = new Set<BlockerCode>([
  'UPSTREAM_FAILED',
  'UPSTREAM_CANCELED',
  'UPSTREAM_SKIPPED',
  'UPSTREAM_DISABLED',
  'UPSTREAM_MISSING',
  'SELECTOR_EMPTY',
]);

const PAGE = 1_000;

interface Progress {
  phase: Phase;
  reason: string | null;
}

/** A submission as its submitter holds it. */
export class FollowedSubmission implements Submission {
  readonly key: string;
  readonly runs: readonly string[];
  readonly #ports: ResultPorts;
  readonly #progress: RunProgress[];
  #open: number;
  #failed = 0;
  #blocked: readonly string[] | null = null;
  #isDirty = false;
  #isComplete: boolean;
  #looking: Promise<void> | null = null;
  /** What all who wait now wait for, and how it is settled. */
  #asked: Promise<GraphResult> | null = null;
  #answer: ((result: GraphResult) => void) | null = null;
  #refuse: (error: Error) => void = () => undefined;

  /** To be made in the turn in which the request is answered: the phases are those of the newest commit. */
  constructor(ports: ResultPorts, answer: { readonly key: string; readonly runs: readonly string[] }) {
    this.key = answer.key;
    this.runs = answer.runs;
    this.#ports = ports;
    this.#open = answer.runs.length;
    const born = bornIn(ports);
    this.#isComplete = true;
    this.#progress = answer.runs.map((run) => new RunProgress(this, run));
    for (const progress of this.#progress) {
      ports.watch.add(progress.run, progress);
      const known = born.get(progress.run);
      if (known) this.set(progress, known.phase, known.reason);
      else this.#isComplete = false;
    }
  }

  result(): Promise<GraphResult> {
    if (this.#asked) return this.#asked;
    if (this.#isComplete && this.#hasSettled()) return Promise.resolve(this.#graphResult());
    const asked = this.#ports.promise<GraphResult>((resolve, reject) => {
      this.#answer = resolve;
      this.#refuse = (error) => {
        // Whoever asks again gets another try.
        this.#asked = null;
        this.#answer = null;
        reject(error);
      };
    });
    this.#asked = asked;
    if (!this.#isComplete) this.look().catch((error: Error) => this.#refuse(error));
    return asked;
  }

  /** Takes what the store says of the runs. Calls that come meanwhile share one look. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async #look(): Promise<void> {
    // What is told while the store is asked is newer than its answer.
    const asked = new Map(
      this.#progress.map((progress) => [progress.run, { progress, changes: progress.changes }]),
    );
    let after: string | null | undefined;
    while (after !== null) {
      const page = { limit: PAGE, ...(after !== undefined && { after }) };
      const found: Page<Run> = await this.#ports.queries.runs({ submission: this.key }, page);
      for (const { id, phase, reason } of found.items) {
        const entry = asked.get(id);
        if (entry && entry.progress.changes === entry.changes) this.set(entry.progress, phase, reason);
      }
      after = found.next;
    }
    this.#isComplete = true;
    this.#evaluate();
  }

  /** A run has a new phase. */
  set(progress: RunProgress, phase: Phase, reason: string | null): void {
    const before = progress.phase;
    progress.changes += 1;
    progress.phase = phase;
    progress.reason = reason;
    this.#open += Number(hasEnded(before)) - Number(hasEnded(phase));
    this.#failed += Number(isFailure(phase)) - Number(isFailure(before));
    if (hasEnded(phase) && this.#open === 0) {
      for (const one of this.#progress) this.#ports.watch.remove(one.run, one);
    }
    if (this.#isDirty || !this.#answer) return;
    this.#isDirty = true;
    this.#ports.watch.afterBatch(() => this.#evaluate());
  }

  #evaluate(): void {
    this.#isDirty = false;
    const answer = this.#answer;
    if (!answer || !this.#hasSettled()) return;
    this.#asked = null;
    this.#answer = null;
    const result = this.#graphResult();
    if (result instanceof Promise) result.then(answer, this.#refuse);
    else answer(result);
  }

  #hasSettled(): boolean {
    this.#blocked = this.#open === 0 ? [] : this.#deadEnds();
    return this.#blocked !== null;
  }

  /** The runs that can never start, if nothing else is left; null while something may still move. */
  #deadEnds(): readonly string[] | null {
    if (this.#failed === 0) return null;
    const open = this.#progress.filter(({ phase }) => !hasEnded(phase));
    if (open.some(({ phase }) => phase !== 'waiting')) return null;
    const { scheduler } = this.#ports;
    if (scheduler.role !== 'leading') return null;
    const runs = open.map(({ run }) => run);
    return scheduler.peek((state) => areAllDead(state, runs)) ? runs : null;
  }

  /** At once where all values are at hand, which is the rule. */
  #graphResult(): GraphResult | Promise<GraphResult> {
    const values = valuesAtHand(this.#ports, this.#progress);
    const runs: RunResult[] = [];
    for (const { run, phase, reason } of this.#progress) {
      if (!hasEnded(phase)) continue;
      const value = phase === 'succeeded' ? values[runs.length] : null;
      if (value === undefined) return this.#readResult();
      runs.push({ run, phase, reason, value });
    }
    return this.#resultOf(runs);
  }

  async #readResult(): Promise<GraphResult> {
    const ended = this.#progress.filter(({ phase }) => hasEnded(phase));
    return this.#resultOf(await Promise.all(ended.map((progress) => this.#runResult(progress))));
  }

  #resultOf(runs: readonly RunResult[]): GraphResult {
    const blocked = this.#blocked ?? [];
    const isCanceled = runs.some(({ phase }) => phase === 'canceled');
    const isFailed = runs.some(({ phase }) => phase === 'failed');
    const phase = isFailed ? 'failed' : isCanceled ? 'canceled' : blocked.length > 0 ? 'failed' : 'succeeded';
    return { submission: this.key, phase, runs, blocked };
  }

  async #runResult({ run, phase, reason }: RunProgress): Promise<RunResult> {
    const value = phase === 'succeeded' ? await readValue(this.#ports, run) : null;
    return { run, phase: phase as EndPhase, reason, value };
  }
}

/** Values of the runs that have ended, in their order; undefined where one must be read. */
function valuesAtHand(ports: ResultPorts, progress: readonly RunProgress[]): readonly unknown[] {
  const { scheduler } = ports;
  if (scheduler.role !== 'leading') return [];
  return scheduler.peek((state) => {
    const values: unknown[] = [];
    for (const { run, phase } of progress) {
      if (!hasEnded(phase)) continue;
      const at = run.indexOf('@');
      const job = state.jobsByName.get(run.slice(0, at));
      // Runs of a submission are ad hoc: what follows the job is the slot key as it is.
      const text = job && scheduler.results.peek(job.id, run.slice(at + 1));
      values.push(typeof text === 'string' ? JSON.parse(text) : text);
    }
    return values;
  });
}

/** One run of a submission. */
class RunProgress implements PhaseListener, Progress {
  readonly run: string;
  phase: Phase = 'waiting';
  reason: string | null = null;
  /** How often its phase was told. */
  changes = 0;
  readonly #of: FollowedSubmission;

  constructor(of: FollowedSubmission, run: string) {
    this.#of = of;
    this.run = run;
  }

  onPhase({ track, phase, reason }: PhaseEvent): void {
    if (track === 'main') this.#of.set(this, phase, reason);
  }

  look(): Promise<void> {
    return this.#of.look();
  }
}

const isFailure = (phase: Phase) => phase === 'failed' || phase === 'canceled' || phase === 'skipped';

/** Phases by run after the newest commit, of the runs that it changed; read once for each commit. */
const births = new WeakMap<object, ReadonlyMap<string, Progress>>();

function bornIn(ports: ResultPorts): ReadonlyMap<string, Progress> {
  const batch = ports.lastBatch();
  if (!batch) return new Map();
  const known = births.get(batch);
  if (known) return known;
  const born = new Map<string, Progress>();
  for (const event of batch.events) {
    if (event.type === 'run.created') born.set(event.run, event);
    else if (event.type === 'generation.phase' && event.track === 'main') born.set(event.run, event);
  }
  births.set(batch, born);
  return born;
}

/** Whether each run waits, itself or through another of them, for something that has failed for good. */
function areAllDead(state: SchedulerState, runs: readonly string[]): boolean {
  const blockers = new Map(runs.map((run) => [run, explain(state, run)]));
  const dead = new Set<string>();
  for (let found = -1; found !== dead.size;) {
    found = dead.size;
    for (const [run, reasons] of blockers) {
      if (reasons.some(({ code, subject }) => DEAD_ENDS.has(code) || dead.has(subject))) dead.add(run);
    }
  }
  return dead.size === runs.length;
}
