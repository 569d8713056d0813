// @ts-check
/** Looks for programs as a shell would. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * The first of the programs that stands on the PATH or in one of the further folders; null when none does.
 *
 * @param {readonly string[]} names
 * @param {readonly string[]} [further]
 */
export function findProgram(names, further = []) {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...further];
  const paths = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return paths.find(isExecutable) ?? null;
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
