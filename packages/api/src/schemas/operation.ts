/** Waives, overrides and holds on the wire. */
import { Type } from 'typebox';
import { LaneSchema } from './run.js';
import { InstantSchema, RunIdSchema, TextMapSchema, nullable } from './scalars.js';
import type { Wire } from './scalars.js';

const FACTS = {
  id: Type.Integer({ minimum: 1 }),
  reason: Type.String(),
  actor: Type.String(),
  at: InstantSchema,
  until: nullable({ ...InstantSchema, description: 'When it ends by itself; null: when a person ends it' }),
};

/** What an override changes; what it does not name stays as the job says. */
export const OverrideEffectSchema = Type.Object(
  {
    slots: Type.Optional(
      Type.Enum(['skip', 'pass'], {
        description: 'skip: it is not run and satisfies nobody; pass: it is not run and counts as done',
      }),
    ),
    freeze: Type.Optional(Type.Boolean({ description: 'Nothing of it starts while the override lasts' })),
    notBefore: Type.Optional(InstantSchema),
    pool: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    priority: Type.Optional(Type.Integer({ minimum: -1000, maximum: 1000 })),
    timeoutMs: Type.Optional(Type.Integer({ minimum: 1 })),
    params: Type.Optional(TextMapSchema),
  },
  { additionalProperties: false },
);
/** A value of `OverrideEffectSchema`. */
export type OverrideEffect = Wire<typeof OverrideEffectSchema>;

const DateSchema = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' });

/** Slots that an override is about, both ends included; null is open. */
export const SlotRangeSchema = Type.Union([
  Type.Object({
    by: Type.Literal('instant'),
    from: nullable(InstantSchema),
    to: nullable(InstantSchema),
  }),
  Type.Object({
    by: Type.Literal('businessDate'),
    from: nullable(DateSchema),
    to: nullable(DateSchema),
  }),
]);
/** A value of `SlotRangeSchema`. */
export type SlotRange = Wire<typeof SlotRangeSchema>;

/** Everything that is in force, each kind in the order in which it began. */
export const OperationsSchema = Type.Object({
  waives: Type.Array(
    Type.Object({
      ...FACTS,
      run: RunIdSchema,
      upstream: Type.String({ description: 'Job that the run does not wait for' }),
      slot: nullable(Type.String({ description: 'Key of its slot; null: all of them' })),
    }),
  ),
  overrides: Type.Array(
    Type.Object({
      ...FACTS,
      select: Type.String(),
      range: nullable(SlotRangeSchema),
      effect: OverrideEffectSchema,
      jobs: Type.Integer({ minimum: 0, description: 'Jobs that it is about now' }),
    }),
  ),
  holds: Type.Array(
    Type.Object({
      ...FACTS,
      select: Type.String(),
      lanes: nullable(Type.Array(LaneSchema)),
      key: nullable(Type.String({ description: 'Concurrency key that the jobs take' })),
      state: Type.Enum(['holding', 'releasing']),
      pace: nullable(Type.Integer({ description: 'Starts a minute after its end; null: all at once' })),
      rule: nullable(Type.String({ description: 'The rule that made it; null: a person' })),
      jobs: Type.Integer({ minimum: 0 }),
      waiting: Type.Integer({ minimum: 0, description: 'Ready runs that it keeps from starting' }),
    }),
  ),
});
/** A value of `OperationsSchema`. */
export type Operations = Wire<typeof OperationsSchema>;
