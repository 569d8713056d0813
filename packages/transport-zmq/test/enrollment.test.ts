/** How a new worker comes in, and how it does not. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createEnrollmentToken,
  createFileKeyStore,
  createKeyPair,
  createZmqServerTransport,
  createZmqWorkerTransport,
  enrollWorker,
  loadOrCreateKeys,
  readEnrollmentToken,
  readWorkerIdentity,
} from '../src/index.js';
import type { KeyPair, KeyStore, TokenOptions, ZmqServerTransport } from '../src/index.js';
import { dialRaw } from './raw-client.js';

const HOUR_MS = 3_600_000;

let folder: string;
let keys: KeyPair;
let keyStore: KeyStore;
let server: ZmqServerTransport;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hera-zmq-'));
  keys = await loadOrCreateKeys(join(folder, 'server.json'));
  keyStore = createFileKeyStore({ file: join(folder, 'keys.json') });
  server = createZmqServerTransport({ server: 's1', listen: ['tcp://127.0.0.1:0'], keys, keyStore });
  await server.listen({ onMessage: () => undefined, onDisconnect: () => undefined });
});

afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const address = () => server.addresses[0] ?? '';
const file = (worker: string) => join(folder, worker, 'identity.json');

async function token(options: Partial<TokenOptions> = {}): Promise<string> {
  const made = createEnrollmentToken({ serverKey: keys.publicKey, now: Date.now(), ...options });
  await keyStore.addToken(made.key);
  return made.text;
}

const enroll = (worker: string, text: string) =>
  enrollWorker({ address: address(), token: text, worker, file: file(worker) });

/** Resolves when a worker of that identity is connected. */
async function connectAs(worker: string): Promise<void> {
  const identity = await readWorkerIdentity(file(worker));
  if (!identity) throw new Error('no identity');
  const transport = createZmqWorkerTransport(identity);
  await new Promise<void>((onConnect) => {
    void transport.connect({ onConnect, onMessage: () => undefined, onDisconnect: () => undefined });
  });
  expect(server.connected).toContain(worker);
  await transport.close();
}

