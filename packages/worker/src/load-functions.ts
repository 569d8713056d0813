/** Finds the function jobs of a module: whatever it exports that has a name and a function to run. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AnyJobFunction } from '@hera/core';

/**
 * Functions by job name, from all exports of an ES module and from arrays among them. The process must be
 * able to import the file as it is; for TypeScript its caller registers a loader. Rejects as the import does,
 * and when two jobs have one name.
 */
export async function loadFunctions(path: string): Promise<ReadonlyMap<string, AnyJobFunction>> {
  const module = (await import(pathToFileURL(resolve(path)).href)) as Readonly<Record<string, unknown>>;
  const functions = new Map<string, AnyJobFunction>();
  for (const value of Object.values(module).flat()) {
    if (!isFunctionJob(value)) continue;
    const known = functions.get(value.name);
    if (known && known !== value.run) throw new Error(`${path} exports two jobs named "${value.name}".`);
    functions.set(value.name, value.run);
  }
  return functions;
}

function isFunctionJob(value: unknown): value is { readonly name: string; readonly run: AnyJobFunction } {
  if (typeof value !== 'object' || value === null || !('name' in value) || !('run' in value)) return false;
  return typeof value.name === 'string' && typeof value.run === 'function';
}
