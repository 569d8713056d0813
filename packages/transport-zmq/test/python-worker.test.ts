/** The documented protocol is enough to write a worker: one in Python runs jobs, and obeys a cancel. */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createHera } from '@hera/core';
import type { Hera } from '@hera/core';
import {
  createEnrollmentToken,
  createFileKeyStore,
  createKeyPair,
  createZmqServerTransport,
} from '../src/index.js';
import type { KeyPair, KeyStore, ZmqServerTransport } from '../src/index.js';

const PYTHON = '/usr/bin/python3';
const PROGRAM = fileURLToPath(new URL('../../../examples/worker-python/worker.py', import.meta.url));
const hasZmq = spawnSync(PYTHON, ['-c', 'import zmq']).status === 0;
const because = hasZmq ? '' : ' (skipped: python3-zmq is missing; apt-get install python3-zmq)';
const PATIENT = { timeout: 30_000, interval: 50 };

/** Whether the process whose number is in the file lives; one that nobody has waited for does not. */
function isAlive(file: string): boolean {
  const pid = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  const stat = pid === '' ? '' : `/proc/${pid}/stat`;
  if (!existsSync(stat)) return false;
  return !/\) Z /.test(readFileSync(stat, 'utf8'));
}

describe.skipIf(!hasZmq)(`a worker in Python${because}`, () => {
  let folder: string;
  let keys: KeyPair;
  let keyStore: KeyStore;
  let server: ZmqServerTransport;
  let hera: Hera;
  let worker: ChildProcess | null = null;
  let said = '';

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hera-zmq-'));
    keys = createKeyPair();
    keyStore = createFileKeyStore({ file: join(folder, 'keys.json') });
    server = createZmqServerTransport({ server: 's1', listen: ['tcp://127.0.0.1:0'], keys, keyStore });
    hera = createHera({
      jobs: {
        jobs: {
          numbers: { kind: 'shell', script: 'echo "{\\"rows\\": 42}" > "$HERA_RESULT"' },
          report: { kind: 'shell', script: 'test "$HERA_JOB" = report', after: { numbers: {} } },
          broken: { kind: 'shell', script: 'exit 7' },
          endless: { kind: 'shell', script: `sleep 36117 & echo $! > ${join(folder, 'pid')}; wait` },
        },
      },
      transport: server,
      slots: 0,
    });
    await hera.start();
    const token = createEnrollmentToken({
      serverKey: keys.publicKey,
      now: Date.now(),
      labels: { in: 'python' },
    });
    await keyStore.addToken(token.key);
    const address = server.addresses[0] ?? '';
    const home = join(folder, 'home');
    const enrolling = ['--server', address, '--token', token.text, '--name', 'py1', '--home', home];
    // Not waited for synchronously: this process is the server that answers.
    const code = await new Promise((resolve) => {
      spawn(PYTHON, [PROGRAM, 'enroll', ...enrolling], { stdio: 'inherit' }).on('exit', resolve);
    });
    expect(code).toBe(0);
    worker = spawn(PYTHON, [PROGRAM, 'run', '--home', home], { stdio: ['ignore', 'inherit', 'pipe'] });
    worker.stderr?.on('data', (chunk) => void (said += String(chunk)));
    await vi.waitUntil(() => server.connected.includes('py1'), PATIENT);
  });

  afterAll(async () => {
    worker?.kill('SIGKILL');
    await hera.stop({ deadlineMs: 0 });
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('runs jobs in their order and returns their results', async () => {
    const { phase } = await hera.runGraph('+report');
    expect(said).toBe('');
    expect(phase).toBe('succeeded');
  });

  it('tells the exit code of a job that fails', async () => {
    const run = await hera.run('broken');
    expect(await run.result()).toMatchObject({ phase: 'failed' });
    expect(said).toBe('');
  });

  it('kills what is canceled, with its children', async () => {
    const { runs } = await hera.submit('endless');
    const run = runs[0] ?? '';
    await vi.waitUntil(async () => (await hera.get(run))?.phase === 'running', PATIENT);
    await vi.waitUntil(() => isAlive(join(folder, 'pid')), PATIENT);
    await hera.cancel(run);
    await vi.waitUntil(async () => (await hera.get(run))?.phase === 'canceled', PATIENT);
    expect(isAlive(join(folder, 'pid'))).toBe(false);
    expect(said).toBe('');
  });

  it('is found again by a server that was started anew', async () => {
    const [listen = ''] = server.addresses;
    await hera.stop({ deadlineMs: 0 });
    await server.close();
    server = createZmqServerTransport({ server: 's1', listen: [listen], keys, keyStore });
    hera = createHera({
      jobs: { jobs: { again: { kind: 'shell', script: 'true' } } },
      transport: server,
      slots: 0,
    });
    await hera.start();
    expect((await hera.runGraph('again')).phase).toBe('succeeded');
    expect(said).toBe('');
  });
});
