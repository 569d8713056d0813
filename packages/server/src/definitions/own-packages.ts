/** Packages that a file of definitions may import wherever it lies, without a node_modules of its own. */
import { fileURLToPath } from 'node:url';

/** Path of each package's entry, the longer name first. */
export const OWN_PACKAGES: Readonly<Record<string, string>> = Object.fromEntries(
  ['@hera/core/cron', '@hera/core'].map((name) => [name, fileURLToPath(import.meta.resolve(name))]),
);
