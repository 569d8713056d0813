/** What requests name: jobs, runs, plans and workers, each refused by its own code when it is not there. */
import { SchedulerError } from '../model/errors.js';
import { parseRunText } from '../model/ids.js';
import type { JobRecord, PlanRecord, WorkerRecord } from './records.js';
import { findRun } from './runs.js';
import type { SchedulerState } from './state.js';
import { NONE, STORED } from './tables.js';

/** What is asked does not fit the state that its subject was found in. */
export const conflict = (subject: string, found: string, message: string) =>
  new SchedulerError('STATE_CONFLICT', message, { subject, state: found });

/** @throws SchedulerError `JOB_NOT_FOUND` */
export function jobNamed(state: SchedulerState, name: string): JobRecord {
  const job = state.jobsByName.get(name);
  if (!job) throw new SchedulerError('JOB_NOT_FOUND', `there is no job ${name}`, { job: name });
  return job;
}

/** Row of a run named in a request. @throws SchedulerError `RUN_NOT_FOUND` */
export function runNamed(state: SchedulerState, text: string): number {
  const ref = parseRunText(text);
  const r = ref ? findRun(state, ref) : NONE;
  if (r === NONE || !state.runs.has(r, STORED)) {
    throw new SchedulerError('RUN_NOT_FOUND', `run ${text} is not among the runs kept`, { run: text });
  }
  return r;
}

/** A plan that has not ended. @throws SchedulerError `PLAN_NOT_FOUND` */
export function planNamed(state: SchedulerState, id: number): PlanRecord {
  const plan = state.plans.get(id);
  if (!plan) throw new SchedulerError('PLAN_NOT_FOUND', `there is no open plan ${id}`, { plan: id });
  return plan;
}

/** @throws SchedulerError `STATE_CONFLICT` */
export function workerNamed(state: SchedulerState, name: string): WorkerRecord {
  const worker = state.workers.get(name);
  if (!worker) throw conflict(name, 'unknown', `there is no worker ${name}`);
  return worker;
}
