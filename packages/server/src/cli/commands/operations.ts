/** `hera waive`, `override`, `hold`, `release` and `operations`: what operators say over definitions. */
import type { InputOf, Operations } from '@hera/api';
import { formatDuration, parseDuration } from '@hera/core';
import type { Duration } from '@hera/core';
import type { CommandContext, CommandFunction } from '../../terminal/command.js';
import { CliError, EXIT } from '../../terminal/exit.js';
import { connect } from '../../terminal/remote.js';
import { localText, parseTimeFlag } from '../../terminal/times.js';

type Kind = 'waive' | 'override' | 'hold';
type OverrideBody = InputOf<'beginOverride'>['body'];
type Effect = OverrideBody['effect'];

interface BeginFlags {
  readonly reason?: string;
  readonly until?: string;
}

interface EndFlags {
  readonly end?: number;
}

export const waive: CommandFunction<BeginFlags & EndFlags> = async (context, { args, options }) => {
  const [run = '', upstream = ''] = args;
  if (options.end !== undefined) {
    const client = await connect(context);
    return ended(context, 'waive', await client.endWaive({ params: { waive: options.end }, body: {} }));
  }
  if (run === '' || upstream === '') throw usage('a run and an upstream, or --end with a number', 'waive');
  const body = { run, upstream, ...beginOf(options, 'waive') };
  const client = await connect(context);
  return begun(context, 'waive', await client.beginWaive({ body }));
};

interface OverrideFlags extends BeginFlags, EndFlags {
  readonly effect?: readonly string[];
  readonly param: Readonly<Record<string, string>>;
  readonly from?: string;
  readonly to?: string;
}

export const override: CommandFunction<OverrideFlags> = async (context, { args, options }) => {
  const [select = ''] = args;
  const { end, effect: words = [], param, from, to } = options;
  if (end !== undefined) {
    const client = await connect(context);
    return ended(context, 'override', await client.endOverride({ params: { override: end }, body: {} }));
  }
  if (select === '') throw usage('a selection, or --end with a number', 'override');
  const hasParams = Object.keys(param).length > 0;
  if (words.length === 0 && !hasParams) throw usage('--effect or --param', 'override');
  const effect = Object.assign({}, ...words.map(effectOf), hasParams && { params: param }) as Effect;
  const range = rangeOf(from, to);
  const body = { select, effect, ...(range && { range }), ...beginOf(options, 'override') };
  const client = await connect(context);
  return begun(context, 'override', await client.beginOverride({ body }));
};

interface HoldFlags extends BeginFlags {
  readonly lane?: NonNullable<InputOf<'beginHold'>['body']['lanes']>;
  readonly key?: string;
  readonly pace?: number;
}

export const hold: CommandFunction<HoldFlags> = async (context, { args, options }) => {
  const [select = '*'] = args;
  const { lane: lanes, key, pace } = options;
  const body = {
    select,
    ...(lanes !== undefined && { lanes }),
    ...(key !== undefined && { key }),
    ...(pace !== undefined && { pace }),
    ...beginOf(options, 'hold'),
  };
  const client = await connect(context);
  return begun(context, 'hold', await client.beginHold({ body }));
};

export const release: CommandFunction<{ readonly pace?: number }> = async (context, { args, options }) => {
  const [text = ''] = args;
  const id = Number(text);
  if (!Number.isSafeInteger(id) || id < 1)
    throw new CliError(EXIT.usage, `"${text}" is no number of a hold`, 'hera operations');
  const { pace } = options;
  const client = await connect(context);
  const input = { params: { hold: id }, body: { ...(pace !== undefined && { pace }) } };
  return ended(context, 'hold', await client.releaseHold(input));
};

export const operations: CommandFunction<object> = async (context) => {
  const { terminal } = context;
  const { texts } = terminal;
  const client = await connect(context);
  const rows = rowsOf(await client.listOperations());
  if (rows.length === 0 && !terminal.isForPrograms) terminal.line(texts.noOperations);
  const endText = (at: number | null) => (at === null ? texts.openEnd : localText(at, zoneHere()));
  terminal.list<Row>(rows, [
    { title: 'id', cell: ({ id }) => String(id) },
    { title: 'kind', cell: ({ kind }) => texts.operationKinds[kind] },
    { title: 'subject', cell: subjectOf },
    {
      title: 'effect',
      cell: (row) => {
        if (row.kind === 'override') return effectText(row.effect);
        return row.kind === 'hold' && row.state === 'releasing' ? texts.releasing(row.pace) : '';
      },
    },
    { title: 'until', cell: ({ until }) => endText(until) },
    { title: 'by', cell: ({ actor }) => actor },
    { title: 'reason', cell: ({ reason }) => reason },
    { title: 'end with', cell: ({ kind, id }) => endCommand(kind, id) },
  ]);
};

