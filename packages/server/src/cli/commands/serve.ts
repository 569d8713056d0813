/** `hera server`: one server of any number, with workers on other machines. Settings come by `HERA_*`. */
import { readClusterConfig } from '../../cluster-config.js';
import { startClusterServer } from '../../cluster-server.js';
import { HomeTaken } from '../../server.js';
import type { CommandFunction } from '../../terminal/command.js';
import { CliError, EXIT } from '../../terminal/exit.js';
import { observerOf } from '../../terminal/observer.js';
import { stopSignal } from './stop-signal.js';

export const serveCluster: CommandFunction<object> = async (context) => {
  const { terminal, environment } = context;
  const { texts } = terminal;
  const config = readClusterConfig(environment);
  const stopping = stopSignal();
  const server = await startClusterServer(config, observerOf(context)).catch((error: unknown) => {
    throw error instanceof HomeTaken ? new CliError(EXIT.conflict, error.message) : error;
  });
  try {
    if (terminal.isForPrograms) {
      terminal.show({ url: server.url, signIn: server.signInLink, home: config.home }, () => '');
    } else {
      terminal.line(texts.started(server.url));
      terminal.line(texts.signIn(server.signInLink));
      terminal.line(texts.workersConnect(config.workers));
    }
    await stopping;
    terminal.note(texts.stopping);
    return EXIT.done;
  } finally {
    await server.stop();
  }
};
