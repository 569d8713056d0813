/** The memory transport keeps the contract. */
import { describe, it } from 'vitest';
import { transportContract } from '../testing/transport-contract.js';
import { createMemoryTransport } from './transport.js';

describe('the memory transport', () => {
  it.each(transportContract)('$name', async ({ run }) => {
    await run({
      open: () => {
        const hub = createMemoryTransport();
        return Promise.resolve({
          scheduler: hub,
          worker: (name: string) => hub.connect(name),
          close: () => hub.close(),
        });
      },
    });
  });
});
