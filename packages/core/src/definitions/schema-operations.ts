/** Shapes of limits, of rules that hold, and of how a pool shares its slots. */
import type { JsonSchema } from './json-schema.js';

const LANES = {
  title: 'a list of lanes',
  type: 'array',
  items: { type: 'string', enum: ['scheduled', 'chain', 'manual', 'scratch', 'backfill'] },
  minItems: 1,
  uniqueItems: true,
  description: 'Lanes that it counts and stops. Unset: all.',
} as const satisfies JsonSchema;

/** Weights of the lanes of a pool. */
export const LANE_WEIGHTS = {
  title: 'weights by lane',
  type: 'object',
  properties: {
    scheduled: { type: 'number', minimum: 0, description: 'Unset: 8.' },
    chain: { type: 'number', minimum: 0, description: 'Unset: 4.' },
    manual: { type: 'number', minimum: 0, description: 'Unset: 2.' },
    scratch: { type: 'number', minimum: 0, description: 'Unset: 1.' },
    backfill: { type: 'number', minimum: 0, description: 'Unset: 0, what the others leave.' },
  },
  additionalProperties: false,
  description: 'How lanes share free slots; 0 takes what the others leave.',
} as const satisfies JsonSchema;

/** How teams share a pool. */
export const TEAMS = {
  title: 'shares of teams',
  type: 'object',
  properties: {
    by: {
      title: '"owner", or a label such as "label:team"',
      type: 'string',
      pattern: '^(owner|label:.+)$',
      description: 'What names the team of a job.',
    },
    weights: {
      title: 'weights by team',
      type: 'object',
      additionalProperties: { type: 'number', minimum: 0.01 },
      description: 'A team that is not named has 1.',
    },
  },
  required: ['by'],
  additionalProperties: false,
  description: 'Shares free slots among teams, within each lane.',
} as const satisfies JsonSchema;

/** One of `limits`. */
export const LIMIT = {
  title: 'a limit',
  type: 'object',
  properties: {
    title: { type: 'string' },
    jobs: { type: 'string', description: 'Selection of jobs: group:dw, label:team=ads.' },
    running: { type: 'integer', minimum: 0, description: 'Attempts at once.' },
    startsPerMinute: { type: 'integer', minimum: 1, maximum: 6000, description: 'Evenly spread.' },
    lanes: LANES,
    hours: {
      title: 'local hours such as "22:00-06:00"',
      type: 'string',
      pattern: '^([01]\\d|2[0-3]):[0-5]\\d-([01]\\d|2[0-3]):[0-5]\\d$',
      description: 'When it holds. Unset: always.',
    },
    zone: { $ref: '#/definitions/zone', description: 'Zone of `hours`. Unset: that of the installation.' },
  },
  required: ['jobs'],
  additionalProperties: false,
} as const satisfies JsonSchema;

/** One of `holdRules`. */
export const HOLD_RULE = {
  title: 'a rule that holds',
  type: 'object',
  properties: {
    title: { type: 'string' },
    jobs: { type: 'string', description: 'Selection of the jobs whose failures count.' },
    failures: { type: 'integer', minimum: 1, maximum: 1000, description: 'Attempts that must fail.' },
    within: { $ref: '#/definitions/duration', description: 'In how long a time.' },
    classes: {
      type: 'array',
      items: { type: 'string', enum: ['user', 'resource', 'outside', 'host', 'unknown'] },
      minItems: 1,
      uniqueItems: true,
      description: 'Failure classes that count. Unset: all.',
    },
    message: { type: 'string', description: 'Text that the message holds; * is any. Unset: any message.' },
    hold: { type: 'string', description: 'Selection that is held. Unset: jobs.' },
    for: { $ref: '#/definitions/duration', description: 'Unset: until a person releases it.' },
    pace: {
      type: 'integer',
      minimum: 1,
      maximum: 6000,
      description: 'Starts a minute after it. Unset: all at once.',
    },
  },
  required: ['jobs', 'failures', 'within'],
  additionalProperties: false,
} as const satisfies JsonSchema;
