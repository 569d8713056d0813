/** The definitions of a folder are the union of its files; a name twice is an error that names both places. */
import type { DefinitionProblem } from '../model/errors.js';
import type { Definitions } from '../model/job.js';
import { parsePath, pathText } from './path.js';

/** What one file says, as it was read; its shape need not be right yet. */
export interface DefinitionPart {
  readonly file: string;
  readonly definitions: Definitions;
}

export interface MergedDefinitions {
  readonly definitions: Definitions;
  /** Names that two files define. */
  readonly problems: readonly DefinitionProblem[];
  /** The file that a path of a problem lies in; undefined for a path of no file. */
  fileOf(path: string): string | undefined;
}

/** Sections of a file, in the order of the schema. */
const SECTIONS = ['calendars', 'pools', 'concurrency', 'groups', 'jobs'] as const;

/** Joins files. Of a name that comes twice the first stays, so that everything else is checked all the same. */
export function mergeDefinitions(parts: readonly DefinitionPart[]): MergedDefinitions {
  const problems: DefinitionProblem[] = [];
  const files = new Map<string, string>();
  const merged = new Map<string, [string, unknown][]>();
  for (const { file, definitions } of parts) {
    for (const section of SECTIONS) {
      for (const [name, value] of Object.entries(definitions[section] ?? {})) {
        const path = pathText([section, name]);
        const first = files.get(path);
        if (first === undefined) {
          files.set(path, file);
          const entries = merged.get(section) ?? [];
          merged.set(section, entries);
          entries.push([name, value]);
        } else {
          const message = `${path} is defined twice: in ${first} and in ${file}`;
          problems.push({ path, rule: 'twice', message, file });
        }
      }
    }
  }
  return {
    definitions: Object.fromEntries([...merged].map(([section, all]) => [section, Object.fromEntries(all)])),
    problems,
    fileOf: (path) => files.get(pathText(parsePath(path).slice(0, 2))),
  };
}
