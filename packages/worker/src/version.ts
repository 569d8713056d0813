/** Version of this package, as its manifest states it. */
import { readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};

/** What workers say of themselves. */
export const WORKER_VERSION = manifest.version;
