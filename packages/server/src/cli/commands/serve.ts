/** `hera server`: one server of any number, with workers on other machines. Settings come by `HERA_*`. */
import { readClusterConfig } from '../../cluster-config.js';
import { startClusterServer } from '../../cluster-server.js';
import type { CommandFunction } from '../../terminal/command.js';
import { observerOf } from '../../terminal/observer.js';
import { runServer } from './run-server.js';

export const serveCluster: CommandFunction<object> = async (context) => {
  const config = readClusterConfig(context.environment);
  return runServer(context, {
    start: () => startClusterServer(config, observerOf(context)),
    home: config.home,
    hint: context.terminal.texts.workersConnect(config.workers),
  });
};
