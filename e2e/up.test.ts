/** `hera up`, with real processes: it serves, runs, tells, survives a kill, and stops cleanly. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@hera/api';
import type { Client, StreamItem } from '@hera/api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Place, processesOf, until } from './command.js';
import type { RunningCommand } from './command.js';

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.close());

const DEFINITIONS = `hera: 1
jobs:
  greet: { schedule: "0 0 1 1 *", script: "echo hello; echo again" }
  slow: { script: "echo begun; sleep 60" }
`;

/** Starts a server and waits for its address. */
async function start(
  ...args: readonly string[]
): Promise<{ command: RunningCommand; url: string; client: Client }> {
  const command = place.start('up', ...args);
  const url = await until(() => /Hera runs at (\S+)/.exec(command.out())?.[1]);
  await until(() => command.out().includes('Ctrl-C'));
  const { token } = JSON.parse(readFileSync(join(place.home, 'server.json'), 'utf8')) as { token: string };
  return { command, url, client: createClient({ baseUrl: url, token: () => token }) };
}

/** The first item of the stream that is wanted. */
async function first(stream: AsyncIterable<StreamItem>, isWanted: (item: StreamItem) => boolean) {
  for await (const item of stream) if (isWanted(item)) return item;
  throw new Error('the stream ended');
}

describe('hera up', () => {
  test('shows a living example, its page and its health to whoever holds the link', async () => {
    const { command, url, client } = await start();
    expect((await client.listJobs()).items.map(({ source }) => source)).toContain('example');
    const page = await fetch(url);
    expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'/);
    expect(await page.text()).toMatch(/<hera-app>/);
    expect(await (await fetch(`${url}/api/health`)).json()).toMatchObject({ status: 'ok', role: 'leader' });
    expect((await fetch(`${url}/api/jobs`)).status).toBe(401);

    const token = /#\/sign-in\/(\S+)/.exec(command.out())?.[1];
    const session = await fetch(`${url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    });
    expect(session.status).toBe(200);
    expect(statSync(join(place.home, 'server.json')).mode & 0o777).toBe(0o600);
  });

  test('runs a job, streams what happens and keeps its output', async () => {
    const { client } = await start(place.write('a.hera.yaml', DEFINITIONS));
    const stop = new AbortController();
    const ended = first(
      client.streamEvents({ signal: stop.signal }),
      ({ type, ...item }) =>
        type === 'event' &&
        'stored' in item &&
        item.stored.event.type === 'generation.phase' &&
        item.stored.event.phase === 'succeeded',
    );
    const { run } = await client.runJob({ params: { job: 'greet' }, body: {} });
    await ended;
    stop.abort();
    const piece = await client.readLog({ params: { attempt: `${run}/1` } });
    expect(new TextDecoder().decode(piece.bytes)).toMatch(/^hello\nagain$/m);
    expect((await place.run('logs', run)).out).toMatch(/^hello\nagain$/m);
    expect((await place.run('why', run)).out).toMatch(/^nothing keeps it from running\n#1 started .* on /);
  });

  test('holds a job, says why it waits and what ends that, and lets it go', async () => {
    const { client } = await start(place.write('a.hera.yaml', DEFINITIONS));
    const held = await place.run('hold', 'greet', '--reason', 'the disk is full', '--until', '8h', '--json');
    expect(held.exit).toBe(0);
    const { id } = JSON.parse(held.out) as { id: number };
    const { run } = await client.runJob({ params: { job: 'greet' }, body: {} });
    expect((await place.run('why', run)).out).toMatch(/HELD/);
    const listed = (await place.run('operations')).out;
    expect(listed).toMatch(new RegExp(`hold +greet .*the disk is full +hera release ${id}$`, 'm'));
    expect((await place.run('operations', '--lang', 'zh')).out).toMatch(/类别.*\n.*暂停/);
    expect((await place.run('release', String(id))).out).toBe(`hold ${id}: released\n`);
    while ((await client.getRun({ params: { run } })).attemptList[0]?.state !== 'succeeded')
      await new Promise((resolve) => setTimeout(resolve, 50));
    const flags = ['--effect', 'priority=-5', 'timeout=90m', '--from', '2099-01-01', '--reason', 'slow'];
    expect((await place.run('override', 'greet', ...flags)).out).toBe(
      'override 2; end it with: hera override --end 2\n',
    );
    expect((await place.run('operations')).out).toMatch(/greet 2099-01-01… +priority=-5, timeout=90m /);
    expect((await place.run('override', '--end', '2', '--lang', 'zh')).out).toBe('覆盖 2：已结束\n');
    expect((await place.run('operations', '--json')).out.trim()).toBe('[]');
    expect((await place.run('release', String(id))).exit).toBe(3);
  });

  test('follows output while it grows, and ends with the attempt', async () => {
    const { client } = await start(
      place.write(
        'a.hera.yaml',
        `hera: 1\njobs: { a: { script: "for i in 1 2 3; do echo $i; sleep 0.3; done" } }\n`,
      ),
    );
    const { run } = await client.runJob({ params: { job: 'a' }, body: {} });
    const { exit, out } = await place.run('logs', `${run}/1`, '-f');
    expect(exit).toBe(0);
    expect(out).toMatch(/^1\n2\n3\n.*exit code 0$/m);
  });

  test('killed, it finds what still runs, cancels it, and stops without a trace', async () => {
    const file = place.write('a.hera.yaml', DEFINITIONS);
    const before = await start(file);
    const { run } = await before.client.runJob({ params: { job: 'slow' }, body: {} });
    const phase = async (client: Client) => (await client.getRun({ params: { run } })).attemptList[0]?.state;
    while ((await phase(before.client)) !== 'running')
      await new Promise((resolve) => setTimeout(resolve, 50));
    before.command.child.kill('SIGKILL');
    await before.command.exited;

    const after = await start(file);
    expect(await phase(after.client)).toBe('running');
    await after.client.cancelRun({ params: { run }, body: {} });
    while ((await phase(after.client)) !== 'canceled')
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await after.client.getRun({ params: { run } })).attempts).toBe(1);
    after.command.child.kill('SIGTERM');
    expect(await after.command.ended).toBe(0);
    expect(processesOf(place.folder)).toEqual([]);
  });

  test('a second server on the same home is refused', async () => {
    await start(place.write('a.hera.yaml', DEFINITIONS));
    const second = await place.run('up');
    expect(second.exit).toBe(5);
    expect(second.err).toMatch(/a server runs on .* already/);
  });

  test('wrong definitions stop it before anything has started', async () => {
    const file = place.write('a.hera.yaml', 'hera: 1\njobs:\n  a: { schedule: "61 * * * *" }\n');
    const { exit, err } = await place.run('up', file);
    expect(exit).toBe(2);
    expect(err).toMatch(/a\.hera\.yaml:3: .*minute/);
    expect(place.names('.hera')).toEqual([]);
  });
});
