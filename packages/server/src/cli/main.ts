/** Entry of the `hera` command. */
import { runCli } from './program.js';

// A reader that has gone (`hera … | head`) is no error; what is left to say has nobody to hear it.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

void runCli(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  columns: process.stderr.isTTY ? process.stderr.columns : null,
  environment: process.env,
}).then((exit) => {
  process.exitCode = exit;
});
