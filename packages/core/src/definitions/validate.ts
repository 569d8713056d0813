/**
 * Everything that makes definitions wrong, found without an engine: their shape, and what the parts say
 * about each other. Nothing is half accepted: an author gets all problems at once, and nothing is applied
 * while there is one.
 */
import { compileCalendar } from '../calendar/calendar.js';
import type { CompiledCalendar } from '../calendar/calendar.js';
import { buildGraph, findCycle } from '../graph/job-graph.js';
import type { DefinitionProblem } from '../model/errors.js';
import { isSchedulerError } from '../model/errors.js';
import type { CalendarDefinition } from '../model/schedule.js';
import type { Definitions, GroupDefinition, JobDefinition, PolicyDefinition } from '../model/job.js';
import { checkCommitment } from './check-commitments.js';
import { checkEdges } from './check-edges.js';
import { checkHoldRule, checkLimit } from './check-operations.js';
import { checkParams } from './check-params.js';
import { checkPace, checkSchedule } from './check-schedule.js';
import type { CompiledCalendars } from './check-schedule.js';
import type { PathStep } from './path.js';
import { collectProblems, reportZone } from './report.js';
import type { Report } from './report.js';
import { DEFINITIONS_SCHEMA } from './schema.js';
import { didYouMean } from './suggest.js';
import { validateShape } from './validate-shape.js';

type Calendars = Readonly<Record<string, CalendarDefinition>>;

interface Known {
  readonly calendars: CompiledCalendars;
  readonly report: Report;
}

/** What there is besides the definitions themselves: an estate that they are added to. */
export interface ValidateOptions {
  /** Upstreams, calendars, pools and groups may be defined here too. */
  readonly estate?: Definitions;
}

/**
 * All problems of the definitions, in document order: first the shape of everything; the rules between parts
 * only once the shape holds. Empty when they may be applied.
 */
export function validateDefinitions(
  definitions: unknown,
  options: ValidateOptions = {},
): DefinitionProblem[] {
  const shape = validateShape(definitions, DEFINITIONS_SCHEMA);
  return shape.length > 0 ? shape : validateRules(definitions as Definitions, options.estate ?? {});
}

/** What is allowed and yet probably a slip: an undeclared pool, group or concurrency key. */
export function definitionWarnings(definitions: Definitions, estate: Definitions = {}): DefinitionProblem[] {
  const { problems, report } = collectProblems();
  const groups = declaredGroups([definitions, estate]);
  const pools = new Set([...Object.keys(definitions.pools ?? {}), ...Object.keys(estate.pools ?? {})]);
  const keys = new Set([
    ...Object.keys(definitions.concurrency ?? {}),
    ...Object.keys(estate.concurrency ?? {}),
  ]);
  for (const [path, group] of Object.entries(definitions.groups ?? {})) {
    warnPolicy(group.defaults ?? {}, { at: ['groups', path, 'defaults'], pools, keys, report });
  }
  for (const [name, job] of Object.entries(definitions.jobs ?? {})) {
    warnPolicy(job, { at: ['jobs', name], pools, keys, report });
    if (job.group === undefined || groups.has(job.group)) continue;
    const near = didYouMean(job.group, groups);
    report(['jobs', name, 'group'], 'group', `names the group "${job.group}", which no file declares${near}`);
  }
  return problems;
}

/** Declared groups and those above them, which need no line of their own. */
function declaredGroups(parts: readonly Definitions[]): ReadonlySet<string> {
  const groups = new Set<string>();
  for (const path of parts.flatMap((part) => Object.keys(part.groups ?? {}))) {
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) groups.add(path.slice(0, end));
  }
  return groups;
}

function warnPolicy(
  policy: PolicyDefinition,
  known: {
    readonly at: readonly PathStep[];
    readonly pools: ReadonlySet<string>;
    readonly keys: ReadonlySet<string>;
    readonly report: Report;
  },
): void {
  const { at, pools, keys, report } = known;
  const { pool } = policy;
  if (pool !== undefined && pool !== 'default' && !pools.has(pool)) {
    const near = didYouMean(pool, pools);
    report([...at, 'pool'], 'pool', `names the pool "${pool}", which no file declares${near}`);
  }
  for (const [index, key] of (policy.needs?.concurrency ?? []).entries()) {
    // A key with a colon, such as `yarn:etl`, gets its limit from the system it names.
    if (keys.has(key) || key.includes(':')) continue;
    const near = didYouMean(key, keys);
    const message = `names the concurrency key "${key}", which has no limit${near}`;
    report([...at, 'needs', 'concurrency', index], 'concurrency', message);
  }
}

