/** Times and durations as people write and read them on the command line. */
import { CliError, EXIT } from './exit.js';

/** An instant from `2026-11-24`, `2026-11-24T08:00+08:00` or `now`; a bare date is midnight in `zone`. */
export function parseTimeFlag(text: string, zone: string, nowMs: number): number {
  if (text === 'now') return nowMs;
  const date = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  const at = date === null ? offsetTime(text) : startOfDay(text, zone);
  if (Number.isFinite(at)) return at;
  const rule = 'a date such as 2026-11-24, or a time with its offset such as 2026-11-24T08:00+08:00';
  throw new CliError(EXIT.usage, `"${text}" is no time; it must be ${rule}`);
}

const offsetTime = (text: string) =>
  /T\d{2}:\d{2}.*(Z|[+-]\d{2}:?\d{2})$/.test(text) ? Date.parse(text) : Number.NaN;

/** First instant of the local day: where UTC's midnight lies, corrected by the offset found there. */
function startOfDay(date: string, zone: string): number {
  const midnight = Date.parse(`${date}T00:00:00Z`);
  if (new Date(midnight).toISOString().slice(0, 10) !== date) return Number.NaN;
  const guess = midnight - offsetMs(midnight, zone);
  return midnight - offsetMs(guess, zone);
}

function offsetMs(at: number, zone: string): number {
  return Date.parse(`${localText(at, zone).replace(' ', 'T')}Z`) - Math.floor(at / 1000) * 1000;
}

/** `2026-11-24 08:00:00` in the zone. */
export function localText(at: number, zone: string): string {
  return new Date(at).toLocaleString('sv-SE', { timeZone: zone });
}

/** `1m 02s`, `12.3s`, `48ms`: three digits or so. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)}s`;
  const seconds = Math.round(ms / 1000);
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const two = (value: number) => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}h ${two(minutes)}m` : `${minutes}m ${two(seconds % 60)}s`;
}
