/** The public surface of the engine. What is not named here is nobody's business outside core. */

// The engine in your process
export { createHera } from './embed/create-hera.js';
export { defineCalendar, defineGroup, defineJob } from './embed/define.js';
export {
  allIn,
  anyIn,
  atLeast,
  custom,
  index,
  latest,
  latestSucceeded,
  nearest,
  offset,
  overlap,
  same,
  self,
} from './embed/selectors.js';
export type * from './embed/types.js';

// Time and scripts, without an engine
export { cron } from './cron.js';
export type { Cron, CronOptions } from './cron.js';
export { parseTime } from './calendar/time.js';
export { formatDuration, parseDuration } from './calendar/duration.js';
export { explainScript, renderScript } from './embed/scripts.js';
export type { ScriptOptions } from './embed/scripts.js';
export { includedKeys, insertSecrets } from './config/render.js';
export type { ScriptExplanation, ScriptPart } from './config/render.js';
export { configLayer, inheritConfig, inheritPolicy } from './config/inherit.js';
export type {
  ConfigEntry,
  ConfigLayer,
  ConfigValue,
  EffectiveConfig,
  EffectivePolicy,
} from './config/inherit.js';
export { paramEnvironment, validateParams } from './config/params.js';

// Definitions: the form of the files
export {
  definitionWarnings,
  DEFINITIONS_SCHEMA,
  didYouMean,
  FILE_SCHEMA,
  FORMAT_VERSION,
  mergeDefinitions,
  normalizeDefinitions,
  parsePath,
  pathText,
  previewScript,
  validateDefinitions,
  validateShape,
} from './definitions/index.js';
export type {
  DefinitionPart,
  JsonSchema,
  MergedDefinitions,
  PathStep,
  PreviewOptions,
  ScriptPreview,
  ValidateOptions,
} from './definitions/index.js';

// Graphs and selections
export {
  assertAcyclic,
  buildGraph,
  closure,
  criticalPath,
  findCycle,
  inOrder,
  levels,
  topologicalOrder,
} from './graph/job-graph.js';
export type { JobGraph } from './graph/job-graph.js';
export { parseSelection, printSelection, select } from './graph/selection.js';
export type { Selection, SelectionLookup, SelectionNode } from './graph/selection.js';

// What things are
export { isSchedulerError, SchedulerError } from './model/errors.js';
export type { DefinitionProblem, ErrorCode, ErrorDetails } from './model/errors.js';
export {
  adHocSlotKey,
  attemptId,
  instantText,
  isJobName,
  parseInstantText,
  parseRunText,
  runText,
  timeSlotKey,
} from './model/ids.js';
export type { Instant, JobName, LocalDate, RunRef, SlotKey, ZoneName } from './model/ids.js';
export type * from './model/commitment.js';
export type * from './model/forecast.js';
export type * from './model/operations.js';
export type * from './model/job.js';
export type * from './model/schedule.js';
export type * from './model/edge.js';
export type * from './model/events.js';
export type * from './model/slot.js';
export type * from './model/views.js';
export { EXIT_NOT_NOW, RESULT_BYTES_MAX } from './model/run.js';
export type * from './model/run.js';
export { rowKeyText, TABLE_NAMES, tableDefinition, TABLES } from './model/tables.js';
export type * from './model/tables.js';

// Ports: what the outside provides
export type * from './ports/clock.js';
export type * from './ports/executor.js';
export { LOG_PIECE_BYTES_MAX } from './ports/logs.js';
export type * from './ports/logs.js';
export { silentObserver } from './ports/observer.js';
export type { Observer } from './ports/observer.js';
export type * from './ports/queries.js';
export type * from './ports/store.js';
export type * from './ports/transport.js';

// Parts that servers and workers are composed of
export { createScheduler } from './shell/scheduler.js';
export type {
  CommitListener,
  RoleListener,
  Scheduler,
  SchedulerOptions,
  SchedulerRole,
} from './shell/scheduler-types.js';
export type { CommittedBatch } from './shell/leader-loop.js';
export { readCommandAnswer } from './shell/requests.js';
export type { CommandRequest, RequestOptions } from './shell/requests.js';
export { joinTransports } from './shell/joined-transport.js';
export { systemClock } from './shell/system-clock.js';
export { createAgent } from './shell/agent.js';
export type { Agent, AgentOptions } from './shell/agent.js';
export { createFunctionExecutor } from './shell/function-executor.js';
export type { AnyJobFunction, FunctionExecutorOptions } from './shell/function-executor.js';
export { createMemoryStore } from './memory/memory-store.js';
export type { MemoryStoreOptions } from './memory/memory-store.js';
export { createMemoryJournal } from './memory/journal.js';
export { createMemoryTransport } from './memory/transport.js';
export type { MemoryTransport } from './memory/transport.js';
export { createQueries } from './memory/queries.js';
export type { RowReader } from './memory/queries.js';
export { attemptView, generationView, jobView, planView, runView } from './memory/views.js';

// Forecasts
export { foretell, foretelling, predict, predicting } from './forecast/index.js';
export type { ForecastNews, Prediction } from './forecast/index.js';

// The kernel, for servers, simulators and measurements
export {
  assertInvariants,
  attemptFacts,
  countPhases,
  createLoader,
  createState,
  diffDefinitions,
  explain,
  forecastInput,
  nextDeadline,
  planPreview,
  selectJobs,
  step,
  upcoming,
  workerViews,
} from './kernel/index.js';
export type {
  AttemptClaim,
  AttemptFacts,
  Command,
  DefinitionChange,
  Effects,
  ForecastInput,
  KernelEvent,
  KernelOptions,
  Reply,
  Request,
  RequestAnswer,
  RequestType,
  SchedulerState,
} from './kernel/index.js';