function validateRules(definitions: Definitions, estate: Definitions): DefinitionProblem[] {
  const { problems, report } = collectProblems();
  const calendars = compileCalendars(definitions.calendars ?? {}, estate.calendars ?? {}, report);
  const jobs = definitions.jobs ?? {};
  for (const [path, group] of Object.entries(definitions.groups ?? {})) {
    checkGroup(path, group, { calendars, report });
  }
  for (const [name, job] of Object.entries(jobs)) {
    checkPolicy(['jobs', name], job, { calendars, report });
    checkSchedule(name, job, { calendars, report });
    checkPace(name, job, report);
    checkParams(name, job, report);
    checkEdges(name, job, { jobs, estate: estate.jobs ?? {}, report });
  }
  for (const [name, commitment] of Object.entries(definitions.commitments ?? {})) {
    checkCommitment(name, commitment, { calendars, report });
  }
  for (const [name, limit] of Object.entries(definitions.limits ?? {})) checkLimit(name, limit, report);
  for (const [name, rule] of Object.entries(definitions.holdRules ?? {})) checkHoldRule(name, rule, report);
  checkNames(jobs, estate.jobs ?? {}, report);
  checkCycle({ ...estate.jobs, ...jobs }, report);
  return problems;
}

/** Compiles the calendars of both; null for a wrong one, whose problems are reported if it is of the file. */
function compileCalendars(own: Calendars, estate: Calendars, report: Report): CompiledCalendars {
  const compiled = new Map<string, CompiledCalendar | null>();
  for (const [name, calendar] of Object.entries({ ...estate, ...own })) {
    try {
      compiled.set(name, compileCalendar(calendar));
    } catch (error) {
      if (!isSchedulerError(error, 'DEFINITION_INVALID')) throw error;
      compiled.set(name, null);
      for (const { path, rule, message } of Object.hasOwn(own, name) ? error.details.problems : []) {
        const [, field = '', key] = /^([^.]*)(?:\.(.*))?$/s.exec(path) ?? [];
        report(['calendars', name, field, ...(key === undefined ? [] : [key])], rule, message);
      }
    }
  }
  return compiled;
}

function checkGroup(path: string, group: GroupDefinition, known: Known): void {
  if (group.zone !== undefined) reportZone(['groups', path, 'zone'], group.zone, known.report);
  checkPolicy(['groups', path, 'defaults'], group.defaults ?? {}, known);
}

function checkPolicy(at: readonly PathStep[], policy: PolicyDefinition, known: Known): void {
  const { calendars, report } = known;
  if (policy.zone !== undefined) reportZone([...at, 'zone'], policy.zone, report);
  const { calendar } = policy;
  if (calendar !== undefined && !calendars.has(calendar)) {
    const near = didYouMean(calendar, calendars.keys());
    report([...at, 'calendar'], 'calendar', `names the calendar "${calendar}", which does not exist${near}`);
  }
}

type Jobs = Readonly<Record<string, JobDefinition>>;

/** A former name must be free and claimed once; numbers of importers are unique. */
function checkNames(jobs: Jobs, estate: Jobs, report: Report): void {
  const claims = new Map<string, string>();
  const ids = new Map<number, string>();
  for (const [name, { was, id }] of Object.entries(jobs)) {
    if (was !== undefined) {
      const other = claims.get(was);
      if (Object.hasOwn(jobs, was)) {
        report(['jobs', name, 'was'], 'was', `is "${was}", which is a job of these definitions`);
      } else if (other !== undefined) {
        report(['jobs', name, 'was'], 'was', `is "${was}", which jobs.${other} was too`);
      } else if (Object.hasOwn(estate, name) && Object.hasOwn(estate, was)) {
        report(['jobs', name, 'was'], 'was', `is "${was}", but a job "${name}" exists already`);
      }
      claims.set(was, name);
    }
    if (id === undefined) continue;
    const other = ids.get(id);
    if (other !== undefined) report(['jobs', name, 'id'], 'id', `is ${id}, the number of jobs.${other}`);
    ids.set(id, name);
  }
}

/** One closed path is shown; edges of a job to its own earlier slots close none. */
function checkCycle(jobs: Jobs, report: Report): void {
  const names = Object.keys(jobs);
  const numberOf = new Map(names.map((name, index) => [name, index]));
  const edges: [number, number][] = [];
  for (const [to, name] of names.entries()) {
    for (const upstream of Object.keys(jobs[name]?.after ?? {})) {
      const from = numberOf.get(upstream);
      if (from !== undefined && from !== to) edges.push([from, to]);
    }
  }
  const path = findCycle(buildGraph(names, edges));
  if (path === null) return;
  const [first = '', second = ''] = path;
  const round = path.join(' -> ');
  report(
    ['jobs', second, 'after', first],
    'cycle',
    `closes a cycle: ${round} (each waits for the one before)`,
  );
}
