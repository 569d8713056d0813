/**
 * Parameters of plans. One that the job declares is its parameter; any other takes the place of a config key
 * of that name, for the plan's generations alone: the job and its groups stay as they are.
 */
import { checkParamInText } from '../config/params.js';
import { SchedulerError } from '../model/errors.js';
import type { JobDefinition } from '../model/job.js';
import { groupPaths } from './compile-job.js';
import type { Params, PlanRequest } from './event.js';
import type { JobRecord, RunExtra } from './records.js';
import type { SchedulerState } from './state.js';

const NONE_GIVEN: Params = {};

/**
 * What the plan gives a member: the run's own parameters before those of its job, and both before the
 * plan's.
 */
export function memberParams(request: PlanRequest, job: string, run: string): Params {
  const { params, memberParams: more } = request;
  const own = more[run];
  const ofJob = more[job];
  return own || ofJob ? { ...params, ...ofJob, ...own } : params;
}

/** Parameters of a generation, told apart: what its job declares, and what stands in place of config. */
export function planParamsOf(
  { params: declared }: JobDefinition,
  extra: RunExtra | undefined,
): { readonly params: Params; readonly overlay: Params } {
  const params = extra?.params ?? NONE_GIVEN;
  if (extra?.plan === undefined || extra.params === undefined) return { params, overlay: NONE_GIVEN };
  const isDeclared = (name: string) => declared !== undefined && Object.hasOwn(declared, name);
  const parts = Object.entries(params);
  return {
    params: Object.fromEntries(parts.filter(([name]) => isDeclared(name))),
    overlay: Object.fromEntries(parts.filter(([name]) => !isDeclared(name))),
  };
}

/**
 * Checks that each parameter means something to a member, and may stand in a script where it takes the place
 * of config. @throws SchedulerError `PARAMETER_INVALID`
 */
export function checkPlanParams(
  state: SchedulerState,
  request: PlanRequest,
  jobs: ReadonlySet<JobRecord>,
): void {
  for (const [name, value] of Object.entries(request.params)) {
    const known = [...jobs].filter((job) => takes(state, job, name));
    if (known.length === 0) throw unknown(name, 'no member');
    for (const job of known) checkValue(job, name, value);
  }
  for (const [member, params] of Object.entries(request.memberParams)) {
    const jobName = member.split('@')[0];
    const job = [...jobs].find((each) => each.name === jobName);
    for (const [name, value] of Object.entries(params)) {
      if (!job || !takes(state, job, name)) throw unknown(name, `member ${member} is none that`);
      checkValue(job, name, value);
    }
  }
}

function checkValue(job: JobRecord, name: string, value: string): void {
  if (!isDeclared(job, name)) checkParamInText(name, value);
}

const isDeclared = (job: JobRecord, name: string) => Object.hasOwn(job.definition.params ?? {}, name);

/** Whether the job declares the parameter, or has a config key of that name, its groups' included. */
function takes(state: SchedulerState, job: JobRecord, name: string): boolean {
  if (isDeclared(job, name) || Object.hasOwn(job.definition.config ?? {}, name)) return true;
  return groupPaths(job.definition.group ?? '').some((path) =>
    Object.hasOwn(state.groups.get(path)?.config ?? {}, name),
  );
}

const unknown = (parameter: string, who: string) =>
  new SchedulerError(
    'PARAMETER_INVALID',
    `parameter ${parameter}: ${who} declares it or has a config key of that name`,
    { parameter, rule: 'declared' },
  );
