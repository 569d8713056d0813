/** The commands of waives, overrides and holds, with their flags. */
import { Option } from 'commander';
import type { Command } from 'commander';
import type { Parsers } from './plan-commands.js';
import type { Run } from './program.js';

const LANES = ['scheduled', 'chain', 'manual', 'scratch', 'backfill'];

export function addOperationCommands(program: Command, run: Run, parsers: Parsers): void {
  const { wholeNumber, keyValue } = parsers;
  const begins = (command: Command, lasts: string) =>
    command
      .option('--reason <text>', 'why; it is shown wherever it has an effect')
      .option('--until <time>', `when it ends: 8h, a date, or a time with offset; ${lasts}`);
  begins(program.command('waive [run] [upstream]'), 'default a day from now')
    .description('let one run not wait for an upstream, or for one run of it; others still wait')
    .option('--end <id>', 'end a waive', wholeNumber)
    .action(run(async () => (await import('./commands/operations.js')).waive));
  begins(program.command('override [selection]'), 'default a day from now')
    .description('change jobs for a while, for all slots or a range, without touching their definitions')
    .option(
      '--effect <effect...>',
      'skip, pass, freeze, not-before=TIME, pool=NAME, priority=N, timeout=2h; several may be given',
    )
    .option('-p, --param <key=value>', 'a parameter of the jobs; may be repeated', keyValue, {})
    .option('--from <slot>', 'first slot: a business date, or an instant with offset; default all')
    .option('--to <slot>', 'last slot')
    .option('--end <id>', 'end an override', wholeNumber)
    .action(run(async () => (await import('./commands/operations.js')).override));
  begins(program.command('hold [selection]'), 'default until it is released')
    .description('start nothing of a selection; default all')
    .addOption(new Option('--lane <lane...>', 'only these lanes').choices(LANES))
    .option('--key <key>', 'only jobs that take this concurrency key')
    .option('--pace <n>', 'starts a minute when it ends by itself', wholeNumber)
    .action(run(async () => (await import('./commands/operations.js')).hold));
  program
    .command('release <id>')
    .description('let go what is held')
    .option('--pace <n>', 'starts a minute; default all at once', wholeNumber)
    .action(run(async () => (await import('./commands/operations.js')).release));
  program
    .command('operations')
    .description('list the waives, overrides and holds that are in force, and what ends each')
    .action(run(async () => (await import('./commands/operations.js')).operations));
}
