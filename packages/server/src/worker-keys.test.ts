import { createMemoryStore } from '@hera/core';
import type { Store } from '@hera/core';
import type { TokenKey, WorkerKey } from '@hera/transport-zmq';
import { describe, expect, it } from 'vitest';
import { createStoredKeys } from './worker-keys.js';

const NOW = 1_000;
const token = (more: Partial<TokenKey> = {}): TokenKey => ({
  id: 't1',
  publicKey: 'token-key',
  proofHash: 'hash',
  pools: ['etl'],
  labels: {},
  usesMax: 2,
  used: 0,
  expiresAt: NOW + 1,
  ...more,
});
const worker = (name: string): WorkerKey => ({
  worker: name,
  publicKey: `key of ${name}`,
  proofHash: 'hash',
  pools: ['etl'],
  labels: {},
  enrolledAt: NOW,
});

describe('the workers that may connect', () => {
  it('come in by a token, as often as it says, and are known to every server', async () => {
    const store = createMemoryStore();
    const [here, there] = [createStoredKeys(store), createStoredKeys(store)];
    await here.addToken(token());
    expect(await here.enroll('token-key', worker('w1'), NOW)).toBe('enrolled');
    expect(await there.enroll('token-key', worker('w1'), NOW)).toBe('enrolled');
    expect((await there.token('token-key'))?.used).toBe(1);
    expect(await there.enroll('token-key', worker('w2'), NOW)).toBe('enrolled');
    expect(await here.enroll('token-key', worker('w3'), NOW)).toBe('tokenUnusable');
    expect(await there.worker('key of w1')).toEqual(worker('w1'));
    expect((await here.workers()).map(({ worker: name }) => name)).toEqual(['w1', 'w2']);
  });

  it.each([
    ['a token that nobody made', 'other-key', NOW],
    ['a token that has ended', 'token-key', NOW + 1],
  ])('do not come in by %s', async (_name, key, now) => {
    const keys = createStoredKeys(createMemoryStore());
    await keys.addToken(token());
    expect(await keys.enroll(key, worker('w1'), now)).toBe('tokenUnusable');
    expect(await keys.workers()).toEqual([]);
  });

  it('have names of their own, until they are removed', async () => {
    const keys = createStoredKeys(createMemoryStore());
    await keys.addToken(token());
    await keys.enroll('token-key', worker('w1'), NOW);
    const other = { ...worker('w1'), publicKey: 'another key' };
    expect(await keys.enroll('token-key', other, NOW)).toBe('nameTaken');
    expect(await keys.removeWorker('w1')).toBe(true);
    expect(await keys.removeWorker('w1')).toBe(false);
    expect(await keys.worker('key of w1')).toBeNull();
    expect(await keys.enroll('token-key', other, NOW)).toBe('enrolled');
  });

  it('are not let in by a token that was revoked', async () => {
    const keys = createStoredKeys(createMemoryStore());
    await keys.addToken(token());
    expect(await keys.removeToken('t1')).toBe(true);
    expect(await keys.removeToken('t1')).toBe(false);
    expect(await keys.enroll('token-key', worker('w1'), NOW)).toBe('tokenUnusable');
  });

  it('use up a token once each when they come at the same moment at several servers', async () => {
    const store: Store = createMemoryStore();
    const servers = [createStoredKeys(store), createStoredKeys(store), createStoredKeys(store)];
    await servers[0]!.addToken(token({ usesMax: 2 }));
    const found = await Promise.all(servers.map((keys, i) => keys.enroll('token-key', worker(`w${i}`), NOW)));
    expect(found.filter((what) => what === 'enrolled')).toHaveLength(2);
    expect(await servers[0]!.workers()).toHaveLength(2);
  });
});
