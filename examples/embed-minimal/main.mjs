import { createHera, defineGroup, defineJob } from '@hera/core';
const shop = defineGroup('shop', { zone: 'Asia/Shanghai', defaults: { retry: { attempts: 3, delay: '1s' } } });
const orders = defineJob('orders', {
  group: shop,
  schedule: '0 2 * * *', // 02:00 in Shanghai, every day
  run: async ({ slot, attempt, signal }) => {
    if (attempt === 1) throw new Error('the network blinked'); // tried again after 1 s
    return { day: slot.day, rows: 42 };
  },
});
const report = defineJob('report', {
  group: shop,
  after: { orders }, // runs once the orders of the same day are in
  run: ({ upstream }) => console.log(`${upstream.orders.value.rows} rows`),
});
const hera = createHera({ jobs: [orders, report] });
await hera.start(); // from now on 02:00 comes by itself ...
console.log((await hera.runGraph('+report')).phase); // ... or run the graph once, now: "succeeded"
await hera.stop();
