/**
 * The far end of the wire, a process of its own: `bare` sends every frame back as it is, `hera` answers every
 * message with one. Its argument says which, and where to connect.
 */
import { Dealer } from 'zeromq';
import { createZmqWorkerTransport } from '../../packages/transport-zmq/dist/index.js';

const { kind, server, keys } = JSON.parse(process.argv[2] ?? '{}');
if (kind === 'bare') {
  const socket = new Dealer({
    linger: 0,
    curveServerKey: server.publicKey,
    curvePublicKey: keys.publicKey,
    curveSecretKey: keys.secretKey,
  });
  socket.connect(server.address);
  await socket.send('hello');
  for await (const [frame] of socket) await socket.send(frame);
} else {
  const worker = createZmqWorkerTransport({ worker: 'w1', servers: [server], keys });
  await worker.connect({
    onConnect: () => worker.send([{ type: 'bye', session: 0 }]),
    onDisconnect: () => undefined,
    onMessage: ({ epoch }) => worker.send([{ type: 'bye', session: epoch }]),
  });
}