describe('a token', () => {
  it('makes a worker, with the pools and labels it was made for', async () => {
    const text = await token({ pools: ['etl'], labels: { rack: 'r1' } });
    const identity = await enroll('w1', text);
    expect(identity).toMatchObject({ worker: 'w1', pools: ['etl'], labels: { rack: 'r1' } });
    expect(identity.servers).toEqual([{ address: address(), publicKey: keys.publicKey }]);
    expect(await readWorkerIdentity(file('w1'))).toEqual(identity);
    await connectAs('w1');
  });

  it('is good for as many workers as it says', async () => {
    const text = await token({ uses: 2 });
    await enroll('w1', text);
    await enroll('w2', text);
    await expect(enroll('w3', text)).rejects.toMatchObject({ code: 'TOKEN_REFUSED' });
    expect((await keyStore.workers()).map(({ worker }) => worker)).toEqual(['w1', 'w2']);
  });

  it('counts once for a worker whose answer was lost', async () => {
    const text = await token({ uses: 2 });
    const first = await enroll('w1', text);
    expect(await enroll('w1', text)).toEqual(first);
    expect((await keyStore.tokens())[0]?.used).toBe(1);
  });

  it('ends', async () => {
    const text = await token({ now: Date.now() - 2 * HOUR_MS, lifeMs: HOUR_MS });
    await expect(enroll('w1', text)).rejects.toMatchObject({ code: 'TOKEN_REFUSED' });
  });

  it('is refused when it was revoked, or never made here', async () => {
    const text = await token();
    await keyStore.removeToken((await keyStore.tokens())[0]?.id ?? '');
    await expect(enroll('w1', text)).rejects.toMatchObject({ code: 'TOKEN_REFUSED' });
    const made = createEnrollmentToken({ serverKey: keys.publicKey, now: Date.now() });
    await expect(enroll('w1', made.text)).rejects.toMatchObject({ code: 'TOKEN_REFUSED' });
    expect(await keyStore.workers()).toEqual([]);
  });

  it('is shown to nobody but its own server', async () => {
    const made = createEnrollmentToken({ serverKey: createKeyPair().publicKey, now: Date.now() });
    await keyStore.addToken(made.key);
    const other = enrollWorker({
      address: address(),
      token: made.text,
      worker: 'w1',
      file: file('w1'),
      timeoutMs: 500,
    });
    await expect(other).rejects.toMatchObject({ name: 'TransportError' });
    expect(await keyStore.workers()).toEqual([]);
  });

  it('does not take the name of a worker that is there', async () => {
    await enroll('w1', await token());
    rmSync(file('w1'));
    await expect(enroll('w1', await token())).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    expect(await keyStore.removeWorker('w1')).toBe(true);
    await enroll('w1', await token());
  });

  it.each(['', 'hera1_', 'hera1_AAAA', 'x'.repeat(134)])('is not the text "%s"', (text) => {
    expect(() => readEnrollmentToken(text)).toThrow(expect.objectContaining({ code: 'TOKEN_INVALID' }));
  });

  it.each([{ uses: 0 }, { uses: 1.5 }, { lifeMs: 0 }, { lifeMs: 367 * 24 * HOUR_MS }])(
    'is not made for %o',
    (options) => {
      const make = () => createEnrollmentToken({ serverKey: keys.publicKey, now: 0, ...options });
      expect(make).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
    },
  );

  it.each(['', '../w', 'a b', 'x'.repeat(64)])('gives nobody the name "%s"', async (worker) => {
    const options = { address: address(), token: await token(), worker, file: file('w1') };
    await expect(enrollWorker(options)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  });

  it("opens a connection that hears nothing without the token's proof", async () => {
    const { keys: held } = readEnrollmentToken(await token());
    const { keys: other } = readEnrollmentToken(await token());
    const raw = dialRaw({ address: address(), keys: held, serverKey: keys.publicKey });
    expect(await raw.fate).toBe('handshake');
    const request = { tokenKey: other.publicKey, tokenProof: 'f'.repeat(64), worker: 'w1' };
    await raw.send('hera/1 enroll', 'a1', JSON.stringify(request));
    await raw.send('hera/1 enroll', 'a1', '{}');
    // A question that is answered, to know that the ones before it were not.
    await raw.send('hera/9 join', 'a1', '{}');
    expect(await raw.until(1)).toEqual([['hera/1 refused', '0', '{"code":"VERSION"}']]);
    raw.close();
    expect(await keyStore.workers()).toEqual([]);
  });
});

describe('files', () => {
  it('of keys are readable by their owner alone, and hold no secret of another', async () => {
    const text = await token();
    const identity = await enroll('w1', text);
    for (const path of [file('w1'), join(folder, 'keys.json'), join(folder, 'server.json')])
      expect(statSync(path).mode & 0o777).toBe(0o600);
    const list = readFileSync(join(folder, 'keys.json'), 'utf8');
    expect(list).not.toContain(JSON.stringify(identity.keys.secretKey));
    expect(list).not.toContain(JSON.stringify(readEnrollmentToken(text).keys.secretKey));
  });

  it('that others may read are refused', async () => {
    chmodSync(join(folder, 'server.json'), 0o644);
    await expect(loadOrCreateKeys(join(folder, 'server.json'))).rejects.toMatchObject({
      code: 'KEY_FILE_UNSAFE',
    });
  });

  it('keep what is in them', async () => {
    await enroll('w1', await token({ uses: 3 }));
    const again = createFileKeyStore({ file: join(folder, 'keys.json') });
    expect(await again.workers()).toEqual(await keyStore.workers());
    expect(await again.tokens()).toEqual(await keyStore.tokens());
    expect(await loadOrCreateKeys(join(folder, 'server.json'))).toEqual(keys);
  });

  it('are written whole when many enrol at once', async () => {
    const text = await token({ uses: 3 });
    const tries = Array.from({ length: 6 }, (_, n) =>
      enroll(`w${n}`, text).then(
        () => 1,
        () => 0,
      ),
    );
    expect((await Promise.all(tries)).filter((won) => won === 1)).toHaveLength(3);
    expect(await createFileKeyStore({ file: join(folder, 'keys.json') }).workers()).toHaveLength(3);
  });
});
