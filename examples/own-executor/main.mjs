/** An http job and a function that reads its result: `node examples/own-executor/main.mjs`. */
import { createServer } from 'node:http';
import { once } from 'node:events';
import { createHera, defineJob } from '@hera/core';
import { createHttpExecutor } from './http-executor.mjs';

const server = createServer((request, response) => {
  const day = new URL(request.url ?? '/', 'http://localhost').searchParams.get('day');
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ day, rows: 42 }));
}).listen(0, '127.0.0.1');
await once(server, 'listening');

const orders = defineJob('orders', {
  kind: 'http',
  config: { shop: `http://127.0.0.1:${server.address().port}` },
  script: 'GET ${shop}/orders?day=${bizdate}',
});
const report = defineJob('report', {
  after: { orders },
  run: ({ upstream }) => console.log(`${upstream.orders.value.rows} rows of ${upstream.orders.value.day}`),
});

const hera = createHera({ jobs: [orders, report], executors: [createHttpExecutor()] });
await hera.start();
console.log((await hera.runGraph('+report', { at: '2026-11-24T00:00Z' })).phase);
await hera.stop();
server.close();
