/**
 * What came of a submission, from the records in the store: makespan, counts, and the critical path, the
 * chain of jobs whose run times alone took longest.
 */
import type { Phase, Queries, RunDetail } from '@hera/core';
import { buildGraph, criticalPath } from '@hera/core';

/** One job of the critical path; times are epoch ms. */
export interface PathStep {
  readonly job: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly durationMs: number;
}

export interface SubmissionReport {
  readonly submission: string;
  readonly phase: 'succeeded' | 'failed' | 'canceled';
  readonly counts: Readonly<Partial<Record<Phase, number>>>;
  /** Tries over all runs. */
  readonly attempts: number;
  /** From the first start of a process to the last end of one. */
  readonly makespanMs: number;
  readonly criticalMs: number;
  readonly criticalPath: readonly PathStep[];
  readonly failed: readonly {
    readonly run: string;
    readonly reason: string;
    readonly message: string | null;
  }[];
  /** Runs that a failure upstream kept from starting. */
  readonly blocked: readonly string[];
}

interface Span {
  readonly startedAt: number;
  readonly endedAt: number;
  /** Time in which one of its attempts ran; the waits between them do not count. */
  readonly durationMs: number;
}

/** Runs that are read at once. */
const READS = 64;

/** Reads all runs of a submission with their attempts. */
export async function readRuns(queries: Queries, submission: string): Promise<RunDetail[]> {
  const ids: string[] = [];
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<Queries['runs']>> = await queries.runs(
      { submission },
      { limit: 1000, ...(after !== null && { after }) },
    );
    ids.push(...page.items.map(({ id }) => id));
    after = page.next;
  } while (after !== null);
  const runs: RunDetail[] = [];
  for (let start = 0; start < ids.length; start += READS) {
    const read = await Promise.all(ids.slice(start, start + READS).map((id) => queries.run(id)));
    runs.push(...read.filter((run) => run !== undefined));
  }
  return runs;
}

/** Sums up the runs of one submission; `upstreams` gives the jobs that a job waits for. */
export function reportOf(
  runs: readonly RunDetail[],
  facts: {
    readonly submission: string;
    readonly phase: SubmissionReport['phase'];
    readonly blocked: readonly string[];
    readonly upstreams: (job: string) => readonly string[];
  },
): SubmissionReport {
  const spans = new Map(runs.map((run) => [run.job, spanOf(run)]));
  const all = [...spans.values()].filter((span) => span !== null);
  // Not Math.min(...all): a spread of a hundred thousand runs would overflow the stack.
  const first = all.reduce((least, { startedAt }) => Math.min(least, startedAt), Infinity);
  const last = all.reduce((most, { endedAt }) => Math.max(most, endedAt), 0);
  const critical = longestChain(spans, facts.upstreams);
  const counts: Partial<Record<Phase, number>> = {};
  for (const { phase } of runs) counts[phase] = (counts[phase] ?? 0) + 1;
  return {
    submission: facts.submission,
    phase: facts.phase,
    counts,
    attempts: runs.reduce((sum, run) => sum + run.attemptList.length, 0),
    makespanMs: all.length === 0 ? 0 : last - first,
    criticalMs: critical.reduce((sum, { durationMs }) => sum + durationMs, 0),
    criticalPath: critical,
    failed: runs.filter(({ phase }) => phase === 'failed').map(failureOf),
    blocked: facts.blocked,
  };
}

/** From the start of the first attempt to the end of the last one; null when nothing was tried. */
function spanOf({ attemptList }: RunDetail): Span | null {
  const tries = attemptList.flatMap(({ startedAt, claimedAt, endedAt }) =>
    endedAt === null ? [] : [{ start: startedAt ?? claimedAt, end: endedAt }],
  );
  if (tries.length === 0) return null;
  return {
    startedAt: Math.min(...tries.map(({ start }) => start)),
    endedAt: Math.max(...tries.map(({ end }) => end)),
    durationMs: tries.reduce((sum, { start, end }) => sum + Math.max(0, end - start), 0),
  };
}

function longestChain(
  spans: ReadonlyMap<string, Span | null>,
  upstreams: (job: string) => readonly string[],
): PathStep[] {
  const names = [...spans.keys()];
  const numberOf = new Map(names.map((name, index) => [name, index]));
  const edges = names.flatMap((name, to) =>
    upstreams(name).flatMap((upstream): [number, number][] => {
      const from = numberOf.get(upstream);
      return from === undefined || from === to ? [] : [[from, to]];
    }),
  );
  const spanAt = (node: number) => spans.get(names[node] ?? '') ?? null;
  const durationAt = (node: number) => spanAt(node)?.durationMs ?? 0;
  return criticalPath(buildGraph(names, edges), durationAt).path.flatMap((node): PathStep[] => {
    const span = spanAt(node);
    return span === null ? [] : [{ job: names[node] ?? '', ...span }];
  });
}

function failureOf(run: RunDetail): SubmissionReport['failed'][number] {
  const last = run.attemptList.reduce<RunDetail['attemptList'][number] | undefined>(
    (best, attempt) => (best === undefined || attempt.n > best.n ? attempt : best),
    undefined,
  );
  const exit = last?.exitCode === null || last === undefined ? run.reason : `exit code ${last.exitCode}`;
  return { run: run.id, reason: exit ?? 'failed', message: last?.message ?? null };
}
