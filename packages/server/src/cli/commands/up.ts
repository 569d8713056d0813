/**
 * `hera up`: everything on this machine, from one command: scheduler, worker, pages, and a living example.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readConfig } from '../../config.js';
import { startServer } from '../../server.js';
import type { RunningServer } from '../../serve.js';
import type { CommandContext, CommandFunction } from '../../terminal/command.js';
import { CliError, EXIT } from '../../terminal/exit.js';
import { loadValid } from '../../terminal/load-valid.js';
import { observerOf } from '../../terminal/observer.js';
import { runServer } from './run-server.js';

interface UpFlags {
  readonly slots?: number;
  readonly port?: number;
}

const EXAMPLE = fileURLToPath(new URL('../../../../../examples/living', import.meta.url));

export const up: CommandFunction<UpFlags> = async (context, { args: [path], options }) => {
  const { terminal, environment } = context;
  const base = readConfig(environment);
  const config = { ...base, slots: options.slots ?? base.slots, port: options.port ?? base.port };
  // Definitions are read before anything starts: a wrong file must not leave half a server behind.
  const own = path ?? join(config.home, 'definitions');
  const loaded = path !== undefined || existsSync(own) ? await loadValid([own]) : null;
  if (loaded !== null && loaded.functions.length > 0) {
    throw new CliError(EXIT.usage, 'jobs that are functions run in `hera run FILE` or in your own program');
  }
  return runServer(context, {
    start: () => startServer(config, observerOf(context)),
    home: config.home,
    hint: terminal.texts.stopHint(config.home),
    prepare: async (server) => {
      if (loaded !== null) await server.engine.hera?.apply(loaded.definitions, { source: 'files' });
      else await loadExample(server, context);
    },
  });
};

/** A first look should show something that lives; an estate that has jobs is left alone. */
async function loadExample({ engine }: RunningServer, { terminal }: CommandContext): Promise<void> {
  const { items } = await engine.queries.jobs({ limit: 1 });
  if (items.length > 0 || !existsSync(EXAMPLE)) return;
  const { definitions } = await loadValid([EXAMPLE]);
  await engine.hera?.apply(definitions, { source: 'example' });
  terminal.note(terminal.texts.exampleLoaded(Object.keys(definitions.jobs ?? {}).length));
}
