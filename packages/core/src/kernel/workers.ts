/**
 * Workers: joining, pulses, silence, loss. A worker's journal is the truth about its attempts, but only
 * under its newest session: what a newer session does not list, it never had or has lost for good; what the
 * same session does not list may still be under way.
 */
import { unreachable } from '../model/assert.js';
import { instant } from '../model/ids.js';
import type { JournalEntry, WorkerMessage, WorkerProfile } from '../protocol/messages.js';
import { attemptEnded, attemptLost, attemptStarted, sendOrder, writeAttempt } from './attempts.js';
import { askToKill, sendKill } from './cancel.js';
import { put } from './outbox.js';
import { answerOf } from './gate-probes.js';
import { askUnasked, onCheckAnswer } from './gates.js';
import { isEffective } from './placement.js';
import { freshHealth, onProbed } from './quarantine.js';
import { poolOf, unpark } from './queue.js';
import type { LiveAttempt, Probe, WorkerRecord } from './records.js';
import { runTextOf } from './runs.js';
import { DEADLINE, addDeadline } from './state.js';
import type { SchedulerState } from './state.js';

/** An order that no pulse has shown for so long was lost, and is sent again. */
const ORDER_LOST_AFTER_MS = 5_000;
/** Silence after which attempts with `rerun` are given up: three pulses and some. */
const RERUN_AFTER_MS = 30_000;
/** The worker enforces timeouts; this much later the scheduler asks for the kill itself. */
const TIMEOUT_MARGIN_MS = 60_000;

export function onWorkerSaid(state: SchedulerState, name: string, message: WorkerMessage): void {
  switch (message.type) {
    case 'hello':
      return onHello(state, message);
    case 'pulse':
      return onPulse(state, name, message);
    case 'report':
      return onReport(state, name, message);
    case 'probed': {
      const worker = current(state, name, message);
      if (worker) onProbed(state, worker, message);
      return;
    }
    case 'bye':
      return onBye(state, name, message.session);
    default:
      return unreachable(message);
  }
}

function onHello(state: SchedulerState, message: Extract<WorkerMessage, { type: 'hello' }>): void {
  const { profile, session } = message;
  const worker = state.workers.get(profile.worker) ?? addWorker(state, profile);
  if (session < worker.session) return;
  if (message.epoch > state.epoch) {
    const epochs = `epoch ${message.epoch}, ours is ${state.epoch}`;
    const text = `worker ${worker.name} has obeyed ${epochs}: the store went back in time`;
    state.outbox.events.push({ type: 'alarm', code: 'STORE_REGRESSED', subject: worker.name, message: text });
  }
  const joins = !worker.connected || worker.lost || session > worker.session;
  if (session > worker.session) worker.lastSeq = 0;
  worker.session = session;
  // Until its list has come under this session, nothing is sent to it.
  if (joins) worker.synced = false;
  worker.connected = true;
  worker.lost = false;
  worker.canProbe = message.can?.includes('probe') ?? false;
  setProfile(state, worker, profile);
  seen(state, worker);
  if (joins) writeWorker(state, worker, 'joined');
  state.outbox.commands.push({ type: 'worker.welcome', worker: worker.name });
}

export function addWorker(state: SchedulerState, profile: WorkerProfile): WorkerRecord {
  const worker: WorkerRecord = {
    name: profile.worker,
    number: state.workerList.length,
    profile,
    functions: new Set(),
    session: 0,
    connected: false,
    synced: false,
    draining: false,
    drainAsked: false,
    lost: false,
    seenAt: state.now,
    lastSeq: 0,
    load: { memoryShare: 0, loadPerCore: 0, memoryFreeBytes: 0 },
    usedSlots: 0,
    reservedMemory: 0,
    attempts: new Set(),
    health: state.workerHealth.get(profile.worker) ?? freshHealth(),
    quarantine: null,
    succeeded: 0,
    canProbe: false,
    lastDispatchAt: instant(0),
    watchAt: null,
  };
  state.workers.set(worker.name, worker);
  state.workerList.push(worker);
  setProfile(state, worker, profile);
  return worker;
}

/** The worker is what it says it is, and in the pools it names. */
export function setProfile(state: SchedulerState, worker: WorkerRecord, profile: WorkerProfile): void {
  for (const pool of worker.profile.pools) poolOf(state, pool).workers.delete(worker);
  worker.profile = profile;
  worker.functions = new Set(profile.functions);
  for (const name of profile.pools) {
    poolOf(state, name).workers.add(worker);
  }
}

function seen(state: SchedulerState, worker: WorkerRecord): void {
  worker.seenAt = state.now;
  watch(state, worker);
}

