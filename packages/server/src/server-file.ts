/** Where a running server says how the commands of the same person on the same machine reach it. */
import { join } from 'node:path';
import type { ProcessIdentity } from './process-identity.js';

/** Readable by its owner only: it holds a token. */
export const serverFile = (home: string) => join(home, 'server.json');

/** What it holds. */
export interface LocalServer {
  readonly url: string;
  readonly token: string;
  readonly process: ProcessIdentity;
}
