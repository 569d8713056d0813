/** What a plan is asked for with, and what it will do. */
import { Type } from 'typebox';
import { PlanStateSchema } from './estate.js';
import type { Wire } from './scalars.js';
import { InstantSchema, RunIdSchema } from './scalars.js';

const TextsSchema = Type.Record(Type.String(), Type.String({ maxLength: 4096 }));
const TimeSchema = Type.Union([
  InstantSchema,
  Type.String({ maxLength: 40, description: 'A business date, or ISO 8601 with an offset' }),
]);
const CountSchema = Type.Integer({ minimum: 1 });
const ClockSchema = Type.String({ pattern: '^\\d\\d:[0-5]\\d$' });

/**
 * Body of `createPlan`. `select` is a selection; of a rerun chain it is a run, or runs with spaces between.
 */
export const PlanOrderSchema = Type.Object(
  {
    type: Type.Enum(['rerun', 'rerunChain', 'backfill']),
    select: Type.String({ minLength: 1, maxLength: 100_000 }),
    from: Type.Optional(TimeSchema),
    to: Type.Optional(TimeSchema),
    exclude: Type.Optional(Type.Array(Type.String({ maxLength: 10_000 }), { maxItems: 10_000 })),
    only: Type.Optional(Type.Enum(['missing', 'failed', 'all'])),
    parallel: Type.Optional(CountSchema),
    runningMax: Type.Optional(CountSchema),
    hours: Type.Optional(
      Type.Object(
        { from: ClockSchema, to: ClockSchema, zone: Type.Optional(Type.String({ maxLength: 64 })) },
        { additionalProperties: false },
      ),
    ),
    onFailure: Type.Optional(Type.Enum(['stop', 'goRound'])),
    downstream: Type.Optional(Type.Boolean()),
    params: Type.Optional(TextsSchema),
    memberParams: Type.Optional(Type.Record(Type.String(), TextsSchema)),
    reason: Type.Optional(Type.String({ maxLength: 500 })),
    start: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
/** A value of `PlanOrderSchema`. */
export type PlanOrder = Wire<typeof PlanOrderSchema>;

/** What a plan will do; `runs` in the order they may start, at most as many as were asked for. */
export const PlanPreviewSchema = Type.Object({
  total: Type.Integer({ minimum: 0 }),
  runs: Type.Array(RunIdSchema),
  dates: Type.Array(Type.Object({ date: Type.String(), count: Type.Integer({ minimum: 1 }) })),
  excluded: Type.Integer({ minimum: 0 }),
  estimate: Type.Object({
    workMs: Type.Number({ minimum: 0 }),
    spanMs: Type.Number({ minimum: 0 }),
    unknown: Type.Integer({ minimum: 0 }),
  }),
});
/** A value of `PlanPreviewSchema`. */
export type PlanPreview = Wire<typeof PlanPreviewSchema>;

/** What can be done to a plan. */
export const PlanVerbSchema = Type.Enum(['start', 'pause', 'resume', 'cancel']);

/** Answer to what was done to a plan. */
export const PlanMovedSchema = Type.Object({ plan: Type.Integer(), state: PlanStateSchema });
