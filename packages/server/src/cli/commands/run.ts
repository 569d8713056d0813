/**
 * `hera run`: the jobs of a file once, here, without a server. Its store lies apart from every estate, each
 * plain call is a new submission, and `--resume` goes on with the newest one that has not succeeded: nothing
 * that has succeeded is run again, and what is still alive is followed.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import { SchedulerError } from '@hera/core';
import type { GraphResult, Submission } from '@hera/core';
import { readConfig } from '../../config.js';
import type { ServerConfig } from '../../config.js';
import type { LoadedDefinitions } from '../../definitions/load.js';
import { startLocalEngine } from '../../local-engine.js';
import type { LocalEngine } from '../../local-engine.js';
import { kindProblems } from '../../run/check-kinds.js';
import { Progress } from '../../run/progress.js';
import { readRuns, reportOf } from '../../run/report.js';
import type { SubmissionReport } from '../../run/report.js';
import { checkParams } from '../../run/selected-jobs.js';
import {
  lockFolder,
  newestUnfinished,
  runFolder,
  submissionKey,
  writeRecord,
} from '../../run/submissions.js';
import type { SubmissionRecord } from '../../run/submissions.js';
import type { CommandContext, CommandFunction } from '../../terminal/command.js';
import { CliError, EXIT } from '../../terminal/exit.js';
import type { ExitCode } from '../../terminal/exit.js';
import { loadValid } from '../../terminal/load-valid.js';
import { observerOf } from '../../terminal/observer.js';
import { watchStore } from '../../run/store-watch.js';
import type { Terminal } from '../../terminal/terminal.js';
import { durationText, parseTimeFlag } from '../../terminal/times.js';

interface RunFlags {
  readonly workers?: number;
  readonly scale: number;
  readonly resume?: true;
  readonly at?: string;
  readonly param: Readonly<Record<string, string>>;
}

/** Short, so that a killed run can be resumed at once; nobody else wants this store. */
const LEASE_MS = 2_000;
/** How long a store that fails is waited for; nothing is lost by giving up, `--resume` goes on. */
const STORE_PATIENCE_MS = 10_000;

export const runFile: CommandFunction<RunFlags> = async (context, { args, options }) => {
  const [source = '.', selection = '*'] = args;
  const config = readConfig(context.environment);
  const loaded = await loadValid([source], { scale: options.scale });
  const folder = await runFolder(config.home, source);
  const record = options.resume
    ? await recordToResume(folder, loaded, context.terminal)
    : newRecord(loaded, { selection, options, zone: config.zone });
  checkParams(loaded.definitions, record.selection, record.params);
  const unlock = await lockFolder(folder);
  if (unlock === null) throw new CliError(EXIT.conflict, `another \`hera run\` of ${source} is going on`);
  try {
    const workers = options.workers ?? availableParallelism();
    return await runHere(context, {
      config,
      record,
      loaded,
      folder,
      workers,
      isResumed: options.resume === true,
    });
  } finally {
    await unlock();
  }
};

interface RunPlan {
  readonly config: ServerConfig;
  readonly record: SubmissionRecord;
  readonly loaded: LoadedDefinitions;
  readonly folder: string;
  readonly workers: number;
  readonly isResumed: boolean;
}

async function runHere(context: CommandContext, plan: RunPlan): Promise<ExitCode> {
  const { config, record, loaded, folder } = plan;
  const engine = await startLocalEngine({
    folder,
    slots: plan.workers,
    loaded,
    schedules: false,
    leaseMs: LEASE_MS,
    zone: config.zone,
    area: config.area,
    actor: 'hera run',
    log: observerOf(context),
  });
  try {
    const problems = kindProblems(loaded.definitions, record.selection, engine.abilities);
    if (problems.length > 0) {
      const placed = problems.map((problem) => loaded.place(problem));
      throw new SchedulerError('DEFINITION_INVALID', 'this machine cannot run them', { problems: placed });
    }
    await writeRecord(folder, record);
    return await follow(context, { ...plan, engine });
  } finally {
    await engine.stop({ kill: true });
  }
}

async function recordToResume(
  folder: string,
  { digest }: LoadedDefinitions,
  { texts }: Terminal,
): Promise<SubmissionRecord> {
  const record = await newestUnfinished(folder);
  if (record === null || record.digest !== digest) throw new CliError(EXIT.notFound, texts.nothingToResume);
  return record;
}

function newRecord(
  { digest }: LoadedDefinitions,
  given: { readonly selection: string; readonly options: RunFlags; readonly zone: string },
): SubmissionRecord {
  const now = Date.now();
  const { selection, options, zone } = given;
  return {
    key: submissionKey(now),
    digest,
    selection,
    params: options.param,
    at: options.at === undefined ? now : parseTimeFlag(options.at, zone, now),
    startedAt: now,
    phase: null,
  };
}

interface Going extends RunPlan {
  readonly engine: LocalEngine;
}

