/** Prints what the store does in a second on this machine; only what is wrong fails. */
import type { Write } from '@hera/core';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findMariadb, startMariadb } from '../../../../tools/mariadb.mjs';
import { createMysqlStore } from '../../dist/index.js';
import type { MysqlStore } from '../../dist/index.js';

const INSTANT = 1_795_399_200_000;
const slot = (n: number) => `t:20261123T${String(n).padStart(6, '0')}Z`;
const print = (line: string) => process.stdout.write(`${line}\n`);

function runRow(job: number, n: number): Write {
  const value = {
    instant: INSTANT + n,
    start: INSTANT - 86_400_000,
    end: INSTANT,
    businessDate: '2026-11-22',
    zone: 'Asia/Shanghai',
    createdAt: INSTANT,
    generation: 1,
    phase: 'waiting',
    attempts: 0,
    counts: 1,
    open: 1,
  };
  return { op: 'put', table: 'run', key: [job, slot(n), ''], value };
}

function generationRow(job: number, n: number): Write {
  const value = {
    trigger: 'schedule',
    track: 'main',
    lane: 'scheduled',
    gates: 'obey',
    releases: 1,
    priority: 50,
    phase: 'waiting',
    createdAt: INSTANT,
    firstAttempt: 1,
    tries: 0,
  };
  return { op: 'put', table: 'generation', key: [job, slot(n), '', 1], value };
}

const bindingRow = (job: number, n: number, upstream: number): Write => ({
  op: 'put',
  table: 'binding',
  key: [job, slot(n), '', upstream, 0],
  value: { instants: `[${INSTANT}]`, need: 1, why: 'same' },
});

describe.skipIf(findMariadb() === null)('figures', () => {
  let server: Awaited<ReturnType<typeof startMariadb>>;
  let store: MysqlStore;
  let epoch: number;
  let commitNo = 0;
  beforeAll(async () => {
    server = await startMariadb(['--innodb-buffer-pool-size=1G', '--innodb-log-file-size=512M']);
    const { socketPath, user, password } = server;
    const admin = await createConnection({ socketPath, user, password });
    await admin.query('CREATE DATABASE figures');
    await admin.end();
    store = createMysqlStore({ socketPath, user, password, database: 'figures' });
    ({ epoch } = await store.acquireLease('a', 3_600_000));
  });
  afterAll(async () => {
    await store?.close();
    await server?.stop();
  });

  /** Milliseconds, and microseconds of this process, that a commit takes. */
  async function commit(writes: readonly Write[]) {
    commitNo += 1;
    const [start, cpu] = [performance.now(), process.cpuUsage()];
    expect(await store.commit({ epoch, commitNo, writes })).toBe('applied');
    const { user, system } = process.cpuUsage(cpu);
    return { ms: performance.now() - start, cpuUs: user + system };
  }

  it('group commits against bare ones', async () => {
    let job = 0;
    for (const rows of [1, 100, 1_000, 5_000]) {
      const rounds = rows === 1 ? 300 : 20;
      let [ms, cpuUs] = [0, 0];
      for (let round = 0; round < rounds; round += 1) {
        const writes = Array.from({ length: rows }, () => runRow((job += 1), 1));
        const took = await commit(writes);
        ms += took.ms;
        cpuUs += took.cpuUs;
      }
      const count = rows * rounds;
      print(
        `${rows} rows a commit: ${Math.round((count / ms) * 1_000)} rows/s, ` +
          `${(ms / rounds).toFixed(2)} ms a commit, ${(cpuUs / count).toFixed(1)} us of this process a row`,
      );
    }
  });

  it('generate: 12,000 runs and 30,000 bindings in one commit', async () => {
    const jobs = Array.from({ length: 12_000 }, (_, i) => 1_000_000 + i);
    const writes = jobs.flatMap((job, i) => [
      runRow(job, 2),
      generationRow(job, 2),
      ...Array.from({ length: i % 2 === 0 ? 3 : 2 }, (_, u) => bindingRow(job, 2, u + 1)),
    ]);
    const { ms, cpuUs } = await commit(writes);
    print(
      `generate, ${writes.length} rows: ${Math.round(ms)} ms, ${Math.round(cpuUs / 1_000)} ms of this process`,
    );
  });

  it('loads 100,000 live runs', async () => {
    for (let hour = 0; hour < 10; hour += 1) {
      const jobs = Array.from({ length: 10_000 }, (_, i) => 2_000_000 + i);
      await commit(
        jobs.flatMap((job) => [
          runRow(job, 100 + hour),
          generationRow(job, 100 + hour),
          bindingRow(job, 100 + hour, 1),
          bindingRow(job, 100 + hour, 2),
        ]),
      );
    }
    const start = performance.now();
    let rows = 0;
    let runs = 0;
    for await (const row of store.load(INSTANT)) {
      rows += 1;
      if (row.table === 'run') runs += 1;
    }
    const ms = performance.now() - start;
    const share = Math.round((ms / runs) * 100_000);
    print(`load, ${runs} live runs, ${rows} rows: ${Math.round(ms)} ms; ${share} ms for 100,000 runs`);
    expect(runs).toBeGreaterThan(100_000);
  });
});
