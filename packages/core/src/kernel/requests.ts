/**
 * What people and systems ask. Each request is checked whole before anything moves; what is refused has
 * changed nothing, and a repetition under the same key gets the first answer.
 */
import { unreachable } from '../model/assert.js';
import { SchedulerError, isSchedulerError } from '../model/errors.js';
import { applyDefinitions, deleteJob, setJobState } from './definitions.js';
import type { RequestAnswer } from './effects.js';
import type { KernelEvent } from './event.js';
import { answer, refuse } from './outbox.js';
import { rememberRequest, requestName } from './request-memory.js';
import { changeIncident } from './requests-incidents.js';
import { releaseWorker } from './quarantine.js';
import { jobNamed, workerNamed } from './requests-named.js';
import { approveRun, postEvent } from './requests-gates.js';
import { requestOperation } from './requests-operations.js';
import { requestPlan, requestPlanControl } from './requests-plans.js';
import { forceRun, requestCancel, resolveAttempt, resumeRun, runNow, submitGraph } from './requests-runs.js';
import type { SchedulerState } from './state.js';
import { setDraining } from './workers.js';

type RequestEvent = Extract<KernelEvent, { type: 'request' }>;

export function onRequest(state: SchedulerState, event: RequestEvent): void {
  const digest = event.key === null ? '' : JSON.stringify(event.body);
  const known = event.key === null ? undefined : state.requests.get(requestName(event.actor, event.key));
  try {
    if (known && known.digest !== digest) {
      throw new SchedulerError(
        'REQUEST_KEY_REUSED',
        `request key ${event.key} was used for another request`,
        { key: event.key ?? '' },
      );
    }
    const value = known ? (JSON.parse(known.answer) as RequestAnswer) : carryOut(state, event);
    answer(state.outbox, event.request, value);
    if (event.key === null || known) return;
    const by = { submitter: event.actor, key: event.key };
    rememberRequest(state, by, { digest, answer: JSON.stringify(value), at: state.now });
  } catch (error) {
    if (!isSchedulerError(error)) throw error;
    refuse(state.outbox, event.request, error);
  }
}

function carryOut(state: SchedulerState, event: RequestEvent): RequestAnswer {
  const { body, actor } = event;
  switch (body.type) {
    case 'definitions.apply':
      return {
        changes: applyDefinitions(state, body.definitions, { source: body.source, prune: body.prune, actor }),
      };
    case 'job.state':
      setJobState(state, jobNamed(state, body.job), body.state, actor);
      return {};
    case 'job.delete':
      deleteJob(state, jobNamed(state, body.job), actor);
      return {};
    case 'run.now':
      return runNow(state, body, actor);
    case 'graph.submit':
      return submitGraph(state, body, actor);
    case 'run.resume':
      return resumeRun(state, body, actor);
    case 'run.cancel':
      return requestCancel(state, body, actor);
    case 'run.force':
      return forceRun(state, body, actor);
    case 'attempt.resolve':
      return resolveAttempt(state, body);
    case 'plan.create':
      return requestPlan(state, body, actor);
    case 'plan.control':
      return requestPlanControl(state, body);
    case 'run.approve':
      return approveRun(state, body, actor);
    case 'event.post':
      return postEvent(state, body, actor);
    case 'waive.begin':
    case 'waive.end':
    case 'override.begin':
    case 'override.end':
    case 'hold.begin':
    case 'hold.release':
      return requestOperation(state, body, actor);
    case 'worker.drain':
      setDraining(state, workerNamed(state, body.worker), body.draining);
      return {};
    case 'worker.release':
      releaseWorker(state, workerNamed(state, body.worker));
      return {};
    case 'incident.acknowledge':
    case 'incident.assign':
    case 'incident.snooze':
      changeIncident(state, body, actor);
      return {};
    default:
      return unreachable(body);
  }
}
