/**
 * Holds the schema equal to the types of model/: a key, a value or an optional mark that only one side has is
 * a compile error here. Each part has its own row, because the compiler gives up on comparing deeply nested
 * types and then calls them equal.
 */
import type { EdgeDefinition, WindowDefinition } from '../model/edge.js';
import type { CommitmentDefinition } from '../model/commitment.js';
import type { GateDefinition } from '../model/gate.js';
import type { HoldRuleDefinition, LimitDefinition } from '../model/operations.js';
import type * as model from '../model/job.js';
import type { CalendarDefinition, Duration, ScheduleDefinition } from '../model/schedule.js';
import type { FromSchema } from './json-schema.js';
import type { EDGE, PARAM, SCHEDULE, WINDOW } from './schema-edges.js';
import type { GATE } from './schema-gates.js';
import type { FAILURE_RULE, NEEDS, POLICY, RETRY, SHARED } from './schema-parts.js';
import type { DEFINITIONS_ROOT, PART_SCHEMAS } from './schema.js';

type Described<Schema> = FromSchema<Schema, typeof SHARED, { duration: Duration }>;

/** One level with its optional keys made visible, so that a missing one cannot hide behind its absence. */
type Level<T> = T extends string | number | boolean | null
  ? T
  : {
      [Key in keyof T]-?: Record<never, never> extends Pick<T, Key>
        ? { optional: Exclude<T[Key], undefined> }
        : { required: T[Key] };
    };
type Same<A, B> = [Level<A>] extends [Level<B>] ? ([Level<B>] extends [Level<A>] ? true : false) : false;
type SameAs<Schema, Model> = Same<Described<Schema>, Model>;
type MustHold<T extends true> = T;

/** One row per part of a definition file. */
export type SchemaMatchesTypes = readonly [
  MustHold<SameAs<typeof DEFINITIONS_ROOT, model.Definitions>>,
  MustHold<SameAs<typeof PART_SCHEMAS.jobs, model.JobDefinition>>,
  MustHold<SameAs<typeof PART_SCHEMAS.groups, model.GroupDefinition>>,
  MustHold<SameAs<typeof PART_SCHEMAS.calendars, CalendarDefinition>>,
  MustHold<SameAs<typeof PART_SCHEMAS.pools, model.PoolDefinition>>,
  MustHold<SameAs<typeof PART_SCHEMAS.commitments, CommitmentDefinition>>,
  MustHold<SameAs<typeof PART_SCHEMAS.limits, LimitDefinition>>,
  MustHold<SameAs<typeof PART_SCHEMAS.holdRules, HoldRuleDefinition>>,
  MustHold<SameAs<{ properties: typeof POLICY }, model.PolicyDefinition>>,
  MustHold<SameAs<typeof RETRY, model.RetryDefinition>>,
  MustHold<SameAs<typeof FAILURE_RULE, model.FailureRuleDefinition>>,
  MustHold<SameAs<typeof NEEDS, model.NeedsDefinition>>,
  MustHold<SameAs<typeof POLICY.expect, NonNullable<model.PolicyDefinition['expect']>>>,
  MustHold<SameAs<typeof SHARED.config, model.ConfigDefinition>>,
  MustHold<SameAs<typeof SHARED.config.additionalProperties, model.ConfigValueDefinition>>,
  MustHold<SameAs<typeof PART_SCHEMAS.jobs.properties.script, model.ScriptDefinition>>,
  MustHold<SameAs<typeof PARAM, model.ParamDefinition>>,
  MustHold<SameAs<typeof SCHEDULE, ScheduleDefinition>>,
  MustHold<SameAs<typeof EDGE, EdgeDefinition>>,
  MustHold<SameAs<typeof WINDOW, WindowDefinition>>,
  MustHold<SameAs<typeof GATE, GateDefinition>>,
];
