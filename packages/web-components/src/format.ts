/**
 * Times, lengths of time and sizes as people read them. Times are in the reader's zone; the short form is the
 * same in both languages, so that columns do not move when the language changes.
 */
import { settings } from './settings.js';
import { languageTag } from './translate.js';

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making a format costs a thousand times what using it does. */
function cached(tag: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const { zone } = settings();
  const key = `${tag} ${zone} ${JSON.stringify(options)}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(tag, { ...options, timeZone: zone });
    formats.set(key, format);
  }
  return format;
}

/** `11-24 07:53:10`, with the year in front when it is not the year of `now`. */
export function formatTime(at: number, now = Date.now()): string {
  const parts = partsOf(at);
  const day = `${parts['month']}-${parts['day']}`;
  const time = `${parts['hour']}:${parts['minute']}:${parts['second']}`;
  return parts['year'] === partsOf(now)['year'] ? `${day} ${time}` : `${parts['year']}-${day} ${time}`;
}

/** The whole of it with weekday and zone, for tooltips. */
export const formatTimeLong = (at: number) =>
  cached(languageTag(), { dateStyle: 'full', timeStyle: 'long' }).format(at);

function partsOf(at: number): Record<string, string> {
  const format = cached('en-GB', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });
  return Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
}

/** The reader's zone as an offset: `UTC+8`, `UTC`. */
export function zoneText(at = Date.now()): string {
  const name = cached('en-GB', { timeZoneName: 'shortOffset' })
    .formatToParts(at)
    .find(({ type }) => type === 'timeZoneName')?.value;
  return (name ?? settings().zone).replace('GMT', 'UTC');
}

/** `in 7 min`, `3 hours ago`. */
export function formatRelative(at: number, now: number): string {
  const format = new Intl.RelativeTimeFormat(languageTag(), { numeric: 'always', style: 'short' });
  const seconds = Math.round((at - now) / 1000);
  const size = Math.abs(seconds);
  if (size < 60) return format.format(seconds, 'second');
  if (size < 3600) return format.format(Math.round(seconds / 60), 'minute');
  if (size < 86_400) return format.format(Math.round(seconds / 3600), 'hour');
  return format.format(Math.round(seconds / 86_400), 'day');
}

const UNITS = {
  en: { d: ' d', h: ' h', m: ' m', s: ' s', ms: ' ms' },
  zh: { d: ' 天', h: ' 时', m: ' 分', s: ' 秒', ms: ' 毫秒' },
} as const;

/** `850 ms`, `12.3 s`, `3 m 05 s`, `1 h 04 m`, `2 d 03 h`: two units at most. */
export function formatDuration(ms: number): string {
  const unit = UNITS[settings().locale];
  if (ms < 1000) return `${Math.max(0, Math.round(ms))}${unit.ms}`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)}${unit.s}`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}${unit.m} ${two(seconds % 60)}${unit.s}`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)}${unit.h} ${two(minutes % 60)}${unit.m}`;
  const hours = Math.floor(minutes / 60);
  return `${Math.floor(hours / 24)}${unit.d} ${two(hours % 24)}${unit.h}`;
}

const two = (value: number) => String(value).padStart(2, '0');

/** `512 B`, `48 KiB`, `1.5 MiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1_048_576) return `${Math.round(bytes / 1024)} KiB`;
  return `${(bytes / 1_048_576).toFixed(1)} MiB`;
}
