/** A prediction in the words people read. */
import { STANDS } from '../kernel/index.js';
import type { ForecastInput } from '../kernel/index.js';
import type { Forecast, ForecastRun } from '../model/forecast.js';
import { instant, runText, timeSlotKey } from '../model/ids.js';
import { assess, pathTo } from './assess.js';
import { predict } from './predict.js';

const STANDING = Object.fromEntries(Object.entries(STANDS).map(([name, code]) => [code, name])) as Readonly<
  Record<number, ForecastRun['stands']>
>;

/** The night as it is foreseen; `jobs` limits the runs that are told, not those that are reckoned with. */
export function forecastView(input: ForecastInput, jobs: ReadonlySet<string> | null): Forecast {
  const prediction = predict(input);
  const critical = new Set(pathTo(prediction, lastOf(input, prediction.end, jobs)));
  const finite = (value: number | undefined) => (value === undefined || value === Infinity ? null : value);
  const runs: ForecastRun[] = [];
  for (let i = 0; i < input.size; i++) {
    const job = input.jobs[input.job[i] ?? 0]?.name ?? '';
    if (jobs !== null && !jobs.has(job)) continue;
    const at = instant(input.instant[i] ?? 0);
    const end = finite(prediction.end[i]);
    const endBy = finite(prediction.endBy[i]);
    runs.push({
      run: runText(job, input.adHocKeys.get(i) ?? timeSlotKey(at)),
      job,
      instant: at,
      stands: STANDING[input.stands[i] ?? 0] ?? 'future',
      start: finite(prediction.start[i]),
      end,
      slackMs: endBy === null || end === null ? null : endBy - end,
      critical: critical.has(i),
    });
  }
  runs.sort((a, b) => (a.start ?? Infinity) - (b.start ?? Infinity) || a.instant - b.instant);
  const commitments = assess(input, prediction).map((line, i) => {
    const isLate = line.end === null || line.end > line.due;
    const { commitment, due, done, end, cautiousEnd } = line;
    const state = input.commitments[i]?.state ?? 'onTrack';
    return { commitment, due, done, state, end, cautiousEnd, culprit: isLate ? line.culprit : null };
  });
  return { at: input.at, until: input.until, runs, commitments };
}

/** The run that ends last, of those that end and are asked for; -1 when none does. */
function lastOf(input: ForecastInput, ends: Float64Array, jobs: ReadonlySet<string> | null): number {
  let last = -1;
  for (let i = 0; i < input.size; i++) {
    const end = ends[i] ?? Infinity;
    if (end === Infinity || (last >= 0 && end <= (ends[last] ?? 0))) continue;
    if (jobs === null || jobs.has(input.jobs[input.job[i] ?? 0]?.name ?? '')) last = i;
  }
  return last;
}