/** Wakes the kernel when the worker will have been silent for too long. */
export function watch(state: SchedulerState, worker: WorkerRecord): void {
  const at = nextSilence(state, worker);
  // One that is set for later is of no use to a worker that has just been heard of again.
  if (worker.watchAt !== null && worker.watchAt <= at) return;
  worker.watchAt = at;
  addDeadline(state, at, DEADLINE.worker, worker.number);
}

/** The next moment at which its silence means something. */
function nextSilence(state: SchedulerState, worker: WorkerRecord): number {
  const rerunAt = worker.seenAt + RERUN_AFTER_MS;
  return rerunAt > state.now
    ? rerunAt
    : worker.seenAt + state.options.workerLeaseMs + state.options.workerMarginMs;
}

function onPulse(
  state: SchedulerState,
  name: string,
  message: Extract<WorkerMessage, { type: 'pulse' }>,
): void {
  const worker = current(state, name, message);
  if (!worker) return;
  state.outbox.commands.push({
    type: 'worker.ack',
    worker: name,
    session: message.session,
    seq: message.seq,
  });
  // A pulse that was overtaken by a newer one has nothing new to say.
  if (message.seq <= worker.lastSeq) return;
  const wasEffective = isEffective(worker);
  worker.lastSeq = message.seq;
  worker.connected = true;
  worker.lost = false;
  worker.load = message.load;
  if (worker.draining !== message.draining) {
    worker.draining = message.draining;
    writeWorker(state, worker, message.draining ? 'draining' : 'joined');
  }
  seen(state, worker);
  const listed = new Set<string>();
  for (const entry of message.journal) {
    listed.add(entry.attempt);
    onEntry(state, worker, entry);
  }
  for (const live of [...worker.attempts]) {
    if (!listed.has(live.id)) onUnlisted(state, worker, live);
    else if (live.cancel) sendKill(state, live);
  }
  worker.synced = true;
  if (!wasEffective && isEffective(worker)) wakeOrphans(state, worker);
  killOverdue(state, worker);
}

/** The worker takes work from now on: runs of functions that it may know look again. */
function wakeOrphans(state: SchedulerState, worker: WorkerRecord): void {
  for (const name of worker.profile.pools) unpark(state, poolOf(state, name).orphans, Infinity);
  if (state.unasked.size > 0) askUnasked(state);
}

/** A person takes the worker out of service, or back in; it stands until the worker is told otherwise. */
export function setDraining(state: SchedulerState, worker: WorkerRecord, draining: boolean): void {
  worker.drainAsked = draining;
  put(state.outbox, 'worker', [worker.name], { drain: draining ? 1 : 0 });
  if (!draining) wakeOrphans(state, worker);
}

function onReport(
  state: SchedulerState,
  name: string,
  message: Extract<WorkerMessage, { type: 'report' }>,
): void {
  const worker = current(state, name, message);
  if (!worker) return;
  for (const entry of message.entries) onEntry(state, worker, entry);
}

/** The worker, if the message is of its newest session and of this leader's time. */
function current(
  state: SchedulerState,
  name: string,
  message: { readonly epoch: number; readonly session: number },
): WorkerRecord | null {
  const worker = state.workers.get(name);
  if (!worker || message.session !== worker.session) {
    // It speaks of a life we do not know: it is asked to say hello again.
    if (!worker || message.session > worker.session)
      state.outbox.commands.push({ type: 'worker.welcome', worker: name });
    return null;
  }
  if (message.epoch === state.epoch) return worker;
  state.outbox.commands.push({ type: 'worker.welcome', worker: name });
  return null;
}

function onEntry(state: SchedulerState, worker: WorkerRecord, entry: JournalEntry): void {
  const probe = state.probes.get(entry.attempt);
  if (probe?.worker === worker) return onProbe(state, probe, entry);
  const live = state.attempts.get(entry.attempt);
  const known = live !== undefined && live.worker === worker;
  switch (entry.state) {
    case 'accepted':
    case 'running':
      if (!known)
        state.outbox.commands.push({ type: 'attempt.kill', worker: worker.name, attempt: entry.attempt });
      else if (entry.state === 'running') attemptStarted(state, live, entry.startedAt);
      return;
    case 'ended':
      if (known)
        attemptEnded(state, live, { at: entry.endedAt, startedAt: entry.startedAt, outcome: entry.outcome });
      // The result is stored by this step's commit, or it is of an attempt that no longer matters.
      state.outbox.commands.push({ type: 'attempt.fin', worker: worker.name, attempt: entry.attempt });
      return;
    default:
      unreachable(entry);
  }
}

/** News of a check's question: only its end says anything. */
function onProbe(state: SchedulerState, probe: Probe, entry: JournalEntry): void {
  if (entry.state !== 'ended') return;
  state.probes.delete(probe.id);
  state.outbox.commands.push({ type: 'attempt.fin', worker: probe.worker.name, attempt: probe.id });
  onCheckAnswer(state, probe.row, probe.each, answerOf(probe.each.gate.kind, entry.outcome));
}

