/**
 * Import of crontab files: lines become schedules of the unix dialect and commands, with the variables and
 * the zone that hold at their line. Jenkins' `H` (a value derived from a seed, to spread load) is resolved
 * once, by cron-parser, into a plain expression that anybody can read; nothing random is kept.
 */
import { CronExpressionParser } from 'cron-parser';
import { parseUnix } from './calendar/cron-unix.js';
import { checkZone } from './calendar/time-zone.js';
import { cronError } from './calendar/cron-sets.js';
import { isSchedulerError } from './model/errors.js';
import type { ScheduleObject } from './model/schedule.js';

/** How a crontab is read. */
export interface CrontabOptions {
  /** Makes `H` differ from one file or estate to another; default empty. */
  readonly seed?: string;
  /** Whether a user name stands before the command, as in /etc/crontab; default no. */
  readonly withUser?: boolean;
}

/** One job of a crontab. */
export interface CrontabEntry {
  /** Counts from 1. */
  readonly line: number;
  /** In the unix dialect, `H` resolved; with a zone where `CRON_TZ` names one. */
  readonly schedule: ScheduleObject;
  /** Up to the first `%` that no backslash precedes; `\%` is read as `%`. */
  readonly command: string;
  /** What follows that `%`, further ones read as line ends; null when there is none. */
  readonly input: string | null;
  /** Null unless `withUser`. */
  readonly user: string | null;
  /** Variables set above this line. */
  readonly variables: Readonly<Record<string, string>>;
}

/** A line that is not imported, and why. */
export interface CrontabProblem {
  readonly line: number;
  readonly text: string;
  readonly message: string;
}

/** What a crontab holds: jobs, and the lines that are none. */
export interface Crontab {
  readonly entries: readonly CrontabEntry[];
  readonly problems: readonly CrontabProblem[];
}

/** Reads a crontab. Never throws: a line that cannot be imported, `@reboot` among them, is a problem. */
export function parseCrontab(text: string, options: CrontabOptions = {}): Crontab {
  const entries: CrontabEntry[] = [];
  const problems: CrontabProblem[] = [];
  let variables: Readonly<Record<string, string>> = {};
  text.split(/\r?\n/).forEach((raw, index) => {
    const source = { line: index + 1, text: raw.trim() };
    if (source.text === '' || source.text.startsWith('#')) return;
    const variable = VARIABLE.exec(source.text);
    if (variable !== null) {
      const [, name = '', value = ''] = variable;
      variables = { ...variables, [unquoted(name)]: unquoted(value) };
      return;
    }
    try {
      entries.push(readEntry(source, variables, options));
    } catch (error) {
      if (!isSchedulerError(error)) throw error;
      problems.push({ ...source, message: error.message });
    }
  });
  return { entries, problems };
}

/**
 * The expression with each `H`, `H(1-7)` and `H/10` replaced by values that the seed decides: the same seed
 * always gives the same expression. Without an `H` the expression comes back as it is. Throws CRON_INVALID.
 */
export function resolveHash(expression: string, seed: string): string {
  if (!/(^|[\s,])H/.test(expression)) return expression;
  try {
    // An empty seed makes cron-parser draw a random one.
    return CronExpressionParser.parse(expression, { hashSeed: `hera ${seed}` }).stringify();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw cronError(expression, 'fields', `must be readable with H: ${reason}`);
  }
}

/** `NAME = value`; a schedule cannot look like it, since `=` is in no field. */
const VARIABLE = /^([A-Za-z_"'][^\s=]*)\s*=\s*(.*)$/;

function readEntry(
  { line, text }: { readonly line: number; readonly text: string },
  variables: Readonly<Record<string, string>>,
  { seed = '', withUser = false }: CrontabOptions,
): CrontabEntry {
  const count = text.startsWith('@') ? 1 : 5;
  const match = new RegExp(
    `^(\\S+(?:\\s+\\S+){${count - 1}})${withUser ? '\\s+(\\S+)' : '()'}\\s+(\\S.*)$`,
  ).exec(text);
  if (match === null) {
    const parts = `${count === 1 ? 'an alias' : '5 fields'}${withUser ? ', a user' : ''} and a command`;
    throw cronError(text, 'line', `must be ${parts}`);
  }
  const [, fields = '', user = '', rest = ''] = match;
  const expression = resolveHash(fields.replace(/\s+/g, ' '), `${seed} ${rest}`);
  parseUnix(expression);
  const zone = variables['CRON_TZ'];
  const [command = '', ...input] = rest.split(/(?<!\\)%/).map((part) => part.replaceAll('\\%', '%'));
  return {
    line,
    schedule: { cron: expression, dialect: 'unix', ...(zone !== undefined && { zone: checkZone(zone) }) },
    command: command.trimEnd(),
    input: input.length === 0 ? null : input.join('\n'),
    user: withUser ? user : null,
    variables,
  };
}

const unquoted = (text: string) => text.trim().replace(/^(["'])(.*)\1$/, '$2');
