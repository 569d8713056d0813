/** The route by which events are posted. */
import type { PostEventOptions } from '@hera/core';
import type { FastifyInstance } from 'fastify';
import type { Services } from '../services/index.js';
import { addRoute } from './add-route.js';

export function addPostedEventRoutes(app: FastifyInstance, { postedEvents, keys }: Services): void {
  addRoute(app, 'postEvent', async ({ input, actor, idempotencyKey }) => {
    const { name, slot, businessDate, payload, keepMs } = input.body;
    const options: PostEventOptions = {
      actor,
      ...(slot !== undefined && { slot }),
      ...(businessDate !== undefined && { businessDate }),
      // What came as JSON is JSON.
      ...(payload !== undefined && { payload: payload as NonNullable<PostEventOptions['payload']> }),
      ...(keepMs !== undefined && { keep: keepMs }),
    };
    return keys.once({ key: idempotencyKey, actor, content: ['postEvent', input] }, () =>
      postedEvents.post(name, options),
    );
  });
}
