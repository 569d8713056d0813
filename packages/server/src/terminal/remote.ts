/** The way to a server: the one named by --server, or the one that runs on this HERA_HOME. */
import { readFile } from 'node:fs/promises';
import { createClient } from '@hera/api';
import type { Client } from '@hera/api';
import { readConfig } from '../config.js';
import type { CommandContext } from './command.js';
import { CliError, EXIT } from './exit.js';
import { serverFile } from '../server-file.js';

/**
 * A client for the server; exits 7 when there is none. The token is HERA_TOKEN, or that of the local server.
 */
export async function connect({ server, environment }: CommandContext): Promise<Client> {
  const token = environment['HERA_TOKEN'];
  if (server !== undefined) return createClient({ baseUrl: server, token: () => token });
  const { home } = readConfig(environment);
  try {
    const local = JSON.parse(await readFile(serverFile(home), 'utf8')) as { url: string; token: string };
    return createClient({ baseUrl: local.url, token: () => token ?? local.token });
  } catch {
    throw new CliError(
      EXIT.unreachable,
      `no server runs on ${home}`,
      'start one with `hera up`, or name one with --server',
    );
  }
}
