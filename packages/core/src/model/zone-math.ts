import type { Instant, ZoneName } from './ids.js';

/** What local-time arithmetic needs of the time zone data; `calendar/` has it, and siblings are given it. */
export interface ZoneMath {
  /** Local time minus UTC at that instant, in milliseconds: 28,800,000 in `Asia/Shanghai`. ZONE_UNKNOWN. */
  offsetMs(zone: ZoneName, at: Instant): number;
}
