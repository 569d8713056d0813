/** What scheduler and worker say to each other, and how a carrier checks it. */
export {
  decodeSchedulerFrame,
  decodeSchedulerMessage,
  decodeWorkerFrame,
  decodeWorkerMessage,
  encodeFrame,
} from './codec.js';
export { HOST_FAILURE, PROTOCOL_VERSION } from './messages.js';
export type {
  AttemptWork,
  FailureRule,
  JournalEntry,
  SchedulerMessage,
  HostProcess,
  HostReport,
  WorkerLoad,
  WorkerMessage,
  WorkerProfile,
} from './messages.js';
