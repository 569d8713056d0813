/** The commands of plans, with their flags. */
import { Option } from 'commander';
import type { Command } from 'commander';
import type { Run } from './program.js';

/** How flags become values. */
export interface Parsers {
  readonly wholeNumber: (text: string) => number;
  readonly keyValue: (text: string, before: Readonly<Record<string, string>>) => Record<string, string>;
}

export function addPlanCommands(program: Command, run: Run, parsers: Parsers): void {
  const range = (command: Command) =>
    command
      .option('--for <slot>', 'one slot: a business date, or an instant with offset')
      .option('--from <slot>', 'first slot: a business date, or an instant with offset')
      .option('--to <slot>', 'last slot; default the first');
  withPlanFlags(range(program.command('rerun <selection...>')), parsers)
    .description('run a selection again; runs may be among the names: orders@20261123T020000Z+')
    .action(run(async () => (await import('./commands/plans.js')).rerun));
  withPlanFlags(program.command('rerun-chain <run...>'), parsers)
    .description('run one run, or several, again and in order all that is bound to them')
    .action(run(async () => (await import('./commands/plans.js')).rerunChain));
  withPlanFlags(range(program.command('backfill <selection...>')), parsers)
    .description('run the slots of a range, by default those that never ran, date by date')
    .action(run(async () => (await import('./commands/plans.js')).backfill));
  const plan = program.command('plan').description('look at plans and move them on');
  plan
    .command('list')
    .description('list plans, the newest first')
    .action(run(async () => (await import('./commands/plans.js')).planList));
  plan
    .command('show <plan>')
    .description('show how far a plan has come, and what failed')
    .action(run(async () => (await import('./commands/plans.js')).planShow));
  for (const [verb, description] of VERBS) {
    plan
      .command(`${verb} <plan>`)
      .description(description)
      .action(run(async () => (await import('./commands/plans.js')).planControl(verb)));
  }
}

const VERBS = [
  ['start', 'start a plan that was made and looked at'],
  ['pause', 'start none of its members until it is resumed'],
  ['resume', 'go on with a paused plan; of a failed one, begin its failed members again'],
  ['cancel', 'end it, and cancel its members that have not ended'],
] as const;

function withPlanFlags(command: Command, { wholeNumber, keyValue }: Parsers): Command {
  return command
    .option('-x, --exclude <item...>', 'runs or selections left out; between others they count as done')
    .addOption(new Option('--only <which>', 'which slots').choices(['missing', 'failed', 'all']))
    .option('--parallel <n>', 'dates under way at once', wholeNumber)
    .option('--max <n>', 'attempts at once', wholeNumber)
    .option('--hours <from-to>', 'start members only then: 22:00-06:00')
    .option('--zone <zone>', 'zone of --hours')
    .option('--stop', 'start nothing new after a failure; default go round it')
    .option('--downstream', 'let successes make jobs outside the plan run again')
    .option('-p, --param <key=value>', 'a parameter, or a config key; may be repeated', keyValue, {})
    .option('--reason <text>', 'kept with the plan')
    .option('--start', 'start it at once');
}
