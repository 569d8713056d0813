/**
 * Parts of the definition schema that several places share: durations, names, the policy of jobs and
 * groups. The order of the keys is the order in which an export writes them.
 */
import type { JsonSchema } from './json-schema.js';

/** Pattern of one name: a job, and each part of a group's path. */
export const NAME_PATTERN = '[\\p{L}\\p{N}_][\\p{L}\\p{N}_.-]{0,127}';

const NAME = { type: 'string', pattern: `^${NAME_PATTERN}$` } as const satisfies JsonSchema;
const DATES_PATTERN = '^\\d{4}-\\d{2}-\\d{2}(\\.\\.\\d{4}-\\d{2}-\\d{2})?$';

/** What `$ref` names. */
export const SHARED = {
  duration: {
    title: 'a duration such as 30s, 10m, 2h or 1d',
    description: 'A length of time: 250ms, 30s, 10m, 2h, 1d. A bare number is milliseconds.',
    anyOf: [
      { type: 'string', pattern: '^\\d+(\\.\\d+)?(ms|s|m|h|d)$' },
      { type: 'number', minimum: 0 },
    ],
  },
  instant: {
    title: 'an instant such as 2026-11-24T08:00:00+08:00, with its offset',
    type: 'string',
    pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,3})?)?(Z|[+-]\\d{2}:\\d{2})$',
  },
  jobName: { title: 'the name of a job: letters, digits, _ . -, at most 128', ...NAME },
  groupPath: {
    title: 'the path of a group, such as dw/dws',
    type: 'string',
    pattern: `^${NAME_PATTERN}(/${NAME_PATTERN})*$`,
  },
  key: { title: 'a name without spaces', type: 'string', pattern: '^[^\\s"\\u0000]+$', maxLength: 256 },
  zone: { title: 'a time zone such as Asia/Shanghai, or UTC', type: 'string' },
  dates: {
    title: 'dates',
    description: 'Dates or ranges of dates, each with a name: `2026-10-01..2026-10-08: 国庆`.',
    type: 'object',
    propertyNames: { pattern: DATES_PATTERN, title: 'a date, or from..to' },
    additionalProperties: { type: 'string' },
  },
  labels: {
    title: 'labels',
    type: 'object',
    propertyNames: { pattern: '^[^\\s"\\u0000]+$', title: 'a name without spaces' },
    additionalProperties: { type: 'string' },
  },
  config: {
    title: 'config',
    description: 'Keys for ${key} in scripts. `EU.name` holds in area EU; { secret: name } names a secret.',
    type: 'object',
    propertyNames: { pattern: '^[^\\s"{}$\\u0000]+$', title: 'a key without spaces, quotes, $ or braces' },
    additionalProperties: {
      title: 'a text, a number, true, false, or { secret: name }',
      anyOf: [
        { type: 'string' },
        { type: 'number' },
        { type: 'boolean' },
        {
          type: 'object',
          properties: { secret: { type: 'string', description: 'Name of the secret.' } },
          required: ['secret'],
          additionalProperties: false,
        },
      ],
    },
  },
  files: {
    title: 'resources by local name',
    type: 'object',
    propertyNames: { pattern: '^[^\\s/\\u0000][^\\u0000]*$', title: 'a relative file name' },
    additionalProperties: { type: 'string' },
  },
  followers: {
    title: 'people and teams that are told',
    type: 'array',
    items: { type: 'string' },
    uniqueItems: true,
  },
} as const satisfies Readonly<Record<string, JsonSchema>>;

/** Schema of `retry`. */
export const RETRY = {
  title: 'retry',
  description: 'When a failed attempt is tried again.',
  type: 'object',
  properties: {
    attempts: {
      type: 'integer',
      minimum: 1,
      maximum: 100,
      description: 'Tries per generation, the first included. Unset: 1.',
    },
    delay: { $ref: '#/definitions/duration', description: 'Wait before the second try. Unset: 0.' },
    backoff: { type: 'string', enum: ['fixed', 'exponential'], description: 'Unset: fixed.' },
    delayMax: { $ref: '#/definitions/duration', description: 'Ceiling of the exponential wait. Unset: 1h.' },
    jitter: { type: 'number', minimum: 0, maximum: 1, description: 'Share of the wait that is random.' },
    on: {
      type: 'array',
      items: { type: 'string', enum: ['user', 'resource', 'outside', 'host', 'unknown'] },
      uniqueItems: true,
      description: 'Classes of failures that are tried again. Unset: resource, outside, unknown.',
    },
  },
  additionalProperties: false,
} as const satisfies JsonSchema;

