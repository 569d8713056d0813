/** A server as a command: it starts, says where it is, and runs until a person or the system ends it. */
import { HomeTaken } from '../../server.js';
import type { RunningServer } from '../../serve.js';
import type { CommandContext } from '../../terminal/command.js';
import { CliError, EXIT } from '../../terminal/exit.js';
import type { ExitCode } from '../../terminal/exit.js';

/** What differs between the commands. */
export interface ServerCommand {
  readonly start: () => Promise<RunningServer>;
  readonly home: string;
  /** The last line that people see. */
  readonly hint: string;
  /** What is done before the server is told of. */
  readonly prepare?: (server: RunningServer) => Promise<void>;
}

/** Runs the server until it is told to stop. Exits 5 when another server has the home. */
export async function runServer(
  { terminal }: CommandContext,
  { start, home, hint, prepare }: ServerCommand,
): Promise<ExitCode> {
  const { texts } = terminal;
  const stopping = stopSignal();
  const server = await start().catch((error: unknown) => {
    throw error instanceof HomeTaken ? new CliError(EXIT.conflict, error.message) : error;
  });
  try {
    await prepare?.(server);
    if (terminal.isForPrograms) {
      terminal.show({ url: server.url, signIn: server.signInLink, home }, () => '');
    } else {
      terminal.line(texts.started(server.url));
      terminal.line(texts.signIn(server.signInLink));
      terminal.line(hint);
    }
    await stopping;
    terminal.note(texts.stopping);
    return EXIT.done;
  } finally {
    await server.stop();
  }
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let isAsked = false;
    const ask = () => {
      if (isAsked) process.exit(EXIT.interrupted);
      isAsked = true;
      resolve();
    };
    process.on('SIGINT', ask);
    process.on('SIGTERM', ask);
  });
}
