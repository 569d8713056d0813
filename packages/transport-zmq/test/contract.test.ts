/** The carriers' contract, over sockets of each kind. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { transportContract } from '@hera/core/testing';
import { openEstate } from './estate.js';

describe.each(['tcp', 'ipc'] as const)('over %s', (kind) => {
  it.each(transportContract)('$name', async ({ run }) => {
    const folder = mkdtempSync(join(tmpdir(), 'hera-zmq-'));
    try {
      await run({
        open: () => {
          const estate = openEstate(folder, kind);
          const scheduler = estate.server();
          return Promise.resolve({
            scheduler,
            worker: (name: string) => estate.worker(name, [scheduler]),
            close: () => estate.close(),
          });
        },
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