async function follow(context: CommandContext, going: Going): Promise<ExitCode> {
  const { terminal } = context;
  const { engine, record, folder } = going;
  const { hera } = engine;
  const submission = await submit(going);
  if (going.isResumed) terminal.note(terminal.texts.resumed(record.key));
  const interrupt = cancelOnSignal(going, submission, terminal);
  const storeTrouble = storeFailure(going, terminal);
  const progress = new Progress(hera, terminal, submission.runs);
  try {
    if (going.isResumed) await resumeEnded(going, progress);
    const result = await Promise.race([submission.result(), interrupt.abandoned, storeTrouble.failed]);
    progress.stop();
    await writeRecord(folder, { ...record, phase: result.phase });
    await show(context, going, result);
    if (interrupt.isInterrupted()) return EXIT.interrupted;
    if (result.phase === 'succeeded') return EXIT.done;
    return result.phase === 'failed' ? EXIT.runFailed : EXIT.runCanceled;
  } finally {
    progress.stop();
    interrupt.stop();
    storeTrouble.stop();
  }
}

/** `failed` rejects when the store has not worked for long. */
function storeFailure({ engine, folder }: Going, { texts }: Terminal) {
  let stop: () => void = () => {};
  const failed = new Promise<never>((_resolve, reject) => {
    stop = watchStore(engine.store, {
      folder,
      patienceMs: STORE_PATIENCE_MS,
      failed: (isFull) => {
        const message = texts.storeGaveUp(folder, STORE_PATIENCE_MS / 1000, isFull);
        reject(new CliError(EXIT.unreachable, message, texts.resumeHint));
      },
    });
  });
  failed.catch(() => {});
  return { failed, stop };
}

/** The same key twice is the same submission, so this also finds the one to go on with. */
function submit({ engine, record }: Going): Promise<Submission> {
  const { key, at, params, selection } = record;
  return engine.hera.submit(selection, { key, at, params });
}

/** Starts again what has failed or was canceled. */
async function resumeEnded({ engine, record }: Going, progress: Progress): Promise<void> {
  for (const { id, phase } of await readRuns(engine.store, record.key)) {
    progress.know(id, phase);
    if (phase === 'failed' || phase === 'canceled') await engine.hera.resume(id);
  }
}

/** The first Ctrl-C cancels and waits until nothing runs; the second does not wait. */
function cancelOnSignal(going: Going, submission: Submission, terminal: Terminal) {
  let count = 0;
  let abandon: (error: Error) => void = () => {};
  const abandoned = new Promise<never>((_resolve, reject) => {
    abandon = reject;
  });
  abandoned.catch(() => {});
  const interrupt = () => {
    count += 1;
    if (count > 1) {
      abandon(new CliError(EXIT.interrupted, 'interrupted'));
      return;
    }
    terminal.note(terminal.texts.canceling);
    const cancels = submission.runs.map((run) => going.engine.hera.cancel(run, { reason: 'Ctrl-C' }));
    // Runs that have ended cannot be canceled, and need not be.
    void Promise.allSettled(cancels);
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return {
    abandoned,
    isInterrupted: () => count > 0,
    stop: () => {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', interrupt);
    },
  };
}

async function show(context: CommandContext, going: Going, result: GraphResult): Promise<void> {
  const { terminal } = context;
  const { engine, record, loaded, folder } = going;
  const jobs = loaded.definitions.jobs ?? {};
  const report = reportOf(await readRuns(engine.store, record.key), {
    submission: record.key,
    phase: result.phase,
    blocked: result.blocked,
    upstreams: (job) => Object.keys(jobs[job]?.after ?? {}),
  });
  terminal.show(report, () => reportText(report, terminal, folder));
}

/** Rows of the critical path that are shown; the middle of a longer one is left out. */
const PATH_ROWS_MAX = 12;

function reportText(report: SubmissionReport, terminal: Terminal, folder: string): string {
  const { texts } = terminal;
  const seconds = durationText(report.makespanMs);
  const counts = Object.entries(report.counts).map(([phase, count]) => {
    return `${texts.phases[phase as keyof typeof texts.phases]} ${count}`;
  });
  const share = report.makespanMs === 0 ? 0 : report.criticalMs / report.makespanMs;
  const steps = report.criticalPath.map(({ job, durationMs }) => `  ${durationText(durationMs)}  ${job}`);
  const half = PATH_ROWS_MAX / 2;
  const path =
    steps.length <= PATH_ROWS_MAX ? steps : [...steps.slice(0, half), '  …', ...steps.slice(-half)];
  const isDone = report.phase === 'succeeded';
  return [
    isDone ? texts.runDone(seconds) : texts.runEnded(texts.phases[report.phase], seconds),
    texts.counts(counts.join(', ')),
    ...(path.length === 0
      ? []
      : [texts.criticalPath(durationText(report.criticalMs), percent(share)), ...path]),
    ...report.failed.map(({ run, reason, message }) => {
      return texts.failedRun(run, message ?? reason);
    }),
    ...report.blocked.map((run) => texts.blockedRun(run)),
    ...(isDone ? [] : [texts.logHint(join(folder, 'agent'))]),
  ].join('\n');
}

const percent = (share: number) => `${Math.round(share * 100)}%`;
