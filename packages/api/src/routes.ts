/**
 * The route table: what goes into every route of the server and what comes out; `places.ts` has its method
 * and path. The server makes its routes from it, the client its methods, `openapi.ts` the document.
 *
 * Conventions
 *   - A key of the table is the operation id. Paths are in the form of Fastify; ids in a path are
 *     percent-encoded whole (`job@a:key/2` is `job%40a%3Akey%2F2`) and up to PARAM_LENGTH_MAX characters.
 *   - An answer that is not a success is a `Problem` with the status of its code. Every route may also
 *     answer REQUEST_INVALID, UNAUTHENTICATED, FORBIDDEN, OVERLOADED, STORE_UNAVAILABLE, STOPPED, INTERNAL.
 *   - `access` is the least role: `anyone` needs no session; `operator` may start, resume and cancel.
 *   - A POST may carry `Idempotency-Key`: the same key with the same request answers as the first time,
 *     with another request it is REQUEST_KEY_REUSED.
 *   - A list in a query repeats its name: `phase=failed&phase=running`.
 */
import type { TObject, TSchema } from 'typebox';
import { Type } from 'typebox';
import { LOG_HEADERS, PLACES } from './places.js';
import { PLAN_ROUTES } from './plan-routes.js';
import { POST_HEADERS, accepted, json } from './route-parts.js';
import type { Method, Operation } from './places.js';
import { ESTATE_ROUTES } from './routes-estate.js';
import { INCIDENT_ROUTES } from './routes-incidents.js';
import { OPERATION_ROUTES } from './routes-operations.js';
import { HealthSchema, NowSchema, SessionSchema, UpcomingSchema } from './schemas/estate.js';
import { DefinitionChangeSchema, ForecastSchema, ImpactSchema } from './schemas/forecast.js';
import { GraphSchema, JobSchema } from './schemas/job.js';
import { PAGE_QUERY, pageOf } from './schemas/page.js';
import type { ProblemCode } from './schemas/problem.js';
import { BlockerSchema, PhaseSchema, RunDetailSchema, RunSchema } from './schemas/run.js';
import {
  AttemptIdSchema,
  CursorTextSchema,
  InstantSchema,
  JobNameSchema,
  RunIdSchema,
} from './schemas/scalars.js';

/** Who may call a route: anybody, or a signed-in person or token with at least this role. */
export type Access = 'anyone' | 'viewer' | 'operator' | 'editor' | 'admin';

/** What a successful answer is. */
export interface RouteResponse {
  readonly status: 200 | 202;
  readonly type: 'application/json' | 'text/plain' | 'text/event-stream';
  /** Of the body, when it is JSON. */
  readonly schema?: TSchema;
  /** Headers that carry part of the answer. */
  readonly headers?: TObject;
}

/** One row of the table. */
export interface RouteDefinition {
  readonly method: Method;
  readonly path: `/${string}`;
  readonly summary: string;
  readonly access: Access;
  readonly params?: TObject;
  readonly query?: TObject;
  readonly headers?: TObject;
  readonly body?: TObject;
  readonly response: RouteResponse;
  /** Longest body, bytes, where it is not that of every route. */
  readonly bodyBytesMax?: number;
  /** Codes of its own, beside those that every route has. */
  readonly problems: readonly ProblemCode[];
}

const JOB = Type.Object({ job: JobNameSchema });
const RUN = Type.Object({ run: RunIdSchema });

/** A generation that was asked for: the run and the generation's number. */
export const StartedSchema = Type.Object({ run: RunIdSchema, generation: Type.Integer({ minimum: 1 }) });

