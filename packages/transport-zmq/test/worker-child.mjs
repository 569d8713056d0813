/** A worker as a process of its own. Its only argument: options of its transport, and what it shall do. */
import { createZmqServerTransport, createZmqWorkerTransport } from '../dist/index.js';

const { listen, does, ...options } = JSON.parse(process.argv[2] ?? '{}');
const listener = { onMessage: () => undefined, onDisconnect: () => undefined };
if (listen) {
  const server = createZmqServerTransport({ server: 'child', listen });
  await server.listen(listener);
  server.send('nobody', [{ type: 'fin', epoch: 1, attempts: [] }]);
  await server.close();
}
const worker = createZmqWorkerTransport(options);
await worker.connect({
  ...listener,
  onConnect: () => {
    worker.send([{ type: 'bye', session: process.pid }]);
    if (does === 'leave') void worker.close();
  },
});
if (does === 'give up') {
  // Nobody listens there, and what is said is still in hand.
  worker.send([{ type: 'bye', session: 1 }]);
  await worker.close();
}
