/**
 * Staleness is derived, never stored: the last success of a run says which generation of each upstream it
 * used, and an upstream that has succeeded since makes it stale.
 */
import { runText } from '../model/ids.js';
import type { Row } from '../model/tables.js';
import type { RowReader } from './queries.js';

/** So many upstream slots are looked at; a run that waited for more is judged by the first of them. */
const UPSTREAMS_MAX = 1_000;
const GENERATIONS_MAX = 1_000;

/** Runs whose newest success is newer than what the run's last success used, in the order it used them. */
export async function findStaleUpstreams(
  store: RowReader,
  generations: readonly Row[],
  names: (job: number) => Promise<string>,
): Promise<readonly string[]> {
  const last = generations.findLast(isSuccess);
  const text = last?.value['consumed'];
  if (typeof text !== 'string') return [];
  const consumed = (JSON.parse(text) as [number, string, number][]).slice(0, UPSTREAMS_MAX);
  const stale = await Promise.all(
    consumed.map(async ([job, slot, used]) => {
      const rows = await store.read('generation', { prefix: [job, slot, ''], limit: GENERATIONS_MAX });
      const newest = Number(rows.findLast(isSuccess)?.key[3] ?? 0);
      return newest > used ? [runText(await names(job), slot)] : [];
    }),
  );
  return stale.flat();
}

/** A success that counts: neither of the studio nor forced without being released. */
function isSuccess({ value }: Row): boolean {
  const isSilent = value['trigger'] === 'force' && value['releases'] === 0;
  return value['phase'] === 'succeeded' && value['trigger'] !== 'scratch' && !isSilent;
}
