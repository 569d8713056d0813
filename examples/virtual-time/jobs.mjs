import { defineJob } from '@hera/core';

export const orders = defineJob('orders', {
  schedule: { cron: '0 2 * * *', zone: 'Asia/Shanghai' },
  retry: { attempts: 3, delay: '1m' },
  run: ({ slot }) => ({ day: slot.day, rows: 42 }),
});

export const report = defineJob('report', {
  after: { orders },
  run: ({ upstream }) => `${upstream.orders.value.rows} rows on ${upstream.orders.value.day}`,
});
