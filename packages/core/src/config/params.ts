/**
 * Parameters come from whoever asks for a run, who need not be the author of its script. So the author
 * declares them with type and rules, they reach the script in the environment, and they are put into its
 * text only where they cannot be read as anything but data.
 */
import { SchedulerError } from '../model/errors.js';
import type { ParamDefinition } from '../model/job.js';
import { patternProblem, valuePattern } from './pattern.js';
import type { ValuePattern } from './pattern.js';

/** The parameters a job declares, by name. */
export type ParamDefinitions = Readonly<Record<string, ParamDefinition>>;

/** UTF-16 units; longer texts belong in a file. */
const LENGTH_MAX = 4096;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** No quote, space, or character that a shell or SQL gives a meaning of its own. */
const HARMLESS = /^[\p{L}\p{N}_.,:/@%+=-]*$/u;

/**
 * Checks what was given against what is declared, fills in defaults, and makes text of everything.
 * PARAMETER_INVALID names the parameter and the rule it breaks: `declared`, `required`, `name`, `type`,
 * `enum`, `pattern`, `min`, `max`, `length` or `text`.
 */
export function validateParams(
  declared: ParamDefinitions,
  given: Readonly<Record<string, string | number | boolean>>,
): Record<string, string> {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(declared, name)) refuse(name, 'declared', 'the job declares no such parameter');
  }
  const values: [string, string][] = [];
  for (const [name, definition] of Object.entries(declared)) {
    if (!NAME.test(name)) refuse(name, 'name', 'a name is made of letters a to z, digits and _');
    const value = (Object.hasOwn(given, name) ? given[name] : undefined) ?? definition.default;
    if (value === undefined && definition.required === true)
      refuse(name, 'required', 'a value must be given');
    if (value === undefined) continue;
    const text = String(value);
    checkParam(name, definition, text);
    values.push([name, text]);
  }
  return Object.fromEntries(values);
}

/** The environment that carries parameters to an attempt: `region` is `HERA_PARAM_REGION`. */
export function paramEnvironment(params: Readonly<Record<string, string>>): Record<string, string> {
  const environment = new Map<string, string>();
  for (const [name, value] of Object.entries(params)) {
    const variable = `HERA_PARAM_${name.toUpperCase()}`;
    if (environment.has(variable)) refuse(name, 'name', `another parameter is also ${variable}`);
    environment.set(variable, value);
  }
  return Object.fromEntries(environment);
}

/**
 * Checks that a value may stand in the text of a script. Types other than string, enumerations and patterns
 * are the author's word for it; a string without either must consist of letters, digits and `_ . , : / @ %
 * + = -`. PARAMETER_INVALID. Without a definition the value is held to that rule too.
 */
export function checkParamInText(name: string, value: string, definition?: ParamDefinition): void {
  if (definition !== undefined) checkParam(name, definition, value);
  const isFree =
    definition === undefined ||
    (definition.type === 'string' && definition.enum === undefined && definition.pattern === undefined);
  if (isFree && !HARMLESS.test(value)) {
    refuse(
      name,
      'pattern',
      'to stand in a script it needs a declared pattern, or only letters, digits and _.,:/@%+=-',
    );
  }
}

function checkParam(name: string, definition: ParamDefinition, value: string): void {
  if (value.length > LENGTH_MAX) refuse(name, 'length', `at most ${LENGTH_MAX} characters`);
  // An environment variable cannot hold NUL, and no parameter needs the others.
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(value))
    refuse(name, 'text', 'no control characters');
  if (!isOfType(definition.type, value)) refuse(name, 'type', `${quoted(value)} is no ${definition.type}`);
  if (definition.enum !== undefined && !definition.enum.map(String).includes(value)) {
    refuse(name, 'enum', `${quoted(value)} is none of ${definition.enum.join(', ')}`);
  }
  if (definition.pattern !== undefined && !patternOf(name, definition.pattern).matches(value)) {
    refuse(name, 'pattern', `${quoted(value)} does not match ${definition.pattern}`);
  }
  checkRange(name, definition, value);
}

/** Numbers have a range of values, strings one of lengths; dates and truth values have none. */
function checkRange(name: string, { type, min, max }: ParamDefinition, value: string): void {
  if (type !== 'integer' && type !== 'number' && type !== 'string') return;
  const size = type === 'string' ? [...value].length : Number(value);
  const what = type === 'string' ? `a length of ${size}` : value;
  if (min !== undefined && size < min) refuse(name, 'min', `${what} is less than ${min}`);
  if (max !== undefined && size > max) refuse(name, 'max', `${what} is more than ${max}`);
}

function isOfType(type: ParamDefinition['type'], value: string): boolean {
  switch (type) {
    case 'string':
      return true;
    case 'boolean':
      return value === 'true' || value === 'false';
    case 'integer':
      return /^-?\d+$/.test(value) && Number.isSafeInteger(Number(value));
    case 'number':
      return /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(value) && Number.isFinite(Number(value));
    case 'date':
      return isDate(value);
  }
}

function isDate(value: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(value)) return false;
  const at = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(value);
}

function patternOf(name: string, pattern: string): ValuePattern {
  const problem = patternProblem(pattern);
  return problem === null
    ? valuePattern(pattern)
    : refuse(name, 'pattern', `its pattern is none: ${problem}`);
}

const SHOWN_MAX = 40;
const quoted = (value: string) =>
  JSON.stringify(value.length > SHOWN_MAX ? `${value.slice(0, SHOWN_MAX)}…` : value);

function refuse(parameter: string, rule: string, message: string): never {
  throw new SchedulerError('PARAMETER_INVALID', `parameter ${parameter}: ${message}`, { parameter, rule });
}
