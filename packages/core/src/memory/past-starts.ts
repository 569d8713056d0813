/**
 * Why a run of the past started when and where it did, from the rows alone: when each generation came to be,
 * what opened last before it was ready, how long it was queued, and which worker its first attempt was given.
 */
import { runText } from '../model/ids.js';
import type { Row } from '../model/tables.js';
import type { StartView } from '../model/views.js';
import type { RowReader } from './queries.js';

/** So many upstream slots are looked at; of a run that waited for more, the first of them. */
const UPSTREAMS_MAX = 1_000;

interface Rows {
  readonly generations: readonly Row[];
  readonly attempts: readonly Row[];
  readonly gates: readonly Row[];
}

/** One for each generation that has claimed an attempt, oldest first. */
export async function findStarts(
  store: RowReader,
  { generations, attempts, gates }: Rows,
  names: (job: number) => Promise<string>,
): Promise<readonly StartView[]> {
  const starts = generations.map(async ({ key, value }) => {
    const g = Number(key[3]);
    const first = attempts.find((attempt) => attempt.value['g'] === g);
    if (!first) return [];
    const claimedAt = Number(first.value['claimedAt']);
    const view: StartView = {
      g,
      createdAt: Number(value['createdAt']),
      lastUpstream: await lastUpstream(store, { consumed: value['consumed'], before: claimedAt }, names),
      gates: gates.flatMap((gate) => (gate.value['g'] === g ? [openedGate(gate)] : [])),
      queuedAt: typeof value['queuedAt'] === 'number' ? value['queuedAt'] : null,
      attempt: Number(first.key[3]),
      worker: String(first.value['worker'] ?? ''),
      claimedAt,
    };
    return [view];
  });
  return (await Promise.all(starts)).flat();
}

function openedGate({ key, value }: Row): StartView['gates'][number] {
  const by = value['by'];
  return {
    gate: String(key[3]),
    at: Number(value['changedAt']),
    how: String(value['state']),
    by: typeof by === 'string' ? by : null,
  };
}

/** The upstream run that ended last before the claim. */
async function lastUpstream(
  store: RowReader,
  of: { readonly consumed: unknown; readonly before: number },
  names: (job: number) => Promise<string>,
): Promise<StartView['lastUpstream']> {
  if (typeof of.consumed !== 'string') return null;
  const used = (JSON.parse(of.consumed) as [number, string, number][]).slice(0, UPSTREAMS_MAX);
  const ends = await Promise.all(
    used.map(async ([job, slot, g]) => {
      const [row] = await store.read('generation', { prefix: [job, slot, '', g], limit: 1 });
      return { job, slot, at: Number(row?.value['endedAt'] ?? 0) };
    }),
  );
  let last: (typeof ends)[number] | null = null;
  for (const end of ends) if (end.at <= of.before && end.at > (last?.at ?? 0)) last = end;
  return last && { run: runText(await names(last.job), last.slot), at: last.at };
}
