/**
 * Definitions in code. What `defineJob`, `defineGroup` and `defineCalendar` return is frozen plain data in
 * the form of the definition files, so that code, files and pages say the same thing in the same words; only
 * the function stays beside it.
 */
import { SchedulerError } from '../model/errors.js';
import type { EdgeDefinition } from '../model/edge.js';
import type { GateDefinition } from '../model/gate.js';
import { isJobName } from '../model/ids.js';
import type { GroupDefinition, JobDefinition } from '../model/job.js';
import type { CalendarDefinition } from '../model/schedule.js';
import type { AnyJobFunction } from '../shell/function-executor.js';
import { deepFreeze } from './freeze.js';
import type {
  Calendar,
  FunctionGate,
  Group,
  GroupOptions,
  Job,
  JobEdge,
  JobOptions,
  ParamDefinitions,
  SelfEdge,
  Upstream,
  Upstreams,
} from './types.js';

/** The kind of jobs that are functions. */
export const FUNCTION_KIND = 'function';

const NO_UPSTREAMS: Upstreams = {};

/**
 * A job. The keys of `after` are names of jobs, which the types check too. The rules between definitions are
 * checked when the engine gets them. @throws SchedulerError `DEFINITION_INVALID`.
 */
export function defineJob<
  const Name extends string,
  const After extends Upstreams = {},
  const Params extends ParamDefinitions = {},
  Value = unknown,
>(name: Name, options: JobOptions<After, Params, Value>): Job<Value, Name> {
  if (!isJobName(name)) {
    const rule =
      'a name begins with a letter, digit or _, and goes on with those, dots and hyphens, up to 128';
    throw invalid(`jobs.${name}`, 'name', `job "${name}": ${rule}`);
  }
  const { group, calendar, after, run, gates, ...fields } = options;
  if (run && fields.script !== undefined) {
    throw invalid(`jobs.${name}.script`, 'script', `job "${name}" has both a function and a script`);
  }
  if (run && fields.kind !== undefined && fields.kind !== FUNCTION_KIND) {
    throw invalid(`jobs.${name}.kind`, 'kind', `job "${name}" is a function, not of kind "${fields.kind}"`);
  }
  const upstreams = Object.entries<Upstream>(after ?? NO_UPSTREAMS);
  const definition: JobDefinition = {
    ...structured(fields),
    ...(run && { kind: FUNCTION_KIND }),
    ...(gates && { gates: gatesOf(gates) }),
    ...(group !== undefined && { group: typeof group === 'string' ? group : group.path }),
    ...(calendar !== undefined && { calendar: typeof calendar === 'string' ? calendar : calendar.name }),
    ...(upstreams.length > 0 && {
      after: Object.fromEntries(upstreams.map(([key, upstream]) => [key, edgeOf(name, key, upstream)])),
    }),
  };
  return Object.freeze({
    name,
    definition: deepFreeze(definition),
    run,
    group: typeof group === 'object' ? group : undefined,
    calendars: typeof calendar === 'object' ? [calendar] : [],
    checks: Object.freeze(checksOf(gates ?? {})),
  });
}

type Gates = Readonly<Record<string, GateDefinition | FunctionGate<never>>>;

/** Gates in the form of the files: of a function only that it is one. */
function gatesOf(gates: Gates): Record<string, GateDefinition> {
  return Object.fromEntries(
    Object.entries(gates).map(([name, gate]) => {
      if (!('check' in gate)) return [name, structured(gate)];
      const { check: _check, ...options } = gate;
      return [name, { function: true, ...structured(options) }];
    }),
  );
}

function checksOf(gates: Gates): Record<string, AnyJobFunction> {
  const checks = Object.entries(gates).flatMap(([name, gate]) =>
    // Its context is made for it by name, so its own types hold.
    'check' in gate ? [[name, gate.check as unknown as AnyJobFunction] as const] : [],
  );
  return Object.fromEntries(checks);
}

/** A group: a folder of jobs and groups, which inherit its config and defaults. The name ends its path. */
export function defineGroup(name: string, options: GroupOptions = {}): Group {
  const { parent, defaults, ...fields } = options;
  const { calendar, ...policy } = defaults ?? {};
  const named = calendar !== undefined && {
    calendar: typeof calendar === 'string' ? calendar : calendar.name,
  };
  const definition: GroupDefinition = {
    ...structured(fields),
    ...(defaults && { defaults: { ...structured(policy), ...named } }),
  };
  return Object.freeze({
    path: parent ? `${parent.path}/${name}` : name,
    definition: deepFreeze(definition),
    parent,
    calendars: typeof calendar === 'object' ? [calendar] : [],
  });
}

/** A calendar: which local days count. */
export function defineCalendar(name: string, definition: CalendarDefinition): Calendar {
  return deepFreeze({ name, definition: structured(definition) });
}

/** A copy, so that freezing leaves the caller's objects alone. */
function structured<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(structured) as T;
  const copied = Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
    inner === undefined ? [] : [[key, structured(inner)]],
  );
  return Object.fromEntries(copied) as T;
}

function edgeOf(job: string, key: string, upstream: Upstream): EdgeDefinition {
  if (isJob(upstream)) return checkKey(job, key, upstream.name) && 'default';
  if (!isEdge(upstream)) return structured(upstream);
  checkKey(job, key, upstream.job === 'self' ? job : upstream.job.name);
  return upstream.edge;
}

function isJob(upstream: Upstream): upstream is Job {
  return typeof upstream === 'object' && 'name' in upstream && 'definition' in upstream;
}

function isEdge(upstream: Upstream): upstream is JobEdge | SelfEdge {
  return typeof upstream === 'object' && 'job' in upstream && 'edge' in upstream;
}

function checkKey(job: string, key: string, name: string): true {
  if (key === name) return true;
  const message = `job "${job}" waits for "${name}" under the key "${key}": the key must be the job's name`;
  throw invalid(`jobs.${job}.after.${key}`, 'key', message);
}

function invalid(path: string, rule: string, message: string): SchedulerError {
  return new SchedulerError('DEFINITION_INVALID', message, { problems: [{ path, rule, message }] });
}