type Row =
  | ({ readonly kind: 'waive' } & Operations['waives'][number])
  | ({ readonly kind: 'override' } & Operations['overrides'][number])
  | ({ readonly kind: 'hold' } & Operations['holds'][number]);

const rowsOf = ({ waives, overrides, holds }: Operations): readonly Row[] =>
  [
    ...waives.map((each): Row => ({ kind: 'waive', ...each })),
    ...overrides.map((each): Row => ({ kind: 'override', ...each })),
    ...holds.map((each): Row => ({ kind: 'hold', ...each })),
  ].sort((a, b) => a.id - b.id);

function subjectOf(row: Row): string {
  if (row.kind === 'waive') return `${row.run} ← ${row.upstream}${row.slot === null ? '' : `@${row.slot}`}`;
  if (row.kind === 'hold')
    return [row.select, ...(row.lanes ?? []), ...(row.key === null ? [] : [row.key])].join(' ');
  if (row.range === null) return row.select;
  const { by, from, to } = row.range;
  const shown = (end: number | string | null) =>
    by === 'instant' && typeof end === 'number' ? new Date(end).toISOString() : (end ?? '');
  return `${row.select} ${shown(from)}…${shown(to)}`;
}

/** An effect in the words in which the command takes it. */
function effectText(effect: Operations['overrides'][number]['effect']): string {
  const { slots, freeze, notBefore, pool, priority, timeoutMs, params = {} } = effect;
  return [
    slots,
    freeze ? 'freeze' : undefined,
    notBefore === undefined ? undefined : `not-before=${new Date(notBefore).toISOString()}`,
    pool === undefined ? undefined : `pool=${pool}`,
    priority === undefined ? undefined : `priority=${priority}`,
    timeoutMs === undefined ? undefined : `timeout=${formatDuration(timeoutMs)}`,
    ...Object.entries(params).map(([key, value]) => `${key}=${value}`),
  ]
    .filter((word) => word !== undefined)
    .join(', ');
}

function effectOf(word: string): Effect {
  const at = word.indexOf('=');
  const [name, value] = at < 0 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)];
  if (at < 0 && (name === 'skip' || name === 'pass')) return { slots: name };
  if (at < 0 && name === 'freeze') return { freeze: true };
  if (value !== '') {
    if (name === 'not-before') return { notBefore: timeOf(value) };
    if (name === 'pool') return { pool: value };
    if (name === 'priority' && /^-?\d{1,4}$/.test(value)) return { priority: Number(value) };
    if (name === 'timeout') return { timeoutMs: parseDuration(value as Duration) };
  }
  const rule = 'skip, pass, freeze, not-before=TIME, pool=NAME, priority=N or timeout=2h';
  throw new CliError(EXIT.usage, `--effect: "${word}" is none of ${rule}`);
}

/** Both ends are of one kind: dates are business dates, times are instants of slots. */
function rangeOf(from: string | undefined, to: string | undefined): OverrideBody['range'] {
  const ends = [from, to].filter((end) => end !== undefined);
  if (ends.length === 0) return undefined;
  const dates = ends.filter((end) => /^\d{4}-\d{2}-\d{2}$/.test(end)).length;
  if (dates === ends.length)
    return { by: 'businessDate', ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  if (dates > 0)
    throw new CliError(EXIT.usage, '--from and --to must both be dates, or both times with offset');
  return {
    by: 'instant',
    ...(from !== undefined && { from: timeOf(from) }),
    ...(to !== undefined && { to: timeOf(to) }),
  };
}

function beginOf({ reason, until }: BeginFlags, command: Kind) {
  if (reason === undefined || reason.trim() === '') throw usage('--reason', command);
  return { reason, ...(until !== undefined && { until: timeOf(until) }) };
}

/** `8h` is so long from now; else a date or a time. */
function timeOf(text: string): number {
  if (!/^\d+[a-z]/.test(text)) return parseTimeFlag(text, zoneHere(), Date.now());
  return Date.now() + parseDuration(text as Duration);
}

const zoneHere = () => new Intl.DateTimeFormat().resolvedOptions().timeZone;

const usage = (needed: string, command: string) =>
  new CliError(EXIT.usage, `hera ${command} needs ${needed}`, `hera ${command} --help`);

const endCommand = (kind: Kind, id: number) =>
  kind === 'hold' ? `hera release ${id}` : `hera ${kind} --end ${id}`;

function begun({ terminal }: CommandContext, kind: Kind, { id }: { readonly id: number }): void {
  terminal.show({ id }, () => terminal.texts.operationBegun(kind, id, endCommand(kind, id)));
}

function ended({ terminal }: CommandContext, kind: Kind, { id }: { readonly id: number }): void {
  terminal.show({ id }, () => terminal.texts.operationEnded(kind, id));
}
