/** The one door of the kernel: everything outside kernel/ imports from here. */
export { createState, DEFAULT_OPTIONS } from './state.js';
export type { CustomSelector, KernelOptions, SchedulerState } from './state.js';
export { step, nextDeadline } from './step.js';
export { createLoader } from './load.js';
export type { Loader } from './load.js';
export { forecastInput } from './forecast-facts.js';
export { NEVER, STANDS } from './forecast-input.js';
export type { ForecastInput, ForecastTarget } from './forecast-input.js';
export { usualDurations } from './usual-durations.js';
export { InstantHeap, OrderedHeap } from './heap.js';
export { operationViews, operationsOfRun } from './operation-views.js';
export { explain } from './explain.js';
export { assertInvariants } from './invariants.js';
export { attemptFacts, countPhases, diffDefinitions, selectJobs, upcoming, workerViews } from './facts.js';
export { failedMembers, planPreview, previewPlan } from './plan-preview.js';
export { planRequest, readPlanHours, readPlanSelection } from './plan-request.js';
export type { AttemptFacts, ConfigSource } from './facts.js';
export type { AttemptClaim, Command, DefinitionChange, Effects, Reply, RequestAnswer } from './effects.js';
export type {
  CommitmentForecast,
  Culprit,
  StartBy,
  KernelEvent,
  Params,
  PlanHours,
  PlanRequest,
  PlanSpan,
  PlanType,
  Request,
  RequestType,
  RevisionChoice,
  RunReach,
  SlotChoice,
} from './event.js';
