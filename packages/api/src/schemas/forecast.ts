/** Nights to come on the wire: a forecast, and what a change would do. */
import { Type } from 'typebox';
import type { Wire } from './scalars.js';
import { InstantSchema, JobNameSchema, nullable, RunIdSchema } from './scalars.js';

const COMMITMENT_STATE = Type.Enum(['onTrack', 'atRisk', 'breached', 'met']);
const TIME = nullable({ ...InstantSchema, description: 'Null is never, as things stand' });

/** What is foreseen of one run. */
export const ForecastRunSchema = Type.Object({
  run: RunIdSchema,
  job: JobNameSchema,
  instant: InstantSchema,
  stands: Type.Enum(['future', 'waiting', 'queued', 'running', 'backoff']),
  start: TIME,
  end: TIME,
  slackMs: nullable(Type.Number({ description: 'How much later it may end; null when nothing hangs on it' })),
  critical: Type.Boolean({ description: 'It lies on the way that takes longest' }),
});

/** The job to blame. */
const CulpritSchema = Type.Object({
  job: JobNameSchema,
  why: Type.Enum(['slow', 'long', 'failed', 'noSlot']),
  byMs: Type.Number(),
});

/** A night, foreseen. */
export const ForecastSchema = Type.Object({
  at: InstantSchema,
  until: InstantSchema,
  runs: Type.Array(ForecastRunSchema, { description: 'In the order in which they start' }),
  commitments: Type.Array(
    Type.Object({
      commitment: Type.String(),
      due: InstantSchema,
      done: Type.Boolean(),
      state: COMMITMENT_STATE,
      end: TIME,
      cautiousEnd: nullable({ ...InstantSchema, description: 'Nine times of ten it is done by then' }),
      culprit: nullable(CulpritSchema),
    }),
  ),
});
/** A value of `ForecastSchema`. */
export type Forecast = Wire<typeof ForecastSchema>;

const COUNT = Type.Integer({ minimum: 0 });

/** What a change of definitions would do. */
export const ImpactSchema = Type.Object({
  from: InstantSchema,
  until: InstantSchema,
  counts: Type.Object({ gone: COUNT, new: COUNT, moved: COUNT, unmet: COUNT }),
  runs: Type.Array(
    Type.Object({
      run: RunIdSchema,
      job: JobNameSchema,
      instant: InstantSchema,
      change: Type.Enum(['gone', 'new', 'moved', 'unmet']),
      endBefore: TIME,
      endAfter: TIME,
      waitsFor: nullable(Type.String()),
    }),
    { description: 'The first thousand' },
  ),
  commitments: Type.Array(
    Type.Object({
      commitment: Type.String(),
      due: InstantSchema,
      before: COMMITMENT_STATE,
      after: COMMITMENT_STATE,
    }),
  ),
});
/** A value of `ImpactSchema`. */
export type Impact = Wire<typeof ImpactSchema>;

/** One thing that applying definitions would change. */
export const DefinitionChangeSchema = Type.Object({
  kind: Type.Enum(['job', 'group', 'calendar', 'pool', 'concurrency', 'commitment', 'limit', 'holdRule']),
  name: Type.String(),
  change: Type.Enum(['added', 'edited', 'deleted', 'retired', 'renamed']),
});
