/** The channel keeps the carriers' contract, over ports that copy as processes do. */
import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { transportContract } from '@hera/core/testing';
import { portEnd } from './ipc-end.js';
import type { IpcEnd } from './ipc-end.js';
import { createProcessChannel, createProcessTransport } from './process-channel.js';

describe('the process channel', () => {
  it.each(transportContract)('$name', async ({ run }) => {
    await run({
      open: () => {
        const channel = createProcessChannel();
        const ports: IpcEnd[] = [];
        return Promise.resolve({
          scheduler: channel,
          worker: (name: string) => {
            const { port1, port2 } = new MessageChannel();
            const end = portEnd(port1);
            ports.push(end);
            channel.attach(name, end);
            return createProcessTransport(portEnd(port2));
          },
          close: async () => {
            await channel.close();
            for (const end of ports) end.close();
          },
        });
      },
    });
  });
});

/** An end that never gets rid of what it is given. */
function stuckEnd(): { end: IpcEnd; sent: unknown[]; hear(value: unknown): void } {
  const sent: unknown[] = [];
  let hear: (value: unknown) => void = () => undefined;
  const end: IpcEnd = {
    isOpen: true,
    send: (value) => void sent.push(value),
    listen: ({ onValue }) => void (hear = onValue),
    close: () => undefined,
  };
  return { end, sent, hear: (value) => hear(value) };
}

it('drops what a process does not read, instead of keeping it', async () => {
  const channel = createProcessChannel();
  const { end, sent, hear } = stuckEnd();
  channel.attach('w', end);
  await channel.listen({ onMessage: () => undefined, onDisconnect: () => undefined });
  hear({ t: 'join' });
  for (let n = 0; n < 1_000; n += 1) {
    channel.send('w', [{ type: 'fin', epoch: 1, attempts: [] }]);
    await Promise.resolve();
  }
  expect(sent).toHaveLength(64);
});