/** Schema of one of the `failures`. */
export const FAILURE_RULE = {
  title: 'a rule for failures',
  type: 'object',
  properties: {
    match: {
      type: 'string',
      pattern: '^[^\\n\\u0000]+$',
      maxLength: 256,
      title: 'a text in one line',
      description: 'Text that a line at the end of the log holds; * stands for anything within the line.',
    },
    exit: { type: 'integer', minimum: 1, maximum: 255, description: 'Exit code.' },
    class: {
      type: 'string',
      enum: ['user', 'resource', 'outside', 'host', 'unknown'],
      description: 'What such a failure is: `retry.on` names classes.',
    },
  },
  required: ['class'],
  additionalProperties: false,
} as const satisfies JsonSchema;

/** Schema of `needs`. */
export const NEEDS = {
  title: 'needs',
  description: 'What an attempt takes of its worker.',
  type: 'object',
  properties: {
    slots: { type: 'integer', minimum: 1, maximum: 10_000, description: 'Slots of the worker. Unset: 1.' },
    memory: {
      title: 'bytes, or a size such as 512MiB or 4GiB',
      anyOf: [
        { type: 'string', pattern: '^\\d+(\\.\\d+)?(B|KiB|MiB|GiB|TiB|KB|MB|GB|TB)$' },
        { type: 'integer', minimum: 0 },
      ],
    },
    labels: { $ref: '#/definitions/labels', description: 'Labels the worker must have.' },
    concurrency: {
      type: 'array',
      items: { $ref: '#/definitions/key' },
      uniqueItems: true,
      description: 'Concurrency keys that an attempt holds.',
    },
  },
  additionalProperties: false,
} as const satisfies JsonSchema;

/** What a job says about policy, and a group says for all below it. Defaults stand in the descriptions:
 * a value that equals the default may overrule a group, so it must not be left out of an export. */
export const POLICY = {
  owner: { type: 'string', description: 'Who answers for it.' },
  labels: { $ref: '#/definitions/labels', description: 'For selections: label:key=value.' },
  kind: {
    $ref: '#/definitions/key',
    description: 'What runs the script: shell, python, hive … Unset: shell.',
  },
  pool: { $ref: '#/definitions/key', description: 'Workers that may run it. Unset: default.' },
  zone: { $ref: '#/definitions/zone', description: 'Zone of its schedule. Unset: UTC.' },
  calendar: { $ref: '#/definitions/key', description: 'Calendar that filters or moves its slots.' },
  areas: {
    type: 'array',
    items: { $ref: '#/definitions/key' },
    uniqueItems: true,
    description: 'Regions it runs in; elsewhere its runs count as done.',
  },
  priority: {
    type: 'integer',
    minimum: -1000,
    maximum: 1000,
    description: 'Higher goes first. Unset: 50.',
  },
  overlap: {
    type: 'string',
    enum: ['queue', 'allow', 'forbid', 'replace'],
    description: 'What happens while an earlier slot of it still runs. Unset: queue.',
  },
  retry: RETRY,
  failures: {
    title: 'rules for failures',
    description: 'Rules by name that give a failure its class, asked before those of the kind.',
    type: 'object',
    propertyNames: { pattern: '^[^\\s"\\u0000]+$', title: 'a name without spaces' },
    additionalProperties: FAILURE_RULE,
  },
  pauseAfter: {
    type: 'integer',
    minimum: 1,
    maximum: 1000,
    description: 'Disables the job after so many failed runs in a row. Unset: never.',
  },
  queueTimeout: {
    $ref: '#/definitions/duration',
    description: 'How long a run may be ready without being started. Unset: without a limit.',
  },
  onQueueTimeout: {
    type: 'string',
    enum: ['alarm', 'fail'],
    description: 'What is done then. Unset: alarm.',
  },
  timeout: { $ref: '#/definitions/duration', description: 'Kills the attempt. Unset: 12h.' },
  expect: {
    title: 'expect',
    description: 'Only tells: nothing is killed.',
    type: 'object',
    properties: {
      duration: { $ref: '#/definitions/duration', description: 'An alarm when it runs longer.' },
      end: {
        title: 'a local time such as "06:00"',
        type: 'string',
        pattern: '^([01]\\d|2[0-3]):[0-5]\\d$',
        description: 'An alarm when it has not ended by then.',
      },
    },
    additionalProperties: false,
  },
  onWorkerLost: {
    type: 'string',
    enum: ['fence', 'hold', 'rerun'],
    description: 'What is done when its worker is lost. Unset: fence.',
  },
  needs: NEEDS,
  runAs: { $ref: '#/definitions/key', description: 'System user of the process.' },
  echo: { type: 'boolean', description: 'Print the rendered script at the head of the log.' },
  encoding: { type: 'string', description: 'Encoding of the script file. Unset: utf-8.' },
} as const satisfies Readonly<Record<string, JsonSchema>>;
