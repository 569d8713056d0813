/**
 * Reads a TypeScript or JavaScript module: what `defineJob`, `defineGroup` and `defineCalendar` returned and
 * it exports becomes definitions. Functions stay with their jobs; whoever runs them decides where.
 */
import type { Calendar, DefinitionProblem, Definitions, Group, Job } from '@hera/core';
import { createJiti } from 'jiti';
import { OWN_PACKAGES } from './own-packages.js';

export interface ReadModule {
  readonly definitions: Definitions;
  /** Jobs with a function, which exist only where the module is loaded. */
  readonly functions: readonly Job[];
  readonly problems: readonly DefinitionProblem[];
}

/** Runs the module and takes its exports. An error it throws is a problem of the file. */
export async function readModule(path: string, file: string): Promise<ReadModule> {
  const problem = (rule: string, message: string): ReadModule => ({
    definitions: {},
    functions: [],
    problems: [{ path: '', rule, message, file }],
  });
  let exported: Readonly<Record<string, unknown>>;
  try {
    exported = await createJiti(import.meta.url, { fsCache: false, alias: { ...OWN_PACKAGES } }).import(path);
  } catch (error) {
    return problem('module', `the module cannot be loaded: ${messageOf(error)}`);
  }
  const values = Object.values(exported).flatMap((value: unknown) =>
    Array.isArray(value) ? value : [value],
  );
  const jobs = [...new Set(values.filter(isJob))];
  if (jobs.length === 0) return problem('module', 'exports no job; export what defineJob returns');
  return {
    definitions: definitionsOf(jobs, values),
    functions: jobs.filter((job) => job.run !== undefined),
    problems: [],
  };
}

function definitionsOf(jobs: readonly Job[], values: readonly unknown[]): Definitions {
  const groups = new Map<string, Group['definition']>();
  for (const group of [...jobs.map((job) => job.group), ...values.filter(isGroup)]) {
    for (let at = group; at !== undefined; at = at.parent) groups.set(at.path, at.definition);
  }
  const calendars = values.filter(isCalendar).map(({ name, definition }) => [name, definition] as const);
  return {
    ...(calendars.length > 0 && { calendars: Object.fromEntries(calendars) }),
    ...(groups.size > 0 && { groups: Object.fromEntries(groups) }),
    jobs: Object.fromEntries(jobs.map(({ name, definition }) => [name, definition])),
  };
}

type Fields = Readonly<Record<string, unknown>>;
const isDefined = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && 'definition' in value;
const isJob = (value: unknown): value is Job =>
  isDefined(value) && typeof value['name'] === 'string' && 'run' in value;
const isGroup = (value: unknown): value is Group => isDefined(value) && typeof value['path'] === 'string';
const isCalendar = (value: unknown): value is Calendar =>
  isDefined(value) && typeof value['name'] === 'string' && !('run' in value);
const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