/** Most bytes of one piece of log. */
export const LOG_BYTES_MAX = 1_048_576;
/** Bytes of one piece of log when none are asked for. */
export const LOG_BYTES_DEFAULT = 262_144;
/** Longest wait for bytes that are not there yet. */
export const LOG_WAIT_MS_MAX = 25_000;
const DAYS = Type.Integer({ minimum: 1, maximum: 31, default: 7 });
const ANYTHING = Type.Unsafe<Readonly<Record<string, unknown>>>({ type: 'object' });
/** All routes by operation id. */
export const ROUTES = {
  getNow: {
    ...PLACES.getNow,
    summary: 'What the first page shows: counts by phase, what runs, failed last and comes next',
    access: 'viewer',
    query: Type.Object({
      since: Type.Optional({ ...InstantSchema, description: 'Default: 24 hours ago' }),
    }),
    response: json(NowSchema),
    problems: [],
  },
  listJobs: {
    ...PLACES.listJobs,
    summary: 'Jobs by name',
    access: 'viewer',
    query: Type.Object(PAGE_QUERY),
    response: json(pageOf(JobSchema)),
    problems: [],
  },
  getJob: {
    ...PLACES.getJob,
    summary: 'One job in its newest revision',
    access: 'viewer',
    params: JOB,
    response: json(JobSchema),
    problems: ['JOB_NOT_FOUND'],
  },
  runJob: {
    ...PLACES.runJob,
    summary: 'Run now: one job for one slot, on the side track; no retry, nothing downstream is told',
    access: 'operator',
    params: JOB,
    headers: POST_HEADERS,
    body: Type.Object(
      {
        slot: Type.Optional({ ...InstantSchema, description: 'An instant of its schedule' }),
        key: Type.Optional(Type.String({ maxLength: 200, description: 'Key of an ad hoc slot' })),
        at: Type.Optional({ ...InstantSchema, description: 'Dates the script of an ad hoc slot' }),
        params: Type.Optional(
          Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
        ),
      },
      { additionalProperties: false },
    ),
    response: accepted(StartedSchema),
    problems: ['JOB_NOT_FOUND', 'SLOT_INVALID', 'PARAMETER_INVALID', 'STATE_CONFLICT', 'REQUEST_KEY_REUSED'],
  },
  getUpcoming: {
    ...PLACES.getUpcoming,
    summary: 'Next slots of a job that are not yet runs',
    access: 'viewer',
    params: JOB,
    query: Type.Object({ count: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 10 })) }),
    response: json(Type.Object({ items: Type.Array(UpcomingSchema) })),
    problems: ['JOB_NOT_FOUND'],
  },
  listRuns: {
    ...PLACES.listRuns,
    summary: 'Runs, newest slot first',
    access: 'viewer',
    query: Type.Object({
      job: Type.Optional(JobNameSchema),
      phase: Type.Optional(Type.Array(PhaseSchema, { maxItems: 9 })),
      submission: Type.Optional(Type.String({ maxLength: 200 })),
      from: Type.Optional({ ...InstantSchema, description: 'Of the slot, included' }),
      to: Type.Optional({ ...InstantSchema, description: 'Of the slot, included' }),
      ...PAGE_QUERY,
    }),
    response: json(pageOf(RunSchema)),
    problems: [],
  },
  getRun: {
    ...PLACES.getRun,
    summary: 'One run with its generations, attempts and bindings',
    access: 'viewer',
    params: RUN,
    response: json(RunDetailSchema),
    problems: ['RUN_NOT_FOUND'],
  },
  getWhy: {
    ...PLACES.getWhy,
    summary: 'Why it is not running, from the scheduler itself; empty when nothing keeps it',
    access: 'viewer',
    params: RUN,
    response: json(Type.Object({ blockers: Type.Array(BlockerSchema) })),
    problems: ['RUN_NOT_FOUND', 'NOT_LEADING'],
  },
  resumeRun: {
    ...PLACES.resumeRun,
    summary: 'A new main generation of a run that has ended; its success counts downstream',
    access: 'operator',
    params: RUN,
    headers: POST_HEADERS,
    body: Type.Object(
      {
        revision: Type.Optional(
          Type.Union([Type.Literal('newest'), Type.Literal('asRun'), Type.Integer({ minimum: 1 })]),
        ),
      },
      { additionalProperties: false },
    ),
    response: accepted(StartedSchema),
    problems: ['RUN_NOT_FOUND', 'STATE_CONFLICT', 'REQUEST_KEY_REUSED'],
  },
  cancelRun: {
    ...PLACES.cancelRun,
    summary: 'Cancels its main generation: at once if not running, else when its processes are dead',
    access: 'operator',
    params: RUN,
    headers: POST_HEADERS,
    body: Type.Object(
      { reason: Type.Optional(Type.String({ maxLength: 500 })) },
      { additionalProperties: false },
    ),
    response: accepted(Type.Object({ run: RunIdSchema })),
    problems: ['RUN_NOT_FOUND', 'STATE_CONFLICT', 'REQUEST_KEY_REUSED'],
  },
  approveRun: {
    ...PLACES.approveRun,
    summary: 'Opens the approval gates that the run waits for, or one of them',
    access: 'operator',
    params: RUN,
    headers: POST_HEADERS,
    body: Type.Object(
      {
        gate: Type.Optional(Type.String({ maxLength: 64, description: 'Default all that the caller may' })),
        reason: Type.Optional(Type.String({ maxLength: 500 })),
      },
      { additionalProperties: false },
    ),
    response: accepted(Type.Object({ run: RunIdSchema, gates: Type.Array(Type.String()) })),
    problems: ['RUN_NOT_FOUND', 'STATE_CONFLICT', 'REQUEST_KEY_REUSED'],
  },
  postEvent: {
    ...PLACES.postEvent,
    summary: 'Posts an event: it opens the event gates of its slot or business date, also of runs to come',
    access: 'operator',
    headers: POST_HEADERS,
    body: Type.Object(
      {
        name: Type.String({ minLength: 1, maxLength: 256 }),
        slot: Type.Optional(Type.Integer({ description: 'Instant of the slot it is for, epoch ms' })),
        businessDate: Type.Optional(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })),
        payload: Type.Optional(Type.Unknown({ description: 'JSON of at most 64 KiB' })),
        keepMs: Type.Optional(
          Type.Integer({ minimum: 1, description: 'How long it counts; default 7 days' }),
        ),
      },
      { additionalProperties: false },
    ),
    response: accepted(Type.Object({ runs: Type.Array(RunIdSchema) })),
    problems: ['OPTION_INVALID', 'REQUEST_KEY_REUSED'],
  },
  ...PLAN_ROUTES,
  ...OPERATION_ROUTES,
  getForecast: {
    ...PLACES.getForecast,
    summary: 'The night foreseen: start, end and slack of every run, and how commitments will go',
    access: 'viewer',
    query: Type.Object({
      until: Type.Optional({ ...InstantSchema, description: 'Default: 24 hours from now' }),
      select: Type.Optional(Type.String({ maxLength: 2_000, description: 'Jobs whose runs are told' })),
    }),
    response: json(ForecastSchema),
    problems: ['NOT_LEADING', 'SELECTION_INVALID', 'SELECTION_EMPTY'],
  },
  whatIf: {
    ...PLACES.whatIf,
    summary: 'What deleting, disabling or changing a job would do to the runs of the days to come',
    access: 'operator',
    params: JOB,
    body: Type.Object(
      {
        change: Type.Union([Type.Enum(['delete', 'disable']), ANYTHING]),
        days: Type.Optional(DAYS),
      },
      { additionalProperties: false },
    ),
    response: json(ImpactSchema),
    problems: ['NOT_LEADING', 'JOB_NOT_FOUND', 'DEFINITION_INVALID', 'GRAPH_CYCLE', 'CRON_INVALID'],
  },
  diffDefinitions: {
    ...PLACES.diffDefinitions,
    summary: 'What applying definitions would change, and what that would do to the runs to come',
    access: 'operator',
    body: Type.Object(
      {
        definitions: ANYTHING,
        days: Type.Optional(DAYS),
      },
      { additionalProperties: false },
    ),
    response: json(Type.Object({ changes: Type.Array(DefinitionChangeSchema), impact: ImpactSchema })),
    problems: ['NOT_LEADING', 'DEFINITION_INVALID', 'GRAPH_CYCLE'],
  },
  getGraph: {
    ...PLACES.getGraph,
    summary: 'The job graph with the phase of the newest run of each job',
    access: 'viewer',
    query: Type.Object({
      select: Type.Optional(Type.String({ maxLength: 1000, description: 'Selection; default all jobs' })),
    }),
    response: json(GraphSchema),
    problems: ['SELECTION_INVALID', 'SELECTION_EMPTY'],
  },
  readLog: {
    ...PLACES.readLog,
    summary: 'Bytes of the output of an attempt; with `waitMs` it waits for the next ones',
    access: 'viewer',
    params: Type.Object({ attempt: AttemptIdSchema }),
    query: Type.Object({
      offset: Type.Optional(
        Type.Integer({ default: 0, description: 'First byte; negative counts from the end' }),
      ),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: LOG_BYTES_MAX, default: LOG_BYTES_DEFAULT })),
      waitMs: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: LOG_WAIT_MS_MAX,
          default: 0,
          description: 'How long to hold the answer while there is no byte and the log is not complete',
        }),
      ),
    }),
    response: {
      status: 200,
      type: 'text/plain',
      headers: Type.Object({
        [LOG_HEADERS.offset]: Type.Integer({ minimum: 0, description: 'Of the first byte of the body' }),
        [LOG_HEADERS.size]: Type.Integer({ minimum: 0, description: 'Bytes of the whole log so far' }),
        [LOG_HEADERS.complete]: Type.Boolean({ description: 'Nothing will be added any more' }),
      }),
    },
    problems: ['RUN_NOT_FOUND', 'LOG_NOT_FOUND'],
  },
  ...ESTATE_ROUTES,
  ...INCIDENT_ROUTES,
  /**
   * Frames: `hello` first, with the place the stream starts at; then one frame for each event, its `event`
   * the type, its `id` the cursor, its `data` a StoredEvent; `resync` when the place is older than what is
   * kept: the client reads its state anew and goes on. `hello` and `resync` carry a StreamPlace and have the
   * place as their `id`. A comment every 15 s shows that the stream is alive.
   */
  streamEvents: {
    ...PLACES.streamEvents,
    summary: 'Every visible change, in order, as server-sent events; resumes after Last-Event-ID',
    access: 'viewer',
    headers: Type.Object({
      'last-event-id': Type.Optional({ ...CursorTextSchema, description: 'Default: from now on' }),
    }),
    response: { status: 200, type: 'text/event-stream' },
    problems: [],
  },
  getHealth: {
    ...PLACES.getHealth,
    summary: 'Whether the server can do its work, and who leads',
    access: 'anyone',
    response: json(HealthSchema),
    problems: [],
  },
  /** The sign-in link is `/#/sign-in/TOKEN`: what follows # reaches no log. Sets the session's cookie. */
  createSession: {
    ...PLACES.createSession,
    summary: 'Signs in by a one-time token',
    access: 'anyone',
    body: Type.Object(
      { token: Type.String({ minLength: 1, maxLength: 512 }) },
      { additionalProperties: false },
    ),
    response: json(SessionSchema),
    problems: [],
  },
  getOpenapi: {
    ...PLACES.getOpenapi,
    summary: 'This table as an OpenAPI 3.1 document',
    access: 'anyone',
    response: json(Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true })),
    problems: [],
  },
} as const satisfies Readonly<Record<Operation, RouteDefinition>>;

/** Codes that every route may answer with. */
export const SHARED_PROBLEMS = [
  'REQUEST_INVALID',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'OVERLOADED',
  'STORE_UNAVAILABLE',
  'STOPPED',
  'INTERNAL',
] as const satisfies readonly ProblemCode[];
