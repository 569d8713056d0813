import { createClient } from '@hera/api';
import type { Session } from '@hera/api';
import { createHera, createMemoryStore, createQueries, defineJob, silentObserver } from '@hera/core';
import type { Hera, LogStore, Store } from '@hera/core';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { createApp } from '../app.js';
import { Sessions } from '../auth/sessions.js';
import { createServices } from '../services/index.js';
import { Cluster, NUDGE_PATH } from './cluster.js';
import { PEER_HEADER, bodyDigest, peerProof, readPeerProof } from './peer-proof.js';

const SECRET = 'a secret of at least thirty-two characters';
const LEASE_MS = 1_000;
const noLogs: LogStore = {
  read: async () => ({ offset: 0, bytes: new Uint8Array(), size: 0, complete: true }),
  watch: () => () => undefined,
};

interface Member {
  readonly url: string;
  readonly hera: Hera;
  readonly app: FastifyInstance;
  readonly client: ReturnType<typeof createClient>;
}

let open: Member[] = [];
afterEach(async () => {
  for (const { app, hera } of open) {
    await app.close();
    await hera.stop({ deadlineMs: 0 });
  }
  open = [];
});

/** A server of several over one store; the first that starts leads. */
async function member(store: Store): Promise<Member> {
  const sessions = new Sessions();
  const parts: { hera?: Hera } = {};
  const cluster = new Cluster({
    secret: SECRET,
    leader: async () => (await store.readLease())?.holder ?? null,
    onNudge: () => parts.hera?.nudge(),
    log: silentObserver,
  });
  const app: FastifyInstance = await createApp({
    services: createServices(
      {
        get hera() {
          return parts.hera ?? null;
        },
        store,
        queries: createQueries(store),
        logs: noLogs,
        trouble: null,
      },
      '0.0.0',
    ),
    sessions,
    pages: null,
    log: silentObserver,
    cluster,
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const jobs = [
    defineJob('ok', { schedule: '0 2 * * *', run: () => 1 }),
    defineJob('late', { after: { ok: 'latestSucceeded' }, run: () => 1 }),
  ];
  const hera = createHera({
    jobs: open.length === 0 ? jobs : [],
    store,
    name: url,
    leaseMs: LEASE_MS,
    slots: open.length === 0 ? 4 : 0,
    follow: { nudge: (holder) => void cluster.nudge(holder) },
  });
  parts.hera = hera;
  await hera.start();
  const client = createClient({ baseUrl: url, token: () => sessions.localToken });
  const made = { url, hera, app, client };
  open.push(made);
  return made;
}

describe('a server that follows', () => {
  it('gives what only the leader knows, as the leader gives it', async () => {
    const store = createMemoryStore();
    const leader = await member(store);
    const follower = await member(store);
    expect([leader.hera.leads, follower.hera.leads]).toEqual([true, false]);
    const ask = ({ client }: Member) => client.getUpcoming({ params: { job: 'ok' }, query: { count: 3 } });
    const { items } = await ask(follower);
    expect(items).toHaveLength(3);
    expect(items).toEqual((await ask(leader)).items);
  });

  it('passes on what is asked of it, and the leader does it once', async () => {
    const store = createMemoryStore();
    await member(store);
    const follower = await member(store);
    const first = await follower.client.runJob({ params: { job: 'ok' }, body: { key: 'k' } });
    expect(first).toMatchObject({ run: 'ok@a:k', generation: 1 });
    const unknown = follower.client.runJob({ params: { job: 'nobody' }, body: {} });
    await expect(unknown).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
    const rows = await store.read('command', {});
    expect(rows.map(({ value }) => value['open'])).toEqual([0, 0]);
  });

  it('takes over when the leader is gone', async () => {
    const store = createMemoryStore();
    const leader = await member(store);
    const follower = await member(store);
    await leader.hera.stop({ deadlineMs: 0 });
    const { run } = await follower.client.runJob({ params: { job: 'ok' }, body: { key: 'k' } });
    expect(run).toBe('ok@a:k');
    expect(follower.hera.leads).toBe(true);
  });
});

describe('the word of another server', () => {
  const session: Session = { actor: 'li', role: 'operator', expiresAt: 1 };
  const request = { method: 'GET', url: '/api/jobs?limit=2' };
  const peer = { session, atMs: 1_000_000, body: '' };
  const header = peerProof(SECRET, request, peer);
  const read = (change: object, nowMs = 1_000_000) =>
    readPeerProof(SECRET, { ...request, ...change }, { header, nowMs });

  it('says who asks', () => {
    expect(read({})).toEqual(peer);
  });

  it.each([
    ['another address', { url: '/api/jobs?limit=3' }, 1_000_000],
    ['another method', { method: 'POST' }, 1_000_000],
    ['a later time', {}, 1_060_001],
    ['an earlier time', {}, 939_999],
  ])('is not taken for %s', (_name, change, nowMs) => {
    expect(read(change, nowMs)).toBeNull();
  });

  it.each([undefined, '', 'x', `${header.split('.')[0]}.`, peerProof(`${SECRET}!`, request, peer)])(
    'is not taken from %j',
    (text) => {
      expect(readPeerProof(SECRET, request, { header: text, nowMs: 1_000_000 })).toBeNull();
    },
  );

  it('opens to servers what is closed to people', async () => {
    const { app } = await member(createMemoryStore());
    const ask = (headers: Record<string, string>) =>
      app.inject({ method: 'POST', url: NUDGE_PATH, headers: { host: 'localhost', ...headers } });
    const proof = peerProof(
      SECRET,
      { method: 'POST', url: NUDGE_PATH },
      { session: null, atMs: Date.now(), body: '' },
    );
    expect((await ask({ [PEER_HEADER]: proof })).statusCode).toBe(204);
    expect((await ask({})).statusCode).toBe(403);
    expect((await ask({ [PEER_HEADER]: 'x.y' })).statusCode).toBe(403);
  });

  it('is not taken for another body', async () => {
    const { app } = await member(createMemoryStore());
    const run = { method: 'POST', url: '/api/jobs/ok/runs' } as const;
    const sent = { key: 'a' };
    const header = peerProof(SECRET, run, { session, atMs: Date.now(), body: bodyDigest(sent) });
    const ask = (payload: object) =>
      app.inject({ ...run, payload, headers: { host: 'localhost', [PEER_HEADER]: header } });
    expect((await ask({ key: 'b' })).statusCode).toBe(403);
    expect((await ask(sent)).statusCode).toBe(202);
  });
});
