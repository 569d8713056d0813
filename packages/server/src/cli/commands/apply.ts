/** `hera apply PATH`: makes the estate of a server what the files say, all or nothing. */
import type { CommandFunction } from '../../terminal/command.js';
import { CliError, EXIT } from '../../terminal/exit.js';
import { loadValid } from '../../terminal/load-valid.js';
import { connect } from '../../terminal/remote.js';

interface ApplyFlags {
  readonly source: string;
  readonly prune?: true;
}

export const apply: CommandFunction<ApplyFlags> = async (context, { args, options }) => {
  const { terminal } = context;
  // Files are read and checked before the server is asked: a wrong one is told with its line.
  const loaded = await loadValid(args);
  if (loaded.functions.length > 0) {
    throw new CliError(EXIT.usage, 'jobs that are functions run in `hera run FILE` or in your own program');
  }
  const client = await connect(context);
  const { changes } = await client.applyDefinitions({
    body: { definitions: { ...loaded.definitions }, source: options.source, prune: options.prune ?? false },
  });
  if (changes.length === 0 && !terminal.isForPrograms) terminal.line(terminal.texts.nothingChanged);
  terminal.list(changes, [
    { title: 'change', cell: ({ change }) => change },
    { title: 'name', cell: ({ name }) => name },
  ]);
};
