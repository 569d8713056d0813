/** The stream against a real HTTP server that hangs up, refuses and comes back. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { EventStreamOptions, StreamItem, StreamState } from './event-stream.js';
import { readEvents } from './event-stream.js';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** Gives each connection the next answer; the last one again and again. */
async function serve(...answers: readonly Answer[]) {
  const asked: (string | null)[] = [];
  const made = createServer((request, response) => {
    asked.push((request.headers['last-event-id'] as string | undefined) ?? null);
    answers[Math.min(asked.length, answers.length) - 1]!(request, response);
  });
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  server = made;
  return { url: `http://127.0.0.1:${(made.address() as AddressInfo).port}/api/events`, asked };
}

const hello = (commitNo: number) => frame('hello', { cursor: { commitNo, index: 0 } });
const event = (commitNo: number, index = 0) =>
  frame('group.changed', {
    cursor: { commitNo, index },
    at: 1,
    event: { type: 'group.changed', group: 'dw', actor: 'li' },
  });
const frame = (name: string, data: object) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

const say =
  (...frames: readonly string[]): Answer =>
  (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(frames.join(''));
  };
const refuse =
  (status: number, code: string): Answer =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/problem+json' });
    response.end(JSON.stringify({ type: 'x', title: 'x', status, detail: 'no', code, requestId: 'r' }));
  };
/** Headers, then nothing, and the connection stays. */
const hang: Answer = (_, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(': open\n\n');
};

async function take(count: number, options: Omit<EventStreamOptions, 'fetch'>) {
  const waits: number[] = [];
  const states: StreamState[] = [];
  const items: StreamItem[] = [];
  const stream = readEvents({
    fetch,
    random: () => 1,
    wait: (ms) => {
      waits.push(ms);
      return Promise.resolve();
    },
    onState: (state) => void states.push(state),
    ...options,
  });
  for await (const item of stream) {
    items.push(item);
    if (items.length === count) break;
  }
  return { items, waits, states };
}

const places = (items: readonly StreamItem[]) =>
  items.map((item) => (item.type === 'event' ? item.stored.cursor.commitNo : item.type));

describe('readEvents', () => {
  it('goes on after the last event it gave, without gap or repeat', async () => {
    const { url, asked } = await serve(say(hello(3), event(4), event(5)), say(hello(5), event(6)), hang);
    const { items, states } = await take(5, { url });
    expect(places(items)).toEqual(['hello', 4, 5, 'hello', 6]);
    expect(asked).toEqual([null, '5.0']);
    expect(states).toEqual(['live', 'waiting', 'live']);
  });

  it('starts after the cursor it is given', async () => {
    const { url, asked } = await serve(say(event(8, 2)));
    await take(1, { url, after: { commitNo: 8, index: 1 } });
    expect(asked).toEqual(['8.1']);
  });

  it('gives resync, and goes on from there', async () => {
    const resync = frame('resync', { cursor: { commitNo: 90, index: 3 } });
    const { url, asked } = await serve(say(resync), say(event(91)));
    const { items } = await take(2, { url, after: { commitNo: 1, index: 0 } });
    expect(places(items)).toEqual(['resync', 91]);
    expect(asked).toEqual(['1.0', '90.3']);
  });

  it('skips frames it does not know', async () => {
    const { url } = await serve(say(frame('tomorrow', { thing: 1 }), event(2)));
    expect(places((await take(1, { url })).items)).toEqual([2]);
  });

  it('waits twice as long each time, up to 30 s, and starts over after a success', async () => {
    const busy = Array.from({ length: 8 }, () => refuse(503, 'STOPPED'));
    const { url } = await serve(...busy, say(event(1)), refuse(503, 'STOPPED'), say(event(2)));
    const { waits } = await take(2, { url });
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 500, 1000]);
  });

  it.each([
    [401, 'UNAUTHENTICATED'],
    [403, 'FORBIDDEN'],
  ])('ends with the error when refused for good: %d', async (status, code) => {
    const { url } = await serve(refuse(status, code));
    await expect(take(1, { url })).rejects.toMatchObject({ name: 'ClientError', status, code });
  });

  it('gives up a connection that says nothing', async () => {
    const { url } = await serve(hang, say(event(1)));
    const { items, states } = await take(1, { url, silenceMsMax: 20 });
    expect(places(items)).toEqual([1]);
    expect(states).toEqual(['live', 'waiting', 'live']);
  });

  it('ends when the signal aborts', async () => {
    const abort = new AbortController();
    const { url } = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(event(1));
    });
    const items: StreamItem[] = [];
    for await (const item of readEvents({ url, fetch, signal: abort.signal })) {
      items.push(item);
      abort.abort();
    }
    expect(places(items)).toEqual([1]);
  });
});
