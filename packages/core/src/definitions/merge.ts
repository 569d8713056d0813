/** The definitions of a folder: the union of its files. A name twice is an error that names both places. */
import type { DefinitionProblem } from '../model/errors.js';
import type { Definitions } from '../model/job.js';
import { parsePath, pathText } from './path.js';

/** What one file says, as it was read; its shape need not be right yet. */
export interface DefinitionPart {
  readonly file: string;
  readonly definitions: Definitions;
}

/** Several files as one. */
export interface MergedDefinitions {
  readonly definitions: Definitions;
  /** Names that two files define. */
  readonly problems: readonly DefinitionProblem[];
  /** The file that a path of a problem lies in; undefined for a path of no file. */
  fileOf(path: string): string | undefined;
}

/** Sections of a file, in the order of the schema. */
const SECTIONS = [
  'calendars',
  'pools',
  'concurrency',
  'groups',
  'jobs',
  'commitments',
  'limits',
  'holdRules',
] as const;

/** Joins files. Of a name that comes twice the first stays, so that all else can be checked. */
export function mergeDefinitions(parts: readonly DefinitionPart[]): MergedDefinitions {
  const problems: DefinitionProblem[] = [];
  const files = new Map<string, string>();
  const merged = SECTIONS.map((section) => {
    const all = parts.flatMap(({ file, definitions }) =>
      Object.entries(definitions[section] ?? {}).map(([name, value]) => ({
        name,
        value: value as unknown,
        file,
      })),
    );
    const kept = all.filter(({ name, file }) => {
      const path = pathText([section, name]);
      const first = files.get(path);
      if (first === undefined) files.set(path, file);
      else {
        const message = `${path} is defined twice: in ${first} and in ${file}`;
        problems.push({ path, rule: 'twice', message, file });
      }
      return first === undefined;
    });
    return [section, Object.fromEntries(kept.map(({ name, value }) => [name, value]))] as const;
  });
  return {
    definitions: Object.fromEntries(merged.filter(([, entries]) => Object.keys(entries).length > 0)),
    problems,
    fileOf: (path) => files.get(pathText(parsePath(path).slice(0, 2))),
  };
}