function onUnlisted(state: SchedulerState, worker: WorkerRecord, live: LiveAttempt): void {
  if (live.session < worker.session) {
    attemptLost(state, live, `worker ${worker.name} came back without it`);
    return;
  }
  // Its worker is back in the same life and does not have it: what is unknown is only whether the order came.
  if (live.state === 'unknown' && live.startedAt === null) {
    live.state = live.cancel ? 'canceling' : 'dispatched';
    writeAttempt(state, live, {});
  }
  if (live.state === 'dispatched' && state.now - live.sentAt >= ORDER_LOST_AFTER_MS) sendOrder(state, live);
  // Never accepted and asked to die: the kill makes the worker refuse the order, should it still arrive.
  if (live.state === 'canceling' && live.startedAt === null) sendKill(state, live);
}

function killOverdue(state: SchedulerState, worker: WorkerRecord): void {
  for (const live of worker.attempts) {
    if (live.cancel === null && live.timeoutAt + TIMEOUT_MARGIN_MS < state.now) {
      askToKill(state, live, { why: 'timeout', actor: 'scheduler' });
    }
  }
}

function onBye(state: SchedulerState, name: string, session: number): void {
  const worker = state.workers.get(name);
  if (worker?.session !== session) return;
  worker.connected = false;
  worker.synced = false;
  writeWorker(state, worker, 'left');
}

/** The connection is gone; its attempts run on, and its lease decides. */
export function onDisconnected(state: SchedulerState, name: string): void {
  const worker = state.workers.get(name);
  if (!worker) return;
  worker.connected = false;
}

/** The worker may have been silent for too long. */
export function onWorkerDeadline(state: SchedulerState, number: number): void {
  const worker = state.workerList[number];
  if (!worker || worker.watchAt === null || state.now < worker.watchAt) return;
  worker.watchAt = null;
  const silentMs = state.now - worker.seenAt;
  if (silentMs >= RERUN_AFTER_MS) {
    // Nothing new goes to it until it is heard again, least of all what it was given up for.
    worker.synced = false;
    giveUp(state, worker, 'rerun');
  }
  if (silentMs >= state.options.workerLeaseMs + state.options.workerMarginMs) {
    lose(state, worker);
    return;
  }
  watch(state, worker);
}

function lose(state: SchedulerState, worker: WorkerRecord): void {
  const idle = worker.attempts.size === 0 && !worker.connected;
  worker.connected = false;
  worker.synced = false;
  if (!worker.lost && !idle) {
    state.outbox.events.push({
      type: 'alarm',
      code: 'WORKER_LOST',
      subject: worker.name,
      message: `silent for ${state.now - worker.seenAt} ms`,
    });
  }
  if (!worker.lost) writeWorker(state, worker, 'lost');
  worker.lost = true;
  giveUp(state, worker, 'rerun');
  giveUp(state, worker, 'fence');
  for (const live of worker.attempts) becomeUnknown(state, live);
}

function giveUp(state: SchedulerState, worker: WorkerRecord, policy: 'rerun' | 'fence'): void {
  for (const live of [...worker.attempts]) {
    if (live.onWorkerLost === policy && !(policy === 'rerun' && mayLive(live)))
      attemptLost(state, live, `worker ${worker.name} is lost`);
  }
}

/** Nothing kills what `rerun` leaves behind, so a cancel of it stays unproved until its worker is back. */
const mayLive = (live: LiveAttempt) => live.cancel !== null && live.cancel.why !== 'timeout';

/** `hold`: nothing is proved, so it stays unknown until the worker returns or a person settles it. */
function becomeUnknown(state: SchedulerState, live: LiveAttempt): void {
  if (live.state === 'unknown') return;
  live.state = 'unknown';
  writeAttempt(state, live, {});
  const run = runTextOf(state, live.row);
  const message = `its worker ${live.worker.name} is lost; run ${run} waits for it or for a person`;
  state.outbox.events.push({ type: 'alarm', code: 'ATTEMPT_UNKNOWN', subject: live.id, message });
}

function writeWorker(
  state: SchedulerState,
  worker: WorkerRecord,
  change: 'joined' | 'lost' | 'draining' | 'left',
): void {
  const { profile } = worker;
  put(state.outbox, 'worker', [worker.name], {
    session: worker.session,
    boot: profile.boot,
    slots: profile.slots,
    pools: JSON.stringify(profile.pools),
    labels: JSON.stringify(profile.labels),
    kinds: JSON.stringify(profile.kinds),
    state: change,
    seenAt: state.now,
    epoch: state.epoch,
  });
  state.outbox.events.push({
    type: 'worker.state',
    worker: worker.name,
    state: change,
    session: worker.session,
  });
}
