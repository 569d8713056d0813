/** Minutes of the local day, for limits by hours. */
import { localFields } from '../calendar/time-zone.js';
import { instant, zoneName } from '../model/ids.js';

/** Minutes since local midnight, by the clock on the wall. */
export function minuteOfDay(zone: string, at: number): number {
  const { hour, minute } = localFields(zoneName(zone), instant(at));
  return hour * 60 + minute;
}

/** `22:00-06:00` as minutes of the day; null for no text. */
export function parseHours(text: string | undefined): { readonly from: number; readonly to: number } | null {
  if (text === undefined) return null;
  const [from = 0, to = 0] = text.split('-').map((time) => {
    const [hour = 0, minute = 0] = time.split(':').map(Number);
    return hour * 60 + minute;
  });
  return { from, to };
}
