import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { instant, localDate, zoneName } from '../model/ids.js';
import { intlZoneMath } from '../../test/vectors/intl-zone-math.js';
import { dateExpressionAt } from './date-template.js';

const page = readFileSync(new URL('../../../../docs/reference/scripts.md', import.meta.url), 'utf8');
const value = (expression: string) =>
  dateExpressionAt(expression, 0, {
    at: instant(Date.parse('2026-11-24T02:00:00+08:00')),
    zone: zoneName('Asia/Shanghai'),
    zoneMath: intlZoneMath,
    nowMs: instant(Date.parse('2026-12-01T12:00:00+08:00')),
    businessDate: localDate('2026-11-23'),
  })?.value;

test('every date expression of the page gives what the page says', () => {
  const rows = [...page.matchAll(/^\| `(\$\{(?:zdt|yesterday|bizdate).*\})` \| `(.*)` \|$/gm)];
  expect(rows).toHaveLength(12);
  for (const [, expression, expected] of rows)
    expect([expression, value(expression!)]).toEqual([expression, expected]);
});

test('every pattern of the page gives what the page says', () => {
  const rows = [...page.matchAll(/^\| `[^|]*` \| [^|]* \| `([^|`]+)` \| `([^|`]+)` \|$/gm)];
  expect(rows).toHaveLength(17);
  for (const [, pattern, expected] of rows) {
    expect([pattern, value(`\${zdt.format("${pattern}")}`)]).toEqual([pattern, expected]);
  }
});
