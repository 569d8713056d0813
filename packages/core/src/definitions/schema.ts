/**
 * The JSON Schema of the definition files, the single source of their shape: editors get it from
 * `hera schema`, `validate-shape.ts` reads it, exports follow the order of its keys, and
 * `schema-types.ts` does not compile when it and the types of model/ part.
 */
import type { JsonSchema } from './json-schema.js';
import { EDGE, PARAM, SCHEDULE } from './schema-edges.js';
import { GATE } from './schema-gates.js';
import { HOLD_RULE, LANE_WEIGHTS, LIMIT, TEAMS } from './schema-operations.js';
import { POLICY, SHARED } from './schema-parts.js';

/** The value of `hera:` at the head of a file. */
export const FORMAT_VERSION = 1;

const GROUP = {
  title: 'a group',
  type: 'object',
  properties: {
    title: { type: 'string' },
    description: { type: 'string' },
    owner: { type: 'string', description: 'Who answers for it.' },
    followers: { $ref: '#/definitions/followers' },
    zone: { $ref: '#/definitions/zone', description: 'Zone of all schedules below it.' },
    config: { $ref: '#/definitions/config' },
    files: { $ref: '#/definitions/files' },
    defaults: {
      title: 'defaults',
      description: 'Policy for all below it; the nearest wins.',
      type: 'object',
      properties: POLICY,
      additionalProperties: false,
    },
  },
  additionalProperties: false,
} as const satisfies JsonSchema;

const JOB = {
  title: 'a job',
  type: 'object',
  properties: {
    was: { $ref: '#/definitions/jobName', description: 'Former name: history follows.' },
    id: { type: 'integer', minimum: 1, description: 'Written by importers.' },
    compat: { type: 'string', enum: ['hera'], description: 'Written by importers.' },
    group: { $ref: '#/definitions/groupPath', description: 'Path in the tree: dw/dws.' },
    title: { type: 'string' },
    description: { type: 'string' },
    state: { type: 'string', enum: ['enabled', 'disabled', 'retired'], default: 'enabled' },
    followers: { $ref: '#/definitions/followers' },
    schedule: SCHEDULE,
    pace: { type: 'string', description: 'Whose slots it takes without a schedule; unset: coarsest.' },
    after: {
      title: 'upstreams by name',
      type: 'object',
      propertyNames: { pattern: SHARED.jobName.pattern, title: SHARED.jobName.title },
      additionalProperties: EDGE,
    },
    gates: {
      title: 'gates by name',
      description: 'Checks, events and approvals that a run waits for beside its time and its upstreams.',
      type: 'object',
      propertyNames: { pattern: '^[\\p{L}_][\\p{L}\\p{N}_-]{0,63}$', title: 'letters, digits, _ and -' },
      additionalProperties: GATE,
    },
    ...POLICY,
    config: { $ref: '#/definitions/config' },
    params: {
      title: 'parameters by name',
      type: 'object',
      propertyNames: { pattern: '^[A-Za-z_][A-Za-z0-9_]{0,63}$', title: 'letters, digits and _' },
      additionalProperties: PARAM,
    },
    files: { $ref: '#/definitions/files', description: 'Resources by local name.' },
    pre: {
      type: 'array',
      items: { type: 'string' },
      description: 'Commands before the script; a failing one fails the attempt.',
    },
    script: {
      title: 'the text of the script, or { file: name }',
      anyOf: [
        { type: 'string' },
        {
          type: 'object',
          properties: { file: { type: 'string', description: 'Beside the definition file.' } },
          required: ['file'],
          additionalProperties: false,
        },
      ],
    },
    post: { type: 'array', items: { type: 'string' }, description: 'Commands after the script.' },
  },
  additionalProperties: false,
} as const satisfies JsonSchema;

const CALENDAR = {
  title: 'a calendar',
  type: 'object',
  properties: {
    title: { type: 'string' },
    weekdays: {
      type: 'array',
      items: { type: 'string', enum: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] },
      uniqueItems: true,
      default: ['mon', 'tue', 'wed', 'thu', 'fri'],
      description: 'Weekdays that count.',
    },
    holidays: { $ref: '#/definitions/dates', description: 'Days off.' },
    workdays: { $ref: '#/definitions/dates', description: 'Make-up working days, stronger than holidays.' },
    blackout: { $ref: '#/definitions/dates', description: 'Days on which nothing runs.' },
    shift: {
      type: 'string',
      enum: ['skip', 'next', 'previous'],
      default: 'skip',
      description: 'What happens to a slot on a day that does not count.',
    },
    nthWorkday: {
      type: 'integer',
      minimum: -23,
      maximum: 23,
      description: 'Keeps only this workday of each month: 1 the first, -1 the last.',
    },
    until: {
      title: 'a date',
      type: 'string',
      pattern: '^\\d{4}-\\d{2}-\\d{2}$',
      description: 'Last day the author has entered.',
    },
  },
  additionalProperties: false,
} as const satisfies JsonSchema;

