/** Schedules, dependencies and parameters in the definition schema. */
import type { JsonSchema } from './json-schema.js';

const SCHEDULE_OPTIONS = {
  misfire: {
    type: 'string',
    enum: ['all', 'latest', 'none'],
    default: 'all',
    description: 'Which missed slots are started afterwards.',
  },
  within: {
    $ref: '#/definitions/duration',
    default: '1d',
    description: 'How late a missed slot may still start.',
  },
  catchUp: {
    type: 'integer',
    minimum: 1,
    maximum: 10_000,
    default: 60,
    description: 'Missed slots that are made up for in a minute, oldest first.',
  },
  jitter: {
    $ref: '#/definitions/duration',
    description: 'Starts are spread over so long after the slot, each job at its own place.',
  },
  period: {
    type: 'string',
    enum: ['year', 'month', 'week', 'day', 'hour', 'minute', 'second', 'other'],
    description: 'Period of the interval, where the guess by the expression is wrong.',
  },
  shift: {
    type: 'integer',
    minimum: -10_000,
    maximum: 10_000,
    default: -1,
    description: 'Which period the interval is: -1 the one before that of the instant, 0 that one.',
  },
  zone: { $ref: '#/definitions/zone', description: "Zone of this schedule; unset: the job's." },
  calendar: { $ref: '#/definitions/key', description: "Calendar of this schedule; unset: the job's." },
} as const satisfies Readonly<Record<string, JsonSchema>>;

