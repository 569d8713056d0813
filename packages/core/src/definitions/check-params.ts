/** Parameters: a declaration must make sense, and its default must obey it. */
import { validateParams } from '../config/params.js';
import { isSchedulerError } from '../model/errors.js';
import type { JobDefinition, ParamDefinition } from '../model/job.js';
import type { PathStep } from './path.js';
import type { Report } from './report.js';

/** Checks the declarations of one job. */
export function checkParams(name: string, job: JobDefinition, report: Report): void {
  for (const [key, param] of Object.entries(job.params ?? {})) {
    const at = ['jobs', name, 'params', key];
    if (!checkPattern(at, param, report)) continue;
    for (const bound of ['min', 'max'] as const) {
      if (param[bound] !== undefined && (param.type === 'boolean' || param.type === 'date')) {
        report([...at, bound], 'bounds', `has no meaning for a parameter of type ${param.type}`);
      }
    }
    if ((param.min ?? -Infinity) > (param.max ?? Infinity)) {
      report([...at, 'min'], 'bounds', `is ${param.min}, more than max, which is ${param.max}`);
    }
    const { enum: allowed = [], ...rest } = param;
    for (const [index, value] of allowed.entries())
      checkValue([...at, 'enum', index], rest, { value, report });
    if (param.default !== undefined) {
      checkValue([...at, 'default'], param, { value: param.default, report });
    }
  }
}

function checkPattern(at: readonly PathStep[], { pattern }: ParamDefinition, report: Report): boolean {
  if (pattern === undefined) return true;
  try {
    new RegExp(`^(?:${pattern})$`, 'u');
    return true;
  } catch {
    report([...at, 'pattern'], 'pattern', `is ${JSON.stringify(pattern)}, which is no regular expression`);
    return false;
  }
}

function checkValue(
  at: readonly PathStep[],
  param: ParamDefinition,
  found: { readonly value: string | number | boolean; readonly report: Report },
): void {
  try {
    validateParams({ it: param }, { it: found.value });
  } catch (error) {
    if (!isSchedulerError(error, 'PARAMETER_INVALID')) throw error;
    const rule = error.message.replace('parameter it: ', '');
    found.report(at, 'params', `breaks the rules of its declaration: ${rule}`);
  }
}
