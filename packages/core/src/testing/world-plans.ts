/** Plans at random: of every kind, of runs and of selections, with every option now and then. */
import { planRequest } from '../kernel/index.js';
import type { PlanRequest } from '../kernel/index.js';
import { instant } from '../model/ids.js';
import type { Instant } from '../model/ids.js';
import type { Random } from '../model/random.js';
import type { RowValue } from '../model/tables.js';
import { pick } from './world-options.js';

const MINUTE_MS = 60_000;

/** A plan that somebody may think of who looks at the runs there are. */
export function randomPlan(
  random: Random,
  at: {
    readonly job: string;
    readonly now: Instant;
    readonly run: (isWanted: (value: RowValue) => boolean) => string | null;
  },
): PlanRequest {
  const downstream = random.next() < 0.5;
  const run = random.next() < 0.5 ? at.run((value) => value['open'] === 0) : null;
  if (run !== null) {
    const more = random.next() < 0.3 ? at.run((value) => value['phase'] !== 'none') : null;
    const without = random.next() < 0.3 ? at.run((value) => value['open'] === 0) : null;
    const runs = [run, ...(more === null ? [] : [more])].map((name) => ({ run: name, up: 0, down: null }));
    const exclude = without === null || without === run ? [] : [without];
    const onFailure = pick(random, ['stop', 'goRound', 'goRound'] as const);
    return planRequest('rerunChain', { runs, downstream, exclude, onFailure });
  }
  const from = instant(at.now - (10 + random.integer(50)) * MINUTE_MS);
  const select = random.next() < 0.5 ? at.job : pick(random, [`${at.job}+`, `+${at.job}`, `1+${at.job}+1`]);
  return planRequest(random.next() < 0.7 ? 'backfill' : 'rerun', {
    select,
    span: { by: 'instant', from, to: at.now },
    only: pick(random, ['missing', 'failed', 'all'] as const),
    parallel: 1 + random.integer(3),
    runningMax: random.next() < 0.3 ? 1 + random.integer(2) : null,
    hours: random.next() < 0.1 ? hoursNow(at.now) : null,
    onFailure: pick(random, ['stop', 'goRound', 'goRound'] as const),
    downstream,
  });
}

/** A window that is open now, and ends within the simulation. */
function hoursNow(now: Instant): NonNullable<PlanRequest['hours']> {
  const minute = Math.floor(now / MINUTE_MS) % 1440;
  return { fromMinute: minute, toMinute: (minute + 1439) % 1440, zone: 'UTC' as never };
}