const SHARE = {
  title: 'a number from 0, or null for no limit',
  anyOf: [{ type: 'number', minimum: 0 }, { type: 'null' }],
} as const satisfies JsonSchema;

const POOL = {
  title: 'a pool',
  type: 'object',
  properties: {
    title: { type: 'string' },
    runningMax: { type: 'integer', minimum: 0, description: 'Attempts at once in the whole pool.' },
    strategy: {
      type: 'string',
      enum: ['leastLoaded', 'roundRobin', 'random'],
      default: 'leastLoaded',
      description: 'Which worker gets the next attempt.',
    },
    maxMemoryShare: { ...SHARE, description: 'A worker above this share of memory gets nothing new.' },
    maxLoadPerCore: { ...SHARE, description: 'A worker above this load per core gets nothing new.' },
    warmUp: { $ref: '#/definitions/duration', description: 'Pause before a worker gets more.' },
    lanes: LANE_WEIGHTS,
    teams: TEAMS,
  },
  additionalProperties: false,
} as const satisfies JsonSchema;

const COMMITMENT = {
  title: 'a commitment',
  type: 'object',
  properties: {
    title: { type: 'string' },
    description: { type: 'string' },
    jobs: { type: 'string', description: 'Selection of the jobs that must be done by then.' },
    due: {
      title: 'a local time such as "08:00"',
      type: 'string',
      pattern: '^([01]\\d|2[0-3]):[0-5]\\d$',
      description: 'When they must be done.',
    },
    zone: { $ref: '#/definitions/zone', description: 'Zone of `due`. Unset: that of the installation.' },
    days: {
      type: 'array',
      items: { type: 'string', enum: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] },
      minItems: 1,
      uniqueItems: true,
      description: 'Days on which it is due. Unset: every day.',
    },
    calendar: { $ref: '#/definitions/key', description: 'Calendar whose days count.' },
    warn: {
      $ref: '#/definitions/duration',
      description: 'So long before it is due, a likely breach is told; before that a clear one. Unset: 30m.',
    },
    owner: { type: 'string', description: 'Who answers for it.' },
  },
  required: ['jobs', 'due'],
  additionalProperties: false,
} as const satisfies JsonSchema;

const PROPERTIES = {
  calendars: {
    title: 'calendars by name',
    type: 'object',
    propertyNames: SHARED.key,
    additionalProperties: CALENDAR,
  },
  pools: {
    title: 'pools by name',
    type: 'object',
    propertyNames: SHARED.key,
    additionalProperties: POOL,
  },
  concurrency: {
    title: 'concurrency keys',
    description: 'How many attempts may hold each key at once.',
    type: 'object',
    propertyNames: SHARED.key,
    additionalProperties: { type: 'integer', minimum: 0, maximum: 1_000_000 },
  },
  groups: {
    title: 'groups by path',
    type: 'object',
    propertyNames: { pattern: SHARED.groupPath.pattern, title: SHARED.groupPath.title },
    additionalProperties: GROUP,
  },
  jobs: {
    title: 'jobs by name',
    type: 'object',
    propertyNames: { pattern: SHARED.jobName.pattern, title: SHARED.jobName.title },
    additionalProperties: JOB,
  },
  commitments: {
    title: 'commitments by name',
    description: 'Jobs that must be done by a time of the day.',
    type: 'object',
    propertyNames: SHARED.key,
    additionalProperties: COMMITMENT,
  },
  limits: {
    title: 'limits by name',
    description: 'How many attempts of a selection may run, or start in a minute.',
    type: 'object',
    propertyNames: SHARED.key,
    additionalProperties: LIMIT,
  },
  holdRules: {
    title: 'rules that hold, by name',
    description: 'Failures that hold a selection by themselves.',
    type: 'object',
    propertyNames: SHARED.key,
    additionalProperties: HOLD_RULE,
  },
} as const satisfies Readonly<Record<string, JsonSchema>>;

/** The root without its shared parts. */
export const DEFINITIONS_ROOT = {
  title: 'definitions',
  type: 'object',
  properties: PROPERTIES,
  additionalProperties: false,
} as const satisfies JsonSchema;

/** What `Definitions` holds, without the `hera` key of a file. */
export const DEFINITIONS_SCHEMA: JsonSchema = { ...DEFINITIONS_ROOT, definitions: SHARED };

/** What one `*.hera.yaml` file holds. */
export const FILE_SCHEMA: JsonSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'https://hera.invalid/definitions.v1.schema.json',
  title: 'Hera definitions',
  type: 'object',
  properties: {
    hera: { type: 'integer', const: FORMAT_VERSION, description: 'Version of the format.' },
    ...PROPERTIES,
  },
  required: ['hera'],
  additionalProperties: false,
  definitions: SHARED,
};

/** Schemas that normalizing looks up: of one job, one group, one calendar, one pool, one commitment. */
export const PART_SCHEMAS = {
  jobs: JOB,
  groups: GROUP,
  calendars: CALENDAR,
  pools: POOL,
  commitments: COMMITMENT,
  limits: LIMIT,
  holdRules: HOLD_RULE,
} as const;