/** A cron expression, or one of three kinds of schedule with options. */
export const SCHEDULE = {
  title: 'a cron expression, or an object with one of cron, every, at',
  description: 'When its slots come.',
  anyOf: [
    { type: 'string', title: 'a cron expression' },
    {
      type: 'object',
      properties: {
        cron: { type: 'string', description: '5 fields: unix. 6 or 7 fields, seconds first: quartz.' },
        dialect: {
          type: 'string',
          enum: ['unix', 'quartz'],
          description: 'Unset: by the number of fields.',
        },
        dst: {
          type: 'string',
          enum: ['standard', 'quartz'],
          default: 'standard',
          description: 'What daylight saving does to fixed local times.',
        },
        ...SCHEDULE_OPTIONS,
      },
      required: ['cron'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: {
        every: { $ref: '#/definitions/duration', description: 'The time between two slots.' },
        from: { $ref: '#/definitions/instant', description: 'Counted from here; unset: the Unix epoch.' },
        ...SCHEDULE_OPTIONS,
      },
      required: ['every'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: {
        at: {
          title: 'an instant with its offset, or a list of them',
          anyOf: [
            { $ref: '#/definitions/instant' },
            { type: 'array', items: { $ref: '#/definitions/instant' }, minItems: 1 },
          ],
        },
        ...SCHEDULE_OPTIONS,
      },
      required: ['at'],
      additionalProperties: false,
    },
  ],
} as const satisfies JsonSchema;

const PERIOD = { type: 'string', enum: ['year', 'month', 'week', 'day', 'hour'] } as const;

/** A window over the downstream's time. */
export const WINDOW = {
  title: 'a window: interval, year, month, week, day, hour, { period, shift } or { sliding: 2h }',
  anyOf: [
    { type: 'string', enum: ['interval', 'year', 'month', 'week', 'day', 'hour'] },
    {
      type: 'object',
      properties: { period: PERIOD, shift: { type: 'integer', minimum: -10_000, maximum: 10_000 } },
      required: ['period'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: { sliding: { $ref: '#/definitions/duration' } },
      required: ['sliding'],
      additionalProperties: false,
    },
  ],
} as const satisfies JsonSchema;

const BARE = {
  title: 'true or {}',
  anyOf: [
    { type: 'boolean', const: true },
    { type: 'object', additionalProperties: false },
  ],
} as const satisfies JsonSchema;

const WITH_MAX_AGE = {
  title: 'true or { maxAge: 14d }',
  anyOf: [
    { type: 'boolean', const: true },
    {
      type: 'object',
      properties: { maxAge: { $ref: '#/definitions/duration' } },
      additionalProperties: false,
    },
  ],
} as const satisfies JsonSchema;

/** One upstream: a selector by name, or an object of at most one selector and options. */
export const EDGE = {
  title: 'a selector such as same, or an object with at most one selector and options',
  anyOf: [
    {
      type: 'string',
      enum: [
        'default',
        'same',
        'latestAtOrBefore',
        'latestSucceeded',
        'nearest',
        'index',
        'overlap',
        'heraNearest',
      ],
    },
    {
      type: 'object',
      properties: {
        same: { ...BARE, description: 'The slot with the same interval.' },
        latestAtOrBefore: { ...WITH_MAX_AGE, description: 'The newest slot not after its own.' },
        latestSucceeded: { ...WITH_MAX_AGE, description: 'The newest slot that has succeeded.' },
        nearest: { ...BARE, description: 'The slot nearest in time.' },
        allIn: { ...WINDOW, description: 'All slots in the window.' },
        anyIn: { ...WINDOW, description: 'One slot in the window is enough.' },
        atLeast: {
          type: 'object',
          properties: { n: { type: 'integer', minimum: 1, maximum: 100_000 }, in: WINDOW },
          required: ['n', 'in'],
          additionalProperties: false,
          description: 'So many slots in the window.',
        },
        offset: { type: 'integer', minimum: 1, maximum: 100_000, description: 'So many slots earlier.' },
        self: {
          type: 'integer',
          minimum: 1,
          maximum: 100_000,
          description: 'Its own n-th slot before; only on the job itself.',
        },
        index: { ...BARE, description: 'The slot with the same number within its day.' },
        overlap: {
          title: 'true or { start, end }',
          description: 'Slots whose interval meets its own.',
          anyOf: [
            { type: 'boolean', const: true },
            {
              type: 'object',
              properties: { start: { type: 'integer' }, end: { type: 'integer' } },
              additionalProperties: false,
            },
          ],
        },
        custom: { type: 'string', description: 'A selector that a plug-in brings.' },
        heraNearest: { ...BARE, description: 'Nearest on the same day, as Hera does it.' },
        whenEmpty: {
          type: 'string',
          enum: ['block', 'skipRun', 'vacuous'],
          default: 'block',
          description: 'No slot matches and none ever will.',
        },
        rule: {
          type: 'string',
          enum: ['success', 'done', 'failed'],
          default: 'success',
          description: 'Which end of the upstream opens the edge.',
        },
        accept: {
          type: 'array',
          items: { type: 'string', enum: ['scheduled', 'recover', 'backfill', 'manual'] },
          minItems: 1,
          uniqueItems: true,
          default: ['scheduled', 'recover', 'backfill'],
          description: 'Which generations of the upstream count.',
        },
        freshness: {
          $ref: '#/definitions/duration',
          description: "A success that ended longer before the run's slot does not count.",
        },
        generation: {
          type: 'string',
          enum: ['latest', 'any'],
          default: 'latest',
          description: 'latest: the newest finished generation decides; any: one success is enough.',
        },
        onUpstreamFailed: {
          type: 'string',
          enum: ['wait', 'fail', 'skip', 'proceed'],
          default: 'wait',
          description: 'What happens when the upstream fails.',
        },
        onUpstreamRerun: {
          type: 'string',
          enum: ['markStale', 'rerun', 'ignore'],
          default: 'markStale',
          description: 'What happens when the upstream is run again afterwards.',
        },
        timeout: {
          $ref: '#/definitions/duration',
          description: 'How long to wait before onUpstreamFailed applies to an open wait too.',
        },
      },
      additionalProperties: false,
    },
  ],
} as const satisfies JsonSchema;

/** One declared parameter. */
export const PARAM = {
  title: 'a parameter',
  type: 'object',
  properties: {
    type: { type: 'string', enum: ['string', 'integer', 'number', 'boolean', 'date'] },
    title: { type: 'string' },
    enum: {
      type: 'array',
      items: { title: 'a text or a number', anyOf: [{ type: 'string' }, { type: 'number' }] },
      minItems: 1,
      uniqueItems: true,
      description: 'The values it may have.',
    },
    pattern: { type: 'string', description: 'The whole value must match.' },
    min: { type: 'number' },
    max: { type: 'number' },
    default: {
      title: 'a text, a number, true or false',
      anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }],
    },
    required: { type: 'boolean', default: false },
  },
  required: ['type'],
  additionalProperties: false,
} as const satisfies JsonSchema;
