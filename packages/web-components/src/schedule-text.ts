/** When a job runs, in a few words: its cron expression, its interval, or what it comes after. */
import type { Job } from '@hera/api';
import { formatTime } from './format.js';
import { translate } from './translate.js';

/** Names that fit in a cell. */
const NAMES_SHOWN = 2;

/** The schedule of a job and the upstreams it waits for, for one cell of a table. */
export function scheduleText({ definition }: Pick<Job, 'definition'>): string {
  const upstreams = Object.keys(definition.after ?? {});
  const parts = [timeText(definition.schedule), upstreams.length > 0 ? afterText(upstreams) : null];
  const text = parts.filter((part) => part !== null).join(', ');
  return text === '' ? translate('jobs.manual') : text;
}

function timeText(schedule: Job['definition']['schedule']): string | null {
  if (schedule === undefined) return null;
  if (typeof schedule === 'string') return schedule;
  if ('cron' in schedule) return schedule.cron;
  if ('every' in schedule) return translate('jobs.every', { duration: String(schedule.every) });
  const times = [schedule.at].flat();
  const first = formatTime(Date.parse(times[0] ?? ''));
  return times.length === 1
    ? translate('jobs.at', { time: first })
    : translate('jobs.atMany', { count: times.length, time: first });
}

function afterText(upstreams: readonly string[]): string {
  const names = upstreams.slice(0, NAMES_SHOWN).join(', ');
  const more = upstreams.length - NAMES_SHOWN;
  return more > 0
    ? translate('jobs.afterMany', { names, more, count: upstreams.length })
    : translate('jobs.after', { names });
}
