/** Pages by keyset: the place where a page ended is the key of its last row, as a text that only we read. */
import { SchedulerError } from '../model/errors.js';
import type { Row, RowKey } from '../model/tables.js';
import type { Page, PageRequest } from '../ports/queries.js';

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 1_000;

/** How many items the page may hold. Throws `OPTION_INVALID` outside 1 to 1,000. */
export function pageLimit({ limit = LIMIT_DEFAULT }: PageRequest): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= LIMIT_MAX) return limit;
  const expected = `a whole number from 1 to ${LIMIT_MAX}`;
  throw new SchedulerError('OPTION_INVALID', `limit: ${limit} is not ${expected}`, {
    option: 'limit',
    expected,
  });
}

/** The key after which the page begins; undefined for the first. Throws `OPTION_INVALID` for other texts. */
export function pageStart({ after }: PageRequest, keyLength: number): RowKey | undefined {
  if (after === undefined) return undefined;
  const key = parseKey(after);
  if (key?.length === keyLength) return key;
  const expected = 'the `next` of a page of the same list';
  throw new SchedulerError('OPTION_INVALID', `after: "${after}" is not ${expected}`, {
    option: 'after',
    expected,
  });
}

function parseKey(text: string): RowKey | null {
  let key: unknown;
  try {
    key = JSON.parse(text);
  } catch {
    return null;
  }
  const isPart = (part: unknown) => typeof part === 'string' || typeof part === 'number';
  return Array.isArray(key) && key.every(isPart) ? key : null;
}

/** A page of the rows read, which were one more than the page holds when another follows. */
export async function pageOf<Item>(
  rows: readonly Row[],
  limit: number,
  view: (row: Row) => Item | Promise<Item>,
): Promise<Page<Item>> {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { items: await Promise.all(shown.map(view)), next: last ? JSON.stringify(last.key) : null };
}
