/** Jobs whose types follow from each other: what `orders` returns is what `report` is given. */
import { allIn, defineCalendar, defineGroup, defineJob, self } from '@hera/core';

const workdays = defineCalendar('workdays', { holidays: { '2026-10-01..2026-10-07': 'National Day' } });
const shop = defineGroup('shop', { zone: 'Asia/Shanghai', defaults: { calendar: workdays, timeout: '1h' } });

export const orders = defineJob('orders', {
  group: shop,
  schedule: '0 * * * *',
  params: {
    region: { type: 'string', enum: ['cn', 'eu'], default: 'cn' },
    limit: { type: 'integer', min: 1 },
  },
  // `region` is 'cn' | 'eu', `limit` is number | undefined.
  run: ({ params: { region, limit = 100 } }) => ({ region, rows: Math.min(limit, 42) }),
});

export const report = defineJob('report', {
  group: shop,
  schedule: '30 0 * * *',
  // All orders of the day it is about, and its own report of the day before.
  after: { orders: allIn(orders, 'day'), report: self(1, { whenEmpty: 'vacuous' }) },
  run: ({ upstream }) => upstream.orders.values.reduce((sum, { rows }) => sum + rows, 0),
});
