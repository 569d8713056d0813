/** Commands that look ahead: the night foreseen, what a file or a change of a job would do. */
import type { Forecast, Impact } from '@hera/api';
import { loadValid } from '../../terminal/load-valid.js';
import type { CommandContext, CommandFunction } from '../../terminal/command.js';
import { CliError, EXIT } from '../../terminal/exit.js';
import { connect } from '../../terminal/remote.js';
import type { Terminal } from '../../terminal/terminal.js';
import { durationText, localText, parseTimeFlag } from '../../terminal/times.js';

interface ForecastFlags {
  readonly until?: string;
  readonly zone?: string;
  readonly critical?: true;
}

/** `hera tonight`, and `hera forecast SELECTION`: what will run when, and how commitments will go. */
export const forecast: CommandFunction<ForecastFlags> = async (context, { args: [select], options }) => {
  const { terminal } = context;
  const zone = options.zone ?? localZone();
  const until = options.until === undefined ? {} : { until: parseTimeFlag(options.until, zone, Date.now()) };
  const client = await connect(context);
  const found = await client.getForecast({ query: { ...until, ...(select !== undefined && { select }) } });
  if (!terminal.isForPrograms) sayCommitments(terminal, found, zone);
  const runs = found.runs.filter(({ critical }) => options.critical !== true || critical);
  const time = timeIn(zone, terminal);
  terminal.list<Forecast['runs'][number]>(runs, [
    { title: 'job', cell: ({ job }) => job },
    { title: 'slot', cell: ({ instant }) => time(instant) },
    { title: 'state', cell: ({ stands }) => terminal.texts.stands[stands] },
    { title: 'start', cell: ({ start }) => time(start) },
    { title: 'end', cell: ({ end }) => time(end) },
    { title: 'slack', cell: ({ slackMs }) => slackText(slackMs) },
    { title: '', cell: ({ critical }) => (critical ? '*' : '') },
  ]);
};

const slackText = (ms: number | null) =>
  ms === null ? '' : `${ms < 0 ? '-' : ''}${durationText(Math.abs(ms))}`;
const localZone = () => new Intl.DateTimeFormat().resolvedOptions().timeZone;
const timeIn =
  (zone: string, { texts }: Terminal) =>
  (at: number | null) =>
    at === null ? texts.neverEnds : localText(at, zone).slice(5, 16);

function sayCommitments(terminal: Terminal, { commitments }: Forecast, zone: string): void {
  const { texts } = terminal;
  const time = timeIn(zone, terminal);
  for (const { commitment, due, done, state, end, culprit } of commitments) {
    const standing = texts.commitmentStates[done ? 'met' : end === null || end > due ? 'atRisk' : state];
    terminal.line(texts.commitment(commitment, time(due), standing, done ? '' : time(end)));
    if (culprit) terminal.line(texts.culprits[culprit.why](culprit.job, durationText(culprit.byMs)));
  }
}

interface DiffFlags {
  readonly days: number;
  readonly exitCode?: true;
}

/** `hera diff PATH`: what applying the files would change, and what that would do. */
export const diff: CommandFunction<DiffFlags> = async (context, { args, options }) => {
  const { terminal } = context;
  const { definitions } = await loadValid(args);
  const client = await connect(context);
  const body = { definitions: definitions as Readonly<Record<string, unknown>>, days: options.days };
  const { changes, impact } = await client.diffDefinitions({ body });
  if (terminal.isForPrograms) terminal.line(JSON.stringify({ changes, impact }));
  else {
    for (const { kind, name, change } of changes) terminal.line(`${change} ${kind} ${name}`);
    sayImpact(terminal, impact);
  }
  return changes.length > 0 && options.exitCode === true ? EXIT.differences : EXIT.done;
};

interface ImpactFlags {
  readonly days: number;
  readonly delete?: true;
  readonly disable?: true;
  readonly schedule?: string;
}

/** `hera impact JOB --disable`: what a change of one job would do. */
export const impact: CommandFunction<ImpactFlags> = async (context: CommandContext, { args, options }) => {
  const { terminal } = context;
  const change = changeOf(options);
  const client = await connect(context);
  const found = await client.whatIf({ params: { job: args[0] ?? '' }, body: { change, days: options.days } });
  if (terminal.isForPrograms) terminal.line(JSON.stringify(found));
  else sayImpact(terminal, found);
};

function changeOf(options: ImpactFlags): 'delete' | 'disable' | { readonly schedule: string } {
  const { schedule } = options;
  const asked = [options.delete, options.disable, schedule].filter((each) => each !== undefined);
  if (asked.length !== 1)
    throw new CliError(EXIT.usage, 'say one of --delete, --disable and --schedule <expression>');
  if (schedule !== undefined) return { schedule };
  return options.delete === true ? 'delete' : 'disable';
}

function sayImpact(terminal: Terminal, found: Impact): void {
  const { texts } = terminal;
  const time = timeIn(localZone(), terminal);
  const { gone, new: fresh, moved, unmet } = found.counts;
  terminal.line(texts.impact(gone, fresh, moved, unmet));
  for (const { commitment, due, before, after } of found.commitments) {
    const states = texts.commitmentStates;
    terminal.line(texts.commitment(commitment, time(due), `${states[before]} → ${states[after]}`, ''));
  }
  terminal.list<Impact['runs'][number]>(found.runs, [
    { title: 'run', cell: ({ run }) => run },
    { title: 'change', cell: ({ change }) => texts.impactChanges[change] },
    { title: 'before', cell: ({ endBefore }) => (endBefore === null ? '' : time(endBefore)) },
    { title: 'after', cell: ({ endAfter }) => (endAfter === null ? '' : time(endAfter)) },
    { title: 'waits for', cell: ({ waitsFor }) => waitsFor ?? '' },
  ]);
}
