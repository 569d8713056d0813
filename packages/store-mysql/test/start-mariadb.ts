/** One MariaDB for all suites of a run; each suite makes a database of its own. Suites skip without one. */
import type { TestProject } from 'vitest/node';
import { findMariadb, startMariadb } from '../../../tools/mariadb.mjs';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Null where the machine has no MariaDB. */
    readonly mariadb: { readonly socketPath: string; readonly port: number } | null;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (findMariadb() === null) {
    console.log('The tests of the MySQL store are skipped without: apt-get install mariadb-server-core');
    project.provide('mariadb', null);
    return () => Promise.resolve();
  }
  const server = await startMariadb();
  project.provide('mariadb', { socketPath: server.socketPath, port: server.port });
  return server.stop;
}
