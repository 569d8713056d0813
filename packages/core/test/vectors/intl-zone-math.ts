import type { Instant, ZoneName } from '../../src/model/ids.js';
import type { ZoneMath } from '../../src/model/zone-math.js';

const formats = new Map<string, Intl.DateTimeFormat>();

/** Offsets straight from the platform's time zone data, for tests of what only needs some `ZoneMath`. */
export const intlZoneMath: ZoneMath = {
  offsetMs(zone: ZoneName, at: Instant): number {
    let format = formats.get(zone);
    if (!format) {
      format = new Intl.DateTimeFormat('en-US', {
        timeZone: zone,
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      });
      formats.set(zone, format);
    }
    const parts = new Map(format.formatToParts(at).map((part) => [part.type, Number(part.value)]));
    const get = (type: Intl.DateTimeFormatPartTypes) => parts.get(type)!;
    const local = Date.UTC(get('year'), get('month') - 1, get('day'), get('hour'), get('minute'), get('second'));
    return local - Math.floor(at / 1000) * 1000;
  },
};
