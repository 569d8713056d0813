/** What a command is: a function of where it speaks, its arguments and its options. */
import type { ExitCode } from './exit.js';
import type { Terminal } from './terminal.js';

/** What every command gets. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Address of the server to ask; undefined: the one that `hera up` started here. */
  readonly server: string | undefined;
}

/** One call: arguments in order, those left out missing at the end; options by name. */
export interface CommandCall<Options> {
  readonly args: readonly string[];
  readonly options: Options;
}

/** Resolves with the exit code, nothing for 0; rejects with what `describeError` understands. */
export type CommandFunction<Options> = (
  context: CommandContext,
  call: CommandCall<Options>,
) => Promise<ExitCode | void>;
