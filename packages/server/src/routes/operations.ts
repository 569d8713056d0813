/** Routes of waives, overrides and holds. */
import type { InputOf } from '@hera/api';
import type { SlotRange } from '@hera/core';
import type { FastifyInstance } from 'fastify';
import type { Services } from '../services/index.js';
import { addRoute } from './add-route.js';
import { definedOnly } from './query.js';

export function addOperationRoutes(app: FastifyInstance, { operations, keys }: Services): void {
  addRoute(app, 'listOperations', async () => operations.list());
  addRoute(app, 'beginWaive', async ({ input, actor, idempotencyKey: key }) => {
    const { run, upstream, ...options } = definedOnly(input.body);
    return keys.once({ key, actor, content: ['beginWaive', input] }, () =>
      operations.waive(run, upstream, { ...options, actor }),
    );
  });
  addRoute(app, 'endWaive', async ({ input, actor, idempotencyKey: key }) =>
    keys.once({ key, actor, content: ['endWaive', input] }, () =>
      operations.endWaive(input.params.waive, { actor }),
    ),
  );
  addRoute(app, 'beginOverride', async ({ input, actor, idempotencyKey: key }) => {
    const { select, range, effect, ...options } = definedOnly(input.body);
    return keys.once({ key, actor, content: ['beginOverride', input] }, () =>
      operations.override(select, {
        ...options,
        actor,
        effect: definedOnly(effect),
        ...(range !== undefined && { range: rangeOf(range) }),
      }),
    );
  });
  addRoute(app, 'endOverride', async ({ input, actor, idempotencyKey: key }) =>
    keys.once({ key, actor, content: ['endOverride', input] }, () =>
      operations.endOverride(input.params.override, { actor }),
    ),
  );
  addRoute(app, 'beginHold', async ({ input, actor, idempotencyKey: key }) => {
    const { select = '*', ...options } = definedOnly(input.body);
    return keys.once({ key, actor, content: ['beginHold', input] }, () =>
      operations.hold(select, { ...options, actor }),
    );
  });
  addRoute(app, 'releaseHold', async ({ input, actor, idempotencyKey: key }) =>
    keys.once({ key, actor, content: ['releaseHold', input] }, () =>
      operations.release(input.params.hold, { ...definedOnly(input.body ?? {}), actor }),
    ),
  );
}

/** An end that is not said is open. */
function rangeOf(range: NonNullable<InputOf<'beginOverride'>['body']['range']>): SlotRange {
  if (range.by === 'instant') return { by: range.by, from: range.from ?? null, to: range.to ?? null };
  return { by: range.by, from: range.from ?? null, to: range.to ?? null };
}
