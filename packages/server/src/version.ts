/** Version of the server, from its manifest. */
import { readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};

/** `0.1.0`. */
export const VERSION = manifest.version;
