/**
 * The contract on the wire: schemas and their types, the route table, problem details, the OpenAPI document
 * and a client. Runs in a browser and in Node.
 */
export { ROUTES, SHARED_PROBLEMS, StartedSchema } from './routes.js';
export { LOG_BYTES_DEFAULT, LOG_BYTES_MAX, LOG_WAIT_MS_MAX } from './routes.js';
export type { Access, RouteDefinition, RouteResponse } from './routes.js';
export { LOG_HEADERS, PLACES } from './places.js';
export type { Method, Operation } from './places.js';
export { createOpenapi } from './openapi.js';

export { PHASES } from './phases.js';
export { PARAM_LENGTH_MAX, nullable } from './schemas/scalars.js';
export type { DeepReadonly, Wire } from './schemas/scalars.js';
export { PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX, PAGE_QUERY, pageOf } from './schemas/page.js';
export type { Page } from './schemas/page.js';
export { PROBLEM_STATUS, PROBLEM_TYPE, ProblemFieldSchema, ProblemSchema } from './schemas/problem.js';
export type { HttpCode, Problem, ProblemCode } from './schemas/problem.js';

export {
  AttemptSchema,
  AttemptStateSchema,
  BindingSchema,
  BlockerCodeSchema,
  BlockerSchema,
  FailedRunSchema,
  FailureClassSchema,
  GatesSchema,
  GenerationSchema,
  LaneSchema,
  PhaseSchema,
  RunDetailSchema,
  RunSchema,
  SlotSchema,
  TrackSchema,
  TriggerSchema,
} from './schemas/run.js';
export type {
  Attempt,
  AttemptState,
  Binding,
  Blocker,
  BlockerCode,
  FailedRun,
  Generation,
  Phase,
  Run,
  RunDetail,
  Start,
  Slot,
  Trigger,
} from './schemas/run.js';
export {
  GraphNodeSchema,
  GraphSchema,
  JobDefinitionSchema,
  JobSchema,
  JobStateSchema,
} from './schemas/job.js';
export type { Graph, GraphNode, Job, JobState } from './schemas/job.js';
export {
  HealthSchema,
  NowSchema,
  PhaseCountsSchema,
  PlanSchema,
  PlanStateSchema,
  SessionSchema,
  UpcomingSchema,
  WorkerSchema,
} from './schemas/estate.js';
export { IncidentSchema } from './schemas/incident.js';
export type { Incident } from './schemas/incident.js';
export { OperationsSchema, OverrideEffectSchema, SlotRangeSchema } from './schemas/operation.js';
export type { Operations, OverrideEffect, SlotRange } from './schemas/operation.js';
export type { Health, Now, PhaseCounts, Plan, Session, Upcoming, Worker } from './schemas/estate.js';
export { PlanMovedSchema, PlanOrderSchema, PlanPreviewSchema, PlanVerbSchema } from './schemas/plan.js';
export type { PlanOrder, PlanPreview } from './schemas/plan.js';
export { PREVIEW_RUNS_MAX } from './plan-routes.js';
export { CursorSchema, EventSchema, StoredEventSchema, StreamPlaceSchema } from './schemas/event.js';
export { ForecastSchema, ImpactSchema } from './schemas/forecast.js';
export type { Forecast, Impact } from './schemas/forecast.js';
export { cursorText, parseCursor } from './cursor.js';
export type { Cursor, HeraEvent, StoredEvent, StreamPlace } from './schemas/event.js';

export { createClient, urlOf } from './client.js';
export type { CallOptions, Client, ClientOptions, InputOf, LogPiece, OutputOf } from './client.js';
export { ClientError } from './client-error.js';
export type { ClientErrorCode } from './client-error.js';
export { readEvents } from './event-stream.js';
export type { EventStreamOptions, StreamItem, StreamState } from './event-stream.js';
export { SseReader } from './sse.js';
export type { SseFrame } from './sse.js';
