/** The promises of the Executor port, kept by the executor of this example. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, test } from 'vitest';
import type { AttemptWork } from '@hera/core/protocol';
import { executorContract } from '@hera/core/testing';
import type { ExecutorHarness } from '@hera/core/testing';
import { createHttpExecutor } from './http-executor.mjs';

const server = createServer((request, response) => {
  if (request.url === '/succeeds') response.end('{"rows":3}');
  else if (request.url === '/fails') response.writeHead(400).end();
  // `/waits` is answered when the connection is closed, by nobody.
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const harness: ExecutorHarness = {
  work: (fate, attempt, timeoutMs = 60_000): AttemptWork => ({
    attempt,
    job: 'orders',
    run: attempt.replace(/\/\d+$/, ''),
    generation: 1,
    number: 1,
    kind: fate === 'unknownJob' ? 'ftp' : 'http',
    script: `GET http://127.0.0.1:${port}/${fate}`,
    secrets: {},
    env: {},
    files: {},
    pre: [],
    post: [],
    timeoutMs,
    graceMs: 100,
    onWorkerLost: 'fence',
    echo: false,
    encoding: 'utf-8',
    slot: {
      key: 'a:k',
      instant: 0,
      start: 0,
      end: 0,
      businessDate: '2026-11-23',
      day: '2026-11-24',
      zone: 'UTC',
    },
    params: {},
    config: {},
    upstream: {},
  }),
  open: () => {
    const executor = createHttpExecutor();
    return Promise.resolve({ executor, close: () => executor.close({ kill: true }) });
  },
};

test.each(executorContract)('$name', ({ run }) => run(harness));
