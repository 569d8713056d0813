/**
 * Messages as they come from a carrier: unknown values, until they have been checked. What passes is a
 * message
 * of messages.ts, to the last field; unknown fields are left out, unknown versions refused. Bytes are the
 * carrier's own business.
 */
import { SchedulerError } from '../model/errors.js';
import type { AttemptOutcome } from '../model/run.js';
import {
  count,
  finite,
  flag,
  listOf,
  mapOf,
  nullable,
  objectOf,
  oneOf,
  refuse,
  text,
  variantOf,
  whole,
} from './check.js';
import type { Check } from './check.js';
import { PROTOCOL_VERSION } from './messages.js';
import type {
  AttemptWork,
  FailureRule,
  JournalEntry,
  SchedulerMessage,
  HostReport,
  WorkerLoad,
  WorkerMessage,
  WorkerProfile,
} from './messages.js';

/**
 * The message a worker sent. @throws SchedulerError `MESSAGE_INVALID` with the path of what is wrong,
 * `PROTOCOL_UNSUPPORTED` for a version this side does not speak.
 */
export function decodeWorkerMessage(value: unknown): WorkerMessage {
  return workerMessage(value, '');
}

/** The message a scheduler sent; throws as `decodeWorkerMessage` does. */
export function decodeSchedulerMessage(value: unknown): SchedulerMessage {
  return schedulerMessage(value, '');
}

/** Messages that travel together, as JSON text. */
export function encodeFrame(messages: readonly (SchedulerMessage | WorkerMessage)[]): string {
  return JSON.stringify(messages);
}

/** The messages of a worker's frame; throws as `decodeWorkerMessage` does, also where the text is no JSON. */
export function decodeWorkerFrame(frame: string): WorkerMessage[] {
  return listOf(workerMessage)(parse(frame), '');
}

/** The messages of a scheduler's frame; throws as `decodeWorkerFrame` does. */
export function decodeSchedulerFrame(frame: string): SchedulerMessage[] {
  return listOf(schedulerMessage)(parse(frame), '');
}

function parse(frame: string): unknown {
  try {
    return JSON.parse(frame);
  } catch {
    return refuse('', 'JSON');
  }
}

const version: Check<number> = (value, path) => {
  const found = count(value, path);
  if (found >= 1 && found <= PROTOCOL_VERSION) return found;
  const message = `protocol version ${found}: this side speaks 1 to ${PROTOCOL_VERSION}`;
  throw new SchedulerError('PROTOCOL_UNSUPPORTED', message, { version: found, supported: PROTOCOL_VERSION });
};

const outcome: Check<AttemptOutcome> = objectOf(
  {
    state: oneOf('succeeded', 'failed', 'canceled', 'timedOut'),
    exitCode: nullable(whole),
  },
  {
    signal: text,
    failure: oneOf('user', 'resource', 'outside', 'host', 'unknown'),
    pattern: text,
    message: text,
    result: text,
    killComplete: flag,
  },
);

const journalEntry: Check<JournalEntry> = variantOf('state', {
  accepted: objectOf({ attempt: text, state: oneOf('accepted') }),
  running: objectOf({ attempt: text, state: oneOf('running'), startedAt: whole }),
  ended: objectOf({
    attempt: text,
    state: oneOf('ended'),
    startedAt: nullable(whole),
    endedAt: whole,
    outcome,
  }),
});

const host: Check<HostReport> = objectOf({
  cores: count,
  memoryBytes: count,
  cpu: objectOf({ user: finite, system: finite, idle: finite }),
  swapShare: finite,
  disks: listOf(objectOf({ path: text, bytes: count, freeBytes: count })),
  processes: listOf(objectOf({ pid: count, uid: count, memoryBytes: count, cpuMs: count, command: text })),
});

const load: Check<WorkerLoad> = objectOf(
  {
    memoryShare: finite,
    loadPerCore: finite,
    memoryFreeBytes: finite,
  },
  { host },
);

const profile: Check<WorkerProfile> = objectOf({
  worker: text,
  boot: text,
  slots: count,
  pools: listOf(text),
  labels: mapOf(text),
  kinds: listOf(text),
  functions: listOf(text),
  enrolled: flag,
  pid: count,
  version: text,
});

const failureRule: Check<FailureRule> = objectOf(
  { name: text, class: oneOf('user', 'resource', 'outside', 'host', 'unknown') },
  { match: text, exit: count },
);

const work: Check<AttemptWork> = objectOf(
  {
    attempt: text,
    job: text,
    run: text,
    generation: count,
    number: count,
    kind: text,
    script: text,
    secrets: mapOf(text),
    env: mapOf(text),
    files: mapOf(text),
    pre: listOf(text),
    post: listOf(text),
    timeoutMs: count,
    graceMs: count,
    onWorkerLost: oneOf('fence', 'hold', 'rerun'),
    echo: flag,
    encoding: text,
    slot: objectOf({
      key: text,
      instant: whole,
      start: whole,
      end: whole,
      businessDate: text,
      day: text,
      zone: text,
    }),
    params: mapOf(text),
    config: mapOf(text),
    upstream: mapOf(objectOf({ value: nullable(text), values: listOf(nullable(text)) })),
  },
  {
    failures: listOf(failureRule),
  },
);

const workerMessage: Check<WorkerMessage> = variantOf('type', {
  // The version comes first: of a peer that speaks another one, nothing else means anything.
  hello: objectOf(
    { v: version, type: oneOf('hello'), session: count, epoch: count, profile },
    { can: listOf(text) },
  ),
  probed: objectOf({
    type: oneOf('probed'),
    epoch: count,
    session: count,
    probe: count,
    faults: listOf(text),
  }),
  pulse: objectOf({
    type: oneOf('pulse'),
    epoch: count,
    session: count,
    seq: count,
    draining: flag,
    load,
    journal: listOf(journalEntry),
  }),
  report: objectOf({
    type: oneOf('report'),
    epoch: count,
    session: count,
    entries: listOf(journalEntry),
  }),
  bye: objectOf({ type: oneOf('bye'), session: count }),
});

const schedulerMessage: Check<SchedulerMessage> = variantOf('type', {
  welcome: objectOf({ v: version, type: oneOf('welcome'), epoch: count, leader: text, leaseMs: count }),
  exec: objectOf({ type: oneOf('exec'), epoch: count, session: count, work: listOf(work) }),
  kill: objectOf({ type: oneOf('kill'), epoch: count, attempts: listOf(text) }),
  fin: objectOf({ type: oneOf('fin'), epoch: count, attempts: listOf(text) }),
  probe: objectOf({ type: oneOf('probe'), epoch: count, session: count, probe: count }),
  ack: objectOf({ type: oneOf('ack'), epoch: count, session: count, seq: count }),
});
