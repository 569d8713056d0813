import { describe, expect, it } from 'vitest';
import type { SourceChange } from '../source.js';
import { createHttpSource } from './http.js';

const encoder = new TextEncoder();
const frame = (name: string, data: object) =>
  encoder.encode(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
const cursor = { commitNo: 1, index: 0 };
const problem = (status: number, code: string) =>
  Response.json({ type: 'x', title: 'x', status, detail: code, code, requestId: 'r' }, { status });

/** A server whose stream the test holds in its hand. */
function serve(answer: (url: string) => Response = () => problem(404, 'RUN_NOT_FOUND')) {
  const streams: ReadableStreamDefaultController<Uint8Array>[] = [];
  let open = 0;
  const source = createHttpSource({
    baseUrl: 'http://h',
    fetch: (url, init) => {
      if (url !== 'http://h/api/events') return Promise.resolve(answer(url as string));
      open += 1;
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          streams.push(controller);
          init?.signal?.addEventListener('abort', () => {
            open -= 1;
            controller.error(init.signal?.reason);
          });
        },
      });
      return Promise.resolve(new Response(body));
    },
  });
  return { source, streams, openNow: () => open };
}

describe('createHttpSource', () => {
  it('shares one stream, and closes it with the last listener', async () => {
    const { source, streams, openNow } = serve();
    const first: SourceChange[] = [];
    const second: SourceChange[] = [];
    const endFirst = source.subscribe((change) => void first.push(change));
    const endSecond = source.subscribe((change) => void second.push(change));
    await expect.poll(() => streams.length).toBe(1);
    const event = { type: 'group.changed', group: 'dw', actor: 'li' };
    streams[0]!.enqueue(frame('hello', { cursor }));
    streams[0]!.enqueue(frame('group.changed', { cursor, at: 1, event }));
    await expect.poll(() => second.at(-1)).toEqual({ type: 'event', event });
    expect(first).toEqual([
      { type: 'state', state: 'waiting' },
      { type: 'state', state: 'live' },
      // What elements read before the stream began may be old.
      { type: 'resync' },
      { type: 'event', event },
    ]);
    endFirst();
    expect(openNow()).toBe(1);
    endSecond();
    await expect.poll(openNow).toBe(0);
  });

  it('tells every listener when a call learns that the session has ended', async () => {
    const { source } = serve(() => problem(401, 'UNAUTHENTICATED'));
    const changes: SourceChange[] = [];
    const end = source.subscribe((change) => void changes.push(change));
    await expect(source.now()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(changes).toContainEqual({ type: 'signedOut' });
    end();
  });

  it('asks with the names of the route table', async () => {
    const asked: string[] = [];
    const { source } = serve((url) => {
      asked.push(url);
      return Response.json({ items: [], next: null });
    });
    await source.runs({ job: 'a', phases: ['failed', 'running'] }, { limit: 5 });
    expect(asked).toEqual(['http://h/api/runs?job=a&limit=5&phase=failed&phase=running']);
  });
});
