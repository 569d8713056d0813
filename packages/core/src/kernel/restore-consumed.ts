/** Which generation of each upstream a run has used, from the rows of its generations. */
import type { Row } from '../model/tables.js';
import { jsonIn, rowOfKey, textIn } from './restore.js';
import { inLinks, jobOf, slotKeyOf } from './runs.js';
import type { SchedulerState } from './state.js';
import { NONE } from './tables.js';

/** Takes a stored generation's word on it; links are made before. */
export function takeConsumed(state: SchedulerState, row: Row): void {
  const r = rowOfKey(state, row.key);
  if (r === NONE) return;
  const succeeded = textIn(row.value, 'phase') === 'succeeded';
  const seen = new Map(
    (jsonIn<[number, string, number][]>(row.value, 'consumed') ?? []).map(([job, slot, g]) => [
      `${job} ${slot}`,
      g,
    ]),
  );
  for (const link of inLinks(state, r)) {
    const up = state.links.up[link] ?? NONE;
    const g = seen.get(`${jobOf(state, up).id} ${slotKeyOf(state, up)}`);
    if (g === undefined) continue;
    state.links.claimed[link] = g;
    if (succeeded) state.links.consumed[link] = g;
  }
}
