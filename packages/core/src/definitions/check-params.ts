/** Parameters: a declaration must make sense, its default must obey it, and so must every value. */
import { parseDate } from '../calendar/civil.js';
import type { JobDefinition, ParamDefinition } from '../model/job.js';
import type { Report } from './report.js';

/** Checks the declarations of one job. */
export function checkParams(name: string, job: JobDefinition, report: Report): void {
  for (const [key, param] of Object.entries(job.params ?? {})) {
    const at = ['jobs', name, 'params', key];
    if (param.pattern !== undefined && patternOf(param.pattern) === null) {
      report(
        [...at, 'pattern'],
        'pattern',
        `is ${JSON.stringify(param.pattern)}, which is no regular expression`,
      );
      continue;
    }
    const isNumeric = param.type === 'integer' || param.type === 'number';
    for (const bound of ['min', 'max'] as const) {
      if (param[bound] !== undefined && !isNumeric) {
        report([...at, bound], 'bounds', `is for numbers; the parameter is of type ${param.type}`);
      }
    }
    if ((param.min ?? -Infinity) > (param.max ?? Infinity)) {
      report([...at, 'min'], 'bounds', `is ${param.min}, more than max, which is ${param.max}`);
    }
    for (const [index, value] of (param.enum ?? []).entries()) {
      const { enum: _, ...rest } = param;
      const fault = paramFault(rest, value);
      if (fault !== null)
        report([...at, 'enum', index], 'params', `is ${JSON.stringify(value)}; it ${fault}`);
    }
    if (param.default === undefined) continue;
    const fault = paramFault(param, param.default);
    if (fault !== null) {
      report([...at, 'default'], 'params', `is ${JSON.stringify(param.default)}; it ${fault}`);
    }
  }
}

/**
 * What is wrong with a value for a declared parameter, as a rule that begins with "must"; null when nothing
 * is. Values from a command line or a form come as text: `"8"` is a valid integer.
 */
export function paramFault(param: ParamDefinition, value: string | number | boolean): string | null {
  const text = String(value);
  const typeFault = TYPE_RULES[param.type](text);
  if (typeFault !== null) return typeFault;
  if (param.enum && !param.enum.map(String).includes(text)) return `must be one of ${param.enum.join(', ')}`;
  if (param.pattern !== undefined && patternOf(param.pattern)?.test(text) !== true) {
    return `must match ${param.pattern}`;
  }
  const isNumeric = param.type === 'integer' || param.type === 'number';
  if (isNumeric && Number(text) < (param.min ?? -Infinity)) return `must be at least ${param.min}`;
  if (isNumeric && Number(text) > (param.max ?? Infinity)) return `must be at most ${param.max}`;
  return null;
}

const TYPE_RULES: Readonly<Record<ParamDefinition['type'], (text: string) => string | null>> = {
  string: () => null,
  integer: (text) =>
    /^-?\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? null : 'must be a whole number',
  number: (text) => (text.trim() !== '' && Number.isFinite(Number(text)) ? null : 'must be a number'),
  boolean: (text) => (text === 'true' || text === 'false' ? null : 'must be true or false'),
  date: (text) => (parseDate(text) === null ? 'must be a date such as 2026-11-24' : null),
};

/** The pattern, held to the whole value; null when it is none. */
function patternOf(source: string): RegExp | null {
  try {
    return new RegExp(`^(?:${source})$`, 'u');
  } catch {
    return null;
  }
}
