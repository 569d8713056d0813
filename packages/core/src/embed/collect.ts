/** From what an application hands to `createHera` to the definitions and the functions behind them. */
import { SchedulerError } from '../model/errors.js';
import type { Definitions, GroupDefinition, JobDefinition } from '../model/job.js';
import type { CalendarDefinition } from '../model/schedule.js';
import type { AnyJobFunction } from '../shell/function-executor.js';
import { withTypedParams } from './params.js';
import type { Calendar, CreateHeraOptions, Group, Job } from './types.js';

/** Definitions in the form of the files, and the functions of those that are functions. */
export interface Collected {
  readonly definitions: Definitions;
  readonly functions: ReadonlyMap<string, AnyJobFunction>;
}

/**
 * Collects jobs, and the groups and calendars that they name by their objects. @throws SchedulerError
 * `DEFINITION_INVALID` where two things that are not the same have one name.
 */
export function collect(options: CreateHeraOptions): Collected {
  const collector = new Collector();
  for (const group of options.groups ?? []) collector.addGroup(group);
  for (const calendar of options.calendars ?? []) collector.addCalendar(calendar);
  const given = options.jobs ?? [];
  if (isList(given)) for (const job of given) collector.addJob(job);
  return collector.result(isList(given) ? {} : given, options);
}

const isList = (jobs: readonly Job[] | Definitions): jobs is readonly Job[] => Array.isArray(jobs);

class Collector {
  readonly #jobs = new Map<string, JobDefinition>();
  readonly #groups = new Map<string, GroupDefinition>();
  readonly #calendars = new Map<string, CalendarDefinition>();
  readonly #functions = new Map<string, AnyJobFunction>();

  addJob(job: Job): void {
    place(this.#jobs, ['jobs', job.name], job.definition);
    if (job.run) {
      // Its context is made for it by name, so its own types hold.
      const run = job.run as unknown as AnyJobFunction;
      this.#functions.set(job.name, withTypedParams(job.definition.params, run));
    }
    for (const [gate, check] of Object.entries(job.checks)) {
      this.#functions.set(`${job.name}/${gate}`, withTypedParams(job.definition.params, check));
    }
    if (job.group) this.addGroup(job.group);
    for (const calendar of job.calendars) this.addCalendar(calendar);
  }

  addGroup(group: Group): void {
    place(this.#groups, ['groups', group.path], group.definition);
    if (group.parent) this.addGroup(group.parent);
    for (const calendar of group.calendars) this.addCalendar(calendar);
  }

  addCalendar({ name, definition }: Calendar): void {
    place(this.#calendars, ['calendars', name], definition);
  }

  result(
    base: Definitions,
    { pools, concurrency, commitments, limits, holdRules }: CreateHeraOptions,
  ): Collected {
    const definitions: Definitions = {
      ...base,
      calendars: { ...base.calendars, ...Object.fromEntries(this.#calendars) },
      pools: { ...base.pools, ...pools },
      concurrency: { ...base.concurrency, ...concurrency },
      groups: { ...base.groups, ...Object.fromEntries(this.#groups) },
      jobs: { ...base.jobs, ...Object.fromEntries(this.#jobs) },
      commitments: { ...base.commitments, ...commitments },
      limits: { ...base.limits, ...limits },
      holdRules: { ...base.holdRules, ...holdRules },
    };
    return { definitions, functions: this.#functions };
  }
}

function place<T>(into: Map<string, T>, path: readonly [string, string], definition: T): void {
  const [kind, name] = path;
  const known = into.get(name);
  if (known !== undefined && known !== definition) {
    const message = `${kind} "${name}" is defined twice`;
    const problem = { path: `${kind}.${name}`, rule: 'unique', message };
    throw new SchedulerError('DEFINITION_INVALID', message, { problems: [problem] });
  }
  into.set(name, definition);
}
