/** What is to come, asked of a real server by the command line, in both languages. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHera, createMemoryStore, createQueries, silentObserver } from '@hera/core';
import type { Hera, LogStore } from '@hera/core';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../app.js';
import { Sessions } from '../../auth/sessions.js';
import { createServices } from '../../services/index.js';
import { runCli } from '../program.js';

const folder = mkdtempSync(join(tmpdir(), 'hera-forecast-'));
const sessions = new Sessions();
const noLogs: LogStore = {
  read: (_attempt, offset) => Promise.resolve({ offset, bytes: new Uint8Array(), size: 0, complete: true }),
  watch: () => () => undefined,
};
/** Some hours from now, so that what is due comes within a day whenever this runs. */
const hour = (later: number) => (new Date(Date.now() + 3 * 3_600_000).getUTCHours() + later) % 24;
const clock = (later: number, minute: string) => `${String(hour(later)).padStart(2, '0')}:${minute}`;
let app: FastifyInstance;
let hera: Hera;
let server = '';

beforeAll(async () => {
  const store = createMemoryStore();
  hera = createHera({
    store,
    jobs: {
      jobs: {
        raw: { kind: 'function', schedule: `0 ${hour(0)} * * *`, expect: { duration: '1h' } },
        ceo: { kind: 'function', after: { raw: 'same' }, expect: { duration: '30m' } },
      },
      commitments: {
        board: { jobs: 'ceo', due: clock(3, '00') },
        early: { jobs: 'ceo', due: clock(1, '10') },
      },
    },
  });
  await hera.start();
  const services = createServices(
    { hera, store, queries: createQueries(store), logs: noLogs, trouble: null },
    '0',
  );
  app = await createApp({ services, sessions, pages: null, log: silentObserver });
  server = await app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await app.close();
  await hera.stop();
  rmSync(folder, { recursive: true });
});

async function cli(...args: readonly string[]) {
  let out = '';
  const write = (text: string) => void (out += text);
  const environment = { HERA_TOKEN: sessions.localToken };
  const exit = await runCli(['--server', server, ...args], {
    out: write,
    err: write,
    columns: null,
    environment,
  });
  return { exit, out };
}

test('tonight says what runs when, and which promise is at risk by whose fault', async () => {
  const { exit, out } = await cli('tonight', '--zone', 'UTC');
  expect(exit).toBe(0);
  expect(out).toContain(`${clock(3, '00')}: on track, foreseen`);
  expect(out).toMatch(/early, due .*: at risk, foreseen .*:30\n {2}longest on the way: raw, 1h 00m/);
  expect(out).toMatch(/raw .*to come/);
  const chinese = await cli('--lang', 'zh', 'forecast', 'raw', '--zone', 'UTC');
  expect(chinese.out).toMatch(/early，承诺 .*：有风险，预计 .*:30\n {2}链路中最长：raw，1h 00m/);
  expect(chinese.out).not.toContain('ceo ');
});

test('impact says what a change of a job would do', async () => {
  const { exit, out } = await cli('impact', 'raw', '--disable', '--days', '1');
  expect(exit).toBe(0);
  expect(out).toContain('runs gone: 1, new: 0, moved: 0, waiting in vain: 1');
  expect(out).toMatch(/board, due .*: done → late/);
  expect((await cli('impact', 'raw')).exit).toBe(2);
  expect((await cli('impact', 'nothing', '--delete')).exit).toBe(3);
});

test('diff says what a file would change, and changes nothing', async () => {
  const file = join(folder, 'x.hera.yaml');
  writeFileSync(
    file,
    `hera: 1\njobs:\n  raw: { kind: function, schedule: "0 ${hour(2)} * * *", expect: { duration: 1h } }\n`,
  );
  const { exit, out } = await cli('diff', file, '--days', '1', '--exit-code');
  expect(exit).toBe(8);
  expect(out).toContain('edited job raw\n');
  expect(out).toContain('runs gone: 2, new: 2, moved: 0');
  const again = await cli('-o', 'json', 'diff', file, '--days', '1');
  expect(JSON.parse(again.out)).toMatchObject({ changes: [{ kind: 'job', name: 'raw', change: 'edited' }] });
});
