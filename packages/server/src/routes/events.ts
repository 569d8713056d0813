/** The event stream as server-sent events. */
import { once } from 'node:events';
import { cursorText, parseCursor } from '@hera/api';
import { SchedulerError } from '@hera/core';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { FeedItem } from '../services/events.js';
import type { Services } from '../services/index.js';
import { addRawRoute } from './add-route.js';

/** Open streams of one server; each costs a socket and a cursor. */
const STREAMS_MAX = 500;
const RETRY_AFTER_MS = 5_000;

export function addEventRoutes(app: FastifyInstance, { events }: Services): void {
  const open = new Set<AbortController>();
  app.addHook('preClose', async () => {
    for (const stream of open) stream.abort();
  });
  addRawRoute(app, 'streamEvents', async (request, reply) => {
    if (open.size >= STREAMS_MAX) {
      const message = `${STREAMS_MAX} event streams are open`;
      throw new SchedulerError('OVERLOADED', message, { retryAfterMs: RETRY_AFTER_MS });
    }
    const ended = new AbortController();
    open.add(ended);
    reply.raw.once('close', () => ended.abort());
    const last = request.headers['last-event-id'];
    const after = typeof last === 'string' ? parseCursor(last) : null;
    try {
      await send(reply, events.follow(after, ended.signal), ended.signal);
    } finally {
      open.delete(ended);
    }
    return reply;
  });
}

async function send(reply: FastifyReply, feed: AsyncIterable<FeedItem>, signal: AbortSignal): Promise<void> {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // A stream has its connection for itself; one kept alive afterwards would hold up the server's stop.
    connection: 'close',
    'x-accel-buffering': 'no',
  });
  for await (const item of feed) {
    if (signal.aborted) break;
    // A reader that is slow gets its events late; nothing piles up here.
    if (!raw.write(frameOf(item))) await Promise.race([once(raw, 'drain'), once(raw, 'close')]);
  }
  raw.end();
}

function frameOf(item: FeedItem): string {
  switch (item.type) {
    case 'idle':
      return ': alive\n\n';
    case 'event': {
      const { stored } = item;
      return frame(stored.event.type, cursorText(stored.cursor), stored);
    }
    case 'hello':
    case 'resync':
      return frame(item.type, cursorText(item.cursor), { cursor: item.cursor });
  }
}

const frame = (event: string, id: string, data: unknown) =>
  `event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
