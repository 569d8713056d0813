/**
 * Nights of a made-up estate: two hundred jobs in layers above one report, with durations that vary as those
 * of real jobs do. The same seed gives the same nights. For tests of forecasts and for their backtest.
 */
import { must } from '../model/assert.js';
import { createRandom } from '../model/random.js';
import type { Random } from '../model/random.js';
import type { Definitions, JobDefinition } from '../model/job.js';

/** What a night is made of. */
export interface NightOptions {
  readonly seed: number;
  /** Jobs above the report; default 200. */
  readonly jobs?: number;
  /** Layers they lie in; default 10. */
  readonly layers?: number;
  /** Deviation of the logarithm of a duration from night to night; default 0.2. */
  readonly spread?: number;
  /** When the first layer is due; default `0 2 * * *`. */
  readonly schedule?: string;
}

const MINUTE_MS = 60_000;

/** An estate with its ways: `durationMs` draws what a run takes. */
export interface NightEstate {
  readonly definitions: Definitions;
  durationMs(job: string): number;
  /** What the job usually takes. */
  usualMs(job: string): number;
  /** The job of a layer on the longest way to the report. */
  critical(layer: number): string;
}

/** `j0` to `jN` in layers, each after one or two of the layer above; `report` after the whole last layer. */
export function nightEstate(options: NightOptions): NightEstate {
  const { seed, jobs = 200, layers = 10, spread = 0.2, schedule = '0 2 * * *' } = options;
  const random = createRandom(seed);
  const definitions: Record<string, JobDefinition> = {};
  const usual = new Map<string, number>();
  const width = Math.ceil(jobs / layers);
  for (let i = 0; i < jobs; i++) {
    const above = Math.floor(i / width) - 1;
    const pick = () => `j${above * width + random.integer(width)}`;
    const ups = above < 0 ? [] : [...new Set([pick(), pick()])];
    definitions[`j${i}`] =
      above < 0 ? { schedule } : { after: Object.fromEntries(ups.map((up) => [up, 'same'])) };
    usual.set(`j${i}`, Math.round((5 + 25 * random.next() ** 2) * MINUTE_MS));
  }
  const last = Array.from({ length: width }, (_, i) => `j${jobs - width + i}`);
  definitions['report'] = { after: Object.fromEntries(last.map((up) => [up, 'same'])) };
  usual.set('report', 5 * MINUTE_MS);
  const usualMs = (job: string) => usual.get(job) ?? MINUTE_MS;
  return {
    definitions: { jobs: definitions },
    usualMs,
    critical: (layer) => must(longestWay(definitions, usualMs)[layer], 'job of the layer'),
    durationMs: (job) => Math.round(usualMs(job) * Math.exp(spread * normal(random))),
  };
}

/** Jobs of the way that takes longest, first layer first. */
function longestWay(
  jobs: Readonly<Record<string, JobDefinition>>,
  usualMs: (job: string) => number,
): readonly string[] {
  const ways = new Map<string, { readonly ms: number; readonly way: readonly string[] }>();
  for (const [name, { after = {} }] of Object.entries(jobs)) {
    const above = Object.keys(after).flatMap((up) => ways.get(up) ?? []);
    const longest = above.reduce((a, b) => (b.ms > a.ms ? b : a), { ms: 0, way: [] as readonly string[] });
    ways.set(name, { ms: longest.ms + usualMs(name), way: [...longest.way, name] });
  }
  return ways.get('report')?.way ?? [];
}

/** A normal deviate, by the sum of twelve. */
function normal(random: Random): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += random.next();
  return sum;
}
