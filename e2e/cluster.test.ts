/** The example of a cluster, as a reader runs it: real servers, workers and database, and a leader killed. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { findMariadb } from '../tools/mariadb.mjs';

const EXAMPLE = fileURLToPath(new URL('../examples/cluster/main.mjs', import.meta.url));
const PATIENCE_MS = 240_000;

it.skipIf(findMariadb() === null)(
  'loses, doubles and disturbs no job when the server that leads is killed',
  async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [EXAMPLE, '--json']);
    expect(JSON.parse(stdout)).toEqual({
      failoverMs: expect.any(Number) as number,
      succeeded: 12,
      attempts: 12,
      wholeLogs: 12,
    });
  },
  PATIENCE_MS,
);
