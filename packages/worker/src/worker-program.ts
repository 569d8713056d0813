/**
 * The command `hera-worker`. A worker of its own needs a carrier to its scheduler over the network, which
 * this package does not bring; until one is composed with it, the command says so instead of pretending.
 */
import { WORKER_VERSION } from './version.js';

const USAGE = `hera-worker ${WORKER_VERSION}

Runs attempts for a scheduler on another machine. This build carries no network transport:
start the agent of this machine with "hera up" or "hera server", which bring their own.
`;

/** Exit code for what this build cannot do. */
const EXIT_USAGE = 2;

/** Prints what it is; anything but a question for help or version fails. */
export function main(args: readonly string[] = process.argv.slice(2)): void {
  if (args.includes('--version')) {
    process.stdout.write(`${WORKER_VERSION}\n`);
    return;
  }
  const isHelp = args.includes('--help');
  (isHelp ? process.stdout : process.stderr).write(USAGE);
  if (!isHelp) process.exitCode = EXIT_USAGE;
}
