/**
 * Operators' commands of scenarios: `waive RUN UPSTREAM for=2h`, `override SELECT pass for=1d`,
 * `hold SELECT for=1h`, `release 3 pace=20`.
 */
import { parseDuration } from '../calendar/duration.js';
import type { Request } from '../kernel/index.js';
import { instant } from '../model/ids.js';
import type { OverrideEffect } from '../model/operations.js';
import type { Duration } from '../model/schedule.js';

/** What the words need of the scenario. */
export interface ScenarioWords {
  readonly now: number;
  /** The run that a short text means. */
  readonly run: (text: string) => string;
}

/** The request of a command; null when it is none of an operator's. */
export function operationRequest(
  verb: string,
  words: readonly string[],
  { now, run }: ScenarioWords,
): Request | null {
  const [first = '', second = ''] = words;
  const option = (name: string) => words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
  const length = option('for');
  const end = length === undefined ? null : instant(now + parseDuration(length as Duration));
  const until = end ?? instant(now + parseDuration('1d'));
  const reason = 'asked';
  const pace = option('pace') === undefined ? null : Number(option('pace'));
  switch (verb) {
    case 'waive':
      return { type: 'waive.begin', run: run(first), upstream: second, reason, until };
    case 'override':
      return { type: 'override.begin', select: first, range: null, effect: effectOf(second), reason, until };
    case 'hold': {
      const scope = { select: first, lanes: null, key: option('key') ?? null };
      return { type: 'hold.begin', scope, reason, until: end, pace };
    }
    case 'release':
      // A worker is released from its quarantine by its name.
      if (!/^\d+$/.test(first)) return null;
      return { type: 'hold.release', hold: Number(first), pace };
    default:
      return null;
  }
}

function effectOf(word: string): OverrideEffect {
  if (word === 'freeze') return { freeze: true };
  if (word.startsWith('priority=')) return { priority: Number(word.slice('priority='.length)) };
  return { slots: word === 'skip' ? 'skip' : 'pass' };
}
