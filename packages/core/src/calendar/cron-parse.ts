/** Text to bit sets. The dialect follows from the number of fields, unless the author names it. */
import type { CronDialect } from '../model/schedule.js';
import { parseQuartz } from './cron-quartz.js';
import type { CronSets } from './cron-sets.js';
import { cronError } from './cron-sets.js';
import { isCronAlias, parseUnix } from './cron-unix.js';

/** The dialect of an expression: 5 fields or an alias are unix, 6 or 7 quartz; else throws CRON_INVALID. */
export function cronDialect(expression: string): CronDialect {
  const count = expression.trim() === '' ? 0 : expression.trim().split(/\s+/).length;
  if (isCronAlias(expression) || count === 5) return 'unix';
  if (count === 6 || count === 7) return 'quartz';
  throw cronError(expression, 'fields', `must have 5 fields (unix) or 6 to 7 (quartz), got ${count}`);
}

/** Reads an expression of either dialect. Throws CRON_INVALID, which names the field and its range. */
export function parseCron(expression: string, dialect?: CronDialect): CronSets {
  return (dialect ?? cronDialect(expression)) === 'unix' ? parseUnix(expression) : parseQuartz(expression);
}
