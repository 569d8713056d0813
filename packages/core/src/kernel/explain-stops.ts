/** What stops a run, as people are told: until when, by whom, and who is in the way. */
import { unreachable } from '../model/assert.js';
import type { Blocker } from '../model/run.js';
import type { LimitRecord } from './operation-records.js';
import type { Stop } from './rules.js';
import type { SchedulerState } from './state.js';

/** So many attempts are named; the rest is counted. */
const HOLDERS_NAMED_MAX = 10;

/** The blocker of a stop. */
export function explainStop(state: SchedulerState, stop: Stop): Blocker {
  const { until } = stop;
  const subject = stop.rule.name;
  switch (stop.type) {
    case 'held': {
      const { actor, reason, isReleasing, pace } = stop.rule;
      const released = isReleasing && pace !== null ? { pace } : {};
      return { code: 'HELD', subject, until, details: { actor, reason, ...released } };
    }
    case 'frozen':
      return { code: 'FROZEN', subject, until, details: said(stop.rule) };
    case 'notBefore':
      return { code: 'NOT_BEFORE', subject, until, details: said(stop.rule) };
    case 'running': {
      const { running, definition } = stop.rule;
      const details = { running, max: definition.running ?? 0, holders: holdersOf(state, stop.rule) };
      return { code: 'GROUP_LIMIT', subject, until, details };
    }
    case 'rate': {
      const details = { startsPerMinute: stop.rule.definition.startsPerMinute ?? 0 };
      return { code: 'RATE_LIMIT', subject, until, details };
    }
    default:
      return unreachable(stop);
  }
}

const said = ({ actor, reason }: { readonly actor: string; readonly reason: string }) => ({ actor, reason });

function holdersOf(state: SchedulerState, rule: LimitRecord): string {
  const names: string[] = [];
  for (const live of state.attempts.values()) {
    if (live.limits.includes(rule) && names.push(live.id) > HOLDERS_NAMED_MAX) break;
  }
  return names.length > HOLDERS_NAMED_MAX
    ? `${names.slice(0, HOLDERS_NAMED_MAX).join(', ')}, …`
    : names.join(', ');
}
