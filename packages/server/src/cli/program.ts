/**
 * The `hera` command: flags that every command has, the commands, and the one place where errors become
 * exit codes. A command's code is loaded when it is called, so that `hera cron next` starts fast.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { CommandContext, CommandFunction } from '../terminal/command.js';
import { addOperationCommands } from './operation-commands.js';
import { addPlanCommands } from './plan-commands.js';
import { CliError, EXIT, describeError } from '../terminal/exit.js';
import type { ExitCode } from '../terminal/exit.js';
import { languageOf } from '../terminal/messages.js';
import { OUTPUTS, Terminal } from '../terminal/terminal.js';
import type { Output } from '../terminal/terminal.js';

/** The process around the command; tests give their own. */
export interface Surroundings {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly columns: number | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

interface GlobalFlags {
  readonly output: Output;
  readonly json?: boolean;
  readonly server?: string;
  readonly lang?: string;
}

/** Runs one command line, without the names of node and the script, and gives the exit code. */
export async function runCli(argv: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  let exit: ExitCode = EXIT.done;
  const program = createProgram(surroundings, (code) => {
    exit = code;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exit;
  } catch (error) {
    // Commander has already said what is wrong with the command line.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    const described = describeError(error);
    for (const line of described.lines) surroundings.err(`${line}\n`);
    return described.exit;
  }
}

function createProgram(surroundings: Surroundings, ended: (code: ExitCode) => void): Command {
  const program = new Command('hera')
    .description('Schedules jobs by time and by dependency.')
    .addOption(new Option('-o, --output <form>', 'form of the output').choices(OUTPUTS).default('table'))
    .option('--json', 'same as -o json')
    .option('--server <url>', 'server to ask; default the one that `hera up` started here')
    .addOption(new Option('--lang <language>', 'language of texts; default by LANG').choices(['en', 'zh']))
    .showHelpAfterError('(run with --help for usage)')
    .exitOverride()
    .configureOutput({ writeOut: surroundings.out, writeErr: surroundings.err })
    .addHelpText('after', `\n${EXIT_HELP}`);
  const run: Run =
    (load) =>
    async (...values) => {
      const command = values.at(-1) as Command;
      const context = contextOf(command.optsWithGlobals<GlobalFlags>(), surroundings);
      const args = values
        .slice(0, -2)
        .flat()
        .filter((value) => typeof value === 'string');
      const start = await load();
      ended((await start(context, { args, options: values.at(-2) as never })) ?? EXIT.done);
    };
  addFileCommands(program, run);
  addTimeCommands(program, run);
  addServerCommands(program, run);
  addFailureCommands(program, run);
  addPlanCommands(program, run, { wholeNumber, keyValue });
  addOperationCommands(program, run, { wholeNumber, keyValue });
  return program;
}

/** Loads a command when it is called, and makes of it what commander calls. */
export type Run = <Options>(
  load: () => Promise<CommandFunction<Options>>,
) => (...values: unknown[]) => Promise<void>;

function contextOf(flags: GlobalFlags, surroundings: Surroundings): CommandContext {
  const { environment } = surroundings;
  const locale = flags.lang ?? environment['LC_ALL'] ?? environment['LC_MESSAGES'] ?? environment['LANG'];
  return {
    terminal: new Terminal({
      out: surroundings.out,
      err: surroundings.err,
      columns: surroundings.columns,
      output: flags.json ? 'json' : flags.output,
      language: languageOf(locale),
    }),
    environment,
    server: flags.server ?? environment['HERA_SERVER'],
  };
}

function addFileCommands(program: Command, run: Run): void {
  program
    .command('run <file> [selection]')
    .description('run the jobs of a file or folder once, here, and wait for them')
    .option('-w, --workers <n>', 'attempts at once; default the number of cores', wholeNumber)
    .option('--scale <factor>', 'factor of the run times of a recorded workflow', positive, 1)
    .option('--resume', 'go on with the newest unfinished submission of the same file')
    .option('--at <time>', 'date of the scripts: a date, or a time with offset; default now')
    .option('-p, --param <key=value>', 'a parameter; may be repeated', keyValue, {})
    .action(run(async () => (await import('./commands/run.js')).runFile));
  program
    .command('validate <path...>')
    .description('say everything that is wrong with definition files')
    .option('--strict', 'warnings are errors')
    .action(run(async () => (await import('./commands/validate.js')).validate));
  program
    .command('simulate <path>')
    .description('play a day of the jobs in an instant: what would run when')
    .option('--from <time>', 'begin: a date, or a time with offset; default today')
    .option('--until <time>', 'end; default a day later')
    .option('--past <duration>', 'how long before it all is taken to have run well', '2d')
    .option('--zone <zone>', 'zone of dates and of the table', 'UTC')
    .option('--area <area>', 'region of the installation')
    .option('-w, --workers <n>', 'workers of one slot each', wholeNumber, 16)
    .option('--seed <n>', 'seed of everything random', wholeNumber, 1)
    .action(run(async () => (await import('./commands/simulate.js')).simulateDay));
  program
    .command('render <job>')
    .description('show the script of a job as it would run for a slot')
    .option('-f, --file <path>', 'definitions', '.')
    .option('--for <slot>', 'a date, or a time with offset; default now')
    .option('--area <area>', 'region whose config holds')
    .option('--explain', 'show where each replaced part comes from')
    .option('-p, --param <key=value>', 'a parameter; may be repeated', keyValue, {})
    .action(run(async () => (await import('./commands/render.js')).renderJob));
  program
    .command('schema')
    .description('print the JSON Schema of definition files, for editors')
    .action(run(async () => (await import('./commands/schema.js')).printSchema));
}

function addTimeCommands(program: Command, run: Run): void {
  const cron = program.command('cron').description('look at a cron expression');
  cron
    .command('next <expression>')
    .description('print the next times of an expression')
    .option('-n, --count <n>', 'how many', wholeNumber, 5)
    .option('--zone <zone>', 'zone of the expression', 'UTC')
    .option('--after <time>', 'after this time; default now')
    .addOption(
      new Option('--dialect <dialect>', 'default by the number of fields').choices(['unix', 'quartz']),
    )
    .addOption(new Option('--dst <rule>', 'daylight saving').choices(['standard', 'quartz']))
    .action(run(async () => (await import('./commands/cron.js')).cronNext));
  cron
    .command('explain <expression>')
    .description('say an expression in words')
    .option('--zone <zone>', 'zone of the expression', 'UTC')
    .addOption(
      new Option('--dialect <dialect>', 'default by the number of fields').choices(['unix', 'quartz']),
    )
    .action(run(async () => (await import('./commands/cron.js')).cronExplain));
}

function addServerCommands(program: Command, run: Run): void {
  program
    .command('up [path]')
    .description('start everything on this machine: scheduler, worker, pages')
    .option('--slots <n>', 'attempts at once; default the number of cores', wholeNumber)
    .option('--port <n>', 'first port to try; default HERA_PORT or 8080', wholeNumber)
    .action(run(async () => (await import('./commands/up.js')).up));
  program
    .command('apply <path...>')
    .description('make the estate of a server what the files say, all or nothing')
    .option('--source <name>', 'who owns the jobs', 'files')
    .option('--prune', 'retire jobs of the source that the files no longer have')
    .action(run(async () => (await import('./commands/apply.js')).apply));
  program
    .command('server')
    .description('start a server for workers on other machines, alone or beside others; see HERA_* in --help')
    .action(run(async () => (await import('./commands/serve.js')).serveCluster));
  program
    .command('why <run>')
    .description('say why a run, or the newest run of a job, is not running')
    .action(run(async () => (await import('./commands/look.js')).why));
  program
    .command('approve <run>')
    .description('open the approval gates that a run waits for')
    .option('--gate <name>', 'only this one')
    .option('--reason <text>', 'kept with it')
    .action(run(async () => (await import('./commands/gates.js')).approve));
  program
    .command('event <name>')
    .description('post an event: event gates of its slot or business date open, also those of runs to come')
    .option('--for <slot>', 'instant of the slot, ISO 8601 with offset')
    .option('--date <date>', 'business date, 2026-11-23')
    .option('--payload <json>', 'kept with it')
    .option('--keep <duration>', 'how long it counts; default 7d')
    .action(run(async () => (await import('./commands/gates.js')).postEvent));
  program
    .command('logs <attempt>')
    .description('print the output of an attempt, or of the newest one of a run or a job')
    .option('-f, --follow', 'go on until it ends')
    .action(run(async () => (await import('./commands/look.js')).logs));
  addForecastCommands(program, run);
  program
    .command('doctor')
    .description('check what this machine has for running jobs')
    .action(run(async () => (await import('./commands/doctor.js')).doctor));
}

function addFailureCommands(program: Command, run: Run): void {
  const worker = program.command('worker').description('let workers on other machines in');
  worker
    .command('enroll')
    .description('print a token by which new workers come in')
    .option('--uses <n>', 'how many workers may use it', wholeNumber, 1)
    .option('--hours <n>', 'how long it lasts', wholeNumber, 24)
    .option('--pool <name...>', 'pools that the workers serve')
    .option('--label <key=value>', 'a label of the workers; may be repeated', keyValue, {})
    .action(run(async () => (await import('./commands/worker-enroll.js')).workerEnroll));
  worker
    .command('release <name>')
    .description('take a worker out of quarantine')
    .action(run(async () => (await import('./commands/incidents.js')).releaseWorker));
  program
    .command('incidents')
    .description('list what has failed and is not mended, one line per first cause')
    .option('--all', 'closed ones too')
    .action(run(async () => (await import('./commands/incidents.js')).incidents));
  program
    .command('ack <incident>')
    .description('say that you look at an incident')
    .option('--note <text>', 'what you know of it')
    .option('--assign <name>', 'whose it is')
    .option('--snooze <duration>', 'tell nothing more of it for so long: 30m, 8h')
    .action(run(async () => (await import('./commands/incidents.js')).acknowledge));
}

function addForecastCommands(program: Command, run: Run): void {
  const load = run(async () => (await import('./commands/forecast.js')).forecast);
  const forecasts = [
    program.command('tonight').description('say what will run tonight, and which commitments will be kept'),
    program.command('forecast <selection>').description('the same for some jobs'),
  ];
  for (const command of forecasts) {
    command
      .option('--until <time>', 'slots up to then; default a day from now')
      .option('--critical', 'only the way that takes longest')
      .option('--zone <zone>', 'zone of the times; default that of this machine')
      .action(load);
  }
  program
    .command('diff <path...>')
    .description('say what applying definition files would change, and what that would do')
    .option('--days <n>', 'days to look ahead', wholeNumber, 7)
    .option('--exit-code', 'exit 8 when there are differences')
    .action(run(async () => (await import('./commands/forecast.js')).diff));
  program
    .command('impact <job>')
    .description('say what a change of a job would do to the runs of the days to come')
    .option('--delete', 'the job is deleted')
    .option('--disable', 'the job is disabled')
    .option('--schedule <expression>', 'the job is due at other times')
    .option('--days <n>', 'days to look ahead', wholeNumber, 7)
    .action(run(async () => (await import('./commands/forecast.js')).impact));
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text) && Number(text) > 0) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1.');
}

function positive(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new InvalidArgumentError('It must be a number from 0.');
}

function keyValue(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const at = text.indexOf('=');
  if (at <= 0) throw new InvalidArgumentError('It must be key=value.');
  const key = text.slice(0, at);
  if (key === '__proto__') throw new CliError(EXIT.usage, `"${key}" is no parameter`);
  return { ...before, [key]: text.slice(at + 1) };
}

const EXIT_HELP = `Exit codes: 0 done, 1 unexpected, 2 usage or invalid definitions, 3 not found,
4 not allowed, 5 conflict, 6 --wait timed out, 7 unreachable, 8 differences, 10 run failed,
11 run canceled, 130 Ctrl-C`;
