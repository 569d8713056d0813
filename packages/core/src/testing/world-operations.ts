/** Operators at work in a world: waives, overrides and holds at random, that end before it is quiet. */
import type { Request } from '../kernel/index.js';
import { instant, parseRunText } from '../model/ids.js';
import type { Definitions } from '../model/job.js';
import type { OverrideEffect } from '../model/operations.js';
import type { Random } from '../model/random.js';
import { pick } from './world-options.js';

/** What an operator sees of a world. */
export interface OperatorView {
  readonly random: Random;
  readonly now: number;
  /** Names of jobs. */
  readonly jobs: readonly string[];
  readonly estate: Definitions;
  readonly pools: readonly string[];
  /** A run to pick, by its text; null when there is none. */
  readonly run: () => string | null;
}

const MINUTE_MS = 60_000;

/** What an operator asks next; null for nothing. */
export function randomOperation(view: OperatorView): Request | null {
  const { random, now } = view;
  const until = instant(now + 10_000 + random.integer(5 * MINUTE_MS));
  const id = 1 + random.integer(12);
  const reason = 'a night like any other';
  switch (random.integer(7)) {
    case 0:
    case 1:
      return randomWaive(view, { until, reason });
    case 2:
    case 3:
      return { type: 'override.begin', ...randomOverride(view), reason, until };
    case 4: {
      const lanes = random.next() < 0.3 ? [pick(random, ['scheduled', 'chain', 'manual'] as const)] : null;
      const pace = random.next() < 0.5 ? 1 + random.integer(30) : null;
      return {
        type: 'hold.begin',
        scope: { select: selection(view), lanes, key: null },
        reason,
        until,
        pace,
      };
    }
    case 5:
      return { type: 'hold.release', hold: id, pace: random.next() < 0.5 ? 1 + random.integer(60) : null };
    default:
      return random.next() < 0.5 ? { type: 'override.end', override: id } : { type: 'waive.end', waive: id };
  }
}

function randomWaive(
  { random, estate, run }: OperatorView,
  facts: { readonly until: ReturnType<typeof instant>; readonly reason: string },
): Request | null {
  const text = run();
  const job = text === null ? undefined : parseRunText(text)?.job;
  const upstreams = Object.keys(estate.jobs?.[job ?? '']?.after ?? {});
  if (text === null || upstreams.length === 0) return null;
  return { type: 'waive.begin', run: text, upstream: pick(random, upstreams), ...facts };
}

function randomOverride(view: OperatorView) {
  const { random, now } = view;
  const reach = () => instant(now + (random.integer(20) - 10) * MINUTE_MS);
  const from = reach();
  const to = instant(from + random.integer(15) * MINUTE_MS);
  const range = random.next() < 0.6 ? ({ by: 'instant', from, to } as const) : null;
  return { select: selection(view), range, effect: randomEffect(view) };
}

function randomEffect({ random, now, pools }: OperatorView): OverrideEffect {
  switch (random.integer(7)) {
    case 0:
      return { slots: 'skip' };
    case 1:
      return { slots: 'pass' };
    case 2:
      return { freeze: true };
    case 3:
      return { notBefore: now + random.integer(3 * MINUTE_MS) };
    case 4:
      return { pool: pick(random, pools) };
    case 5:
      return { timeoutMs: 20_000 + random.integer(2 * MINUTE_MS) };
    default:
      return { priority: random.integer(100) };
  }
}

const selection = ({ random, jobs }: OperatorView) =>
  random.next() < 0.2 ? '*' : `${pick(random, jobs)} ${pick(random, jobs)}+1`;
