/** Loads definitions for a command that needs valid ones. */
import { SchedulerError } from '@hera/core';
import type { LoadOptions, LoadedDefinitions } from '../definitions/load.js';
import { loadDefinitions } from '../definitions/load.js';

/** Valid definitions of a file or folder; else DEFINITION_INVALID with every problem. */
export async function loadValid(
  sources: readonly string[],
  options: LoadOptions = {},
): Promise<LoadedDefinitions> {
  const loaded = await loadDefinitions(sources, options);
  const { problems } = loaded;
  if (problems.length === 0) return loaded;
  const files = new Set(problems.map(({ file }) => file)).size;
  const message = `${problems.length} problems in ${files} files`;
  throw new SchedulerError('DEFINITION_INVALID', message, { problems });
}
