/** Schema of the gates of a job: what a run waits for beside its time and its upstreams. */
import type { JsonSchema } from './json-schema.js';

const DURATION = '#/definitions/duration';

const DEADLINE = {
  deadline: { $ref: DURATION, description: 'From the slot on, or from when the run came to wait.' },
  onDeadline: {
    type: 'string',
    enum: ['wait', 'fail', 'skip', 'proceed'],
    default: 'wait',
    description: 'What is done at the deadline; wait tells of it.',
  },
} as const satisfies Readonly<Record<string, JsonSchema>>;

const ASKED = {
  every: { $ref: DURATION, description: 'Between two questions. Unset: 5m.' },
  timeout: { $ref: DURATION, description: 'What takes longer counts as no. Unset: 60s.' },
  ...DEADLINE,
} as const satisfies Readonly<Record<string, JsonSchema>>;

const text = (description: string) => ({ type: 'string', pattern: '[^\\s]', description }) as const;

/** Schema of one gate. */
export const GATE = {
  title: 'a gate',
  anyOf: [
    {
      type: 'object',
      properties: { command: text('Open once it ends with exit code 0.'), ...ASKED },
      required: ['command'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: { http: text('Open once a GET of it answers with a status below 400.'), ...ASKED },
      required: ['http'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: { sql: text('Open once its first value is neither empty, 0 nor NULL.'), ...ASKED },
      required: ['sql'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: { hdfs: text('Open once the path exists.'), ...ASKED },
      required: ['hdfs'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: { hive: text('Open once the partition exists: db.table/dt=2026-03-01.'), ...ASKED },
      required: ['hive'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: {
        function: { type: 'boolean', const: true, description: 'A function of the code asks.' },
        ...ASKED,
      },
      required: ['function'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: { event: text('Open once an event of that name is posted for the slot.'), ...DEADLINE },
      required: ['event'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: {
        approval: {
          title: 'true, or the names of those who may approve',
          anyOf: [
            { type: 'boolean', const: true },
            { type: 'array', items: { type: 'string' }, minItems: 1, uniqueItems: true },
          ],
        },
        ...DEADLINE,
      },
      required: ['approval'],
      additionalProperties: false,
    },
  ],
} as const satisfies JsonSchema;
