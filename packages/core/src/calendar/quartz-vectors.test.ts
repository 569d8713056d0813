/**
 * Quartz 2.3.2 itself answered more than thirteen thousand questions (tools/quartz-vectors); here our
 * evaluator is
 * asked the same. Every answer is equal, or differs for one of the reasons below, each counted; the same
 * table stands in docs/reference/schedules.md.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isSchedulerError } from '../model/errors.js';
import { instant, zoneName } from '../model/ids.js';
import { compileSchedule, nextInstant } from './schedule.js';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const [header = '', ...vectors] = read('../../test/vectors/quartz-2.3.2.tsv').trimEnd().split('\n');
const quartzLastYear = Number(/maxYear (\d+)/.exec(header)?.[1]);

/** Reason of a difference → number of vectors that have it. */
const DIFFERENCES: Readonly<Record<string, number>> = {
  'empty list item': 61,
  'step below 1': 43,
  'L in a field that has no last day': 38,
  'weekday outside 1–7 before #, day 0 before W': 27,
  '98 or 99, which Quartz takes for ? and *': 8,
  'more than seven fields': 8,
  'after the last year Quartz looks at': 23,
  'Quartz hangs': 2,
  'day n before W, asked from within a month that has no day n': 1,
};

test('our evaluator gives the answers of Quartz 2.3.2, but for the named differences', () => {
  const counted: Record<string, number> = Object.fromEntries(Object.keys(DIFFERENCES).map((key) => [key, 0]));
  const unexplained: string[] = [];
  let equal = 0;
  for (const vector of vectors) {
    const [text = '', zone = '', from = '', wanted = ''] = vector.split('\t');
    const expression = text.replaceAll('\\t', '\t');
    const answer = ask({ expression, zone, fromMs: Number(from) * 1000, count: wanted.split(',').length });
    if (answer.text === wanted) {
      equal++;
      continue;
    }
    const reason = reasonFor({ expression, fromMs: Number(from) * 1000, wanted, ...answer });
    if (reason === null) unexplained.push(`${vector} | ${answer.text} ${answer.expected}`);
    else counted[reason] = (counted[reason] ?? 0) + 1;
  }
  expect(unexplained).toEqual([]);
  expect(counted).toEqual(DIFFERENCES);
  expect(equal).toBe(vectors.length - Object.values(DIFFERENCES).reduce((sum, count) => sum + count, 0));
  expect(vectors.length).toBeGreaterThan(13_000);
});

test('the reference lists the same differences with the same counts', () => {
  const page = read('../../../../docs/reference/schedules.md');
  for (const [reason, count] of Object.entries(DIFFERENCES)) {
    const row = page.split('\n').find((line) => line.startsWith('|') && line.includes(reason));
    expect(row, reason).toMatch(new RegExp(`\\| ${count} \\|$`));
  }
});

interface Answer {
  readonly text: string;
  /** What the refusal says; empty when there is none. */
  readonly expected: string;
  readonly instants: readonly number[];
}

function ask(question: { expression: string; zone: string; fromMs: number; count: number }): Answer {
  const instants: number[] = [];
  const steps: string[] = [];
  let last = question.fromMs;
  try {
    const definition = { cron: question.expression, dialect: 'quartz', dst: 'quartz' } as const;
    const schedule = compileSchedule(definition, { zone: zoneName(question.zone), calendars: () => null });
    for (let n = 0; n < question.count; n++) {
      const at = nextInstant(schedule, instant(last));
      steps.push(at === null ? 'none' : String((at - last) / 1000));
      if (at === null) break;
      instants.push(at);
      last = at;
    }
    return { text: steps.join(','), expected: '', instants };
  } catch (error) {
    if (!isSchedulerError(error, 'CRON_INVALID')) throw error;
    return { text: 'refused', expected: error.details.expected, instants };
  }
}

function reasonFor(of: Answer & { expression: string; fromMs: number; wanted: string }): string | null {
  const { expected, wanted, instants } = of;
  if (/empty list item/.test(expected)) return 'empty list item';
  if (/^step must be.* got [+-]?0*(-\d+)?$/.test(expected)) return 'step below 1';
  if (/^cannot be L/.test(expected)) return 'L in a field that has no last day';
  if (/must have 6 or 7 fields.* got ([89]|\d\d)$/.test(expected)) return 'more than seven fields';
  if (/got (98|99)$/.test(expected)) return '98 or 99, which Quartz takes for ? and *';
  if (/must be (1–7|1–31), got/.test(expected) && /\d[#W]/.test(of.expression)) {
    return 'weekday outside 1–7 before #, day 0 before W';
  }
  if (wanted === 'hangs') return 'Quartz hangs';
  const last = instants.at(-1) ?? 0;
  const ended = wanted.endsWith('none') && new Date(last).getUTCFullYear() > quartzLastYear;
  if (ended) return 'after the last year Quartz looks at';
  const first = of.fromMs + Number(wanted.split(',')[0]) * 1000;
  const sameMonth = new Date(of.fromMs).getUTCMonth() === new Date(first).getUTCMonth();
  if (/\b(29|30|31)W/i.test(of.expression) && sameMonth) {
    return 'day n before W, asked from within a month that has no day n';
  }
  return null;
}
