/** The one door of the kernel: everything outside kernel/ imports from here. */
export { createState, DEFAULT_OPTIONS } from './state.js';
export type { CustomSelector, KernelOptions, SchedulerState } from './state.js';
export { step, nextDeadline } from './step.js';
export { createLoader } from './load.js';
export type { Loader } from './load.js';
export { explain } from './explain.js';
export { assertInvariants } from './invariants.js';
export {
  attemptFacts,
  countPhases,
  diffDefinitions,
  planPreview,
  selectJobs,
  upcoming,
  workerViews,
} from './facts.js';
export type { AttemptFacts, ConfigSource } from './facts.js';
export type { AttemptClaim, Command, DefinitionChange, Effects, Reply, RequestAnswer } from './effects.js';
export type {
  KernelEvent,
  Params,
  PlanRequest,
  Request,
  RequestType,
  RevisionChoice,
  SlotChoice,
} from './event.js';
