/**
 * `${key}` in a script: config, declared parameters as `${param.x}`, results of upstreams as
 * `${upstream.orders.rows}`. What is put in is not looked at again, except that a value of config that is
 * nothing but one `${other}` stands for what that one stands for. Unknown names stay: a shell has its own.
 */
import { SchedulerError } from '../model/errors.js';
import { applyEdits, wholePart } from './draft.js';
import type { Draft, Edit, PartSource } from './draft.js';
import type { EffectiveConfig } from './inherit.js';
import { checkParamInText } from './params.js';
import type { ParamDefinitions } from './params.js';

/** What JSON can hold: the result of an attempt. */
export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** What variables can stand for. */
export interface VariableContext {
  readonly config: EffectiveConfig;
  readonly params?: Readonly<Record<string, string>>;
  /** Without it every parameter is held to the rule for plain strings. */
  readonly declared?: ParamDefinitions;
  /** Newest result of each upstream, by its name. */
  readonly upstream?: Readonly<Record<string, JsonValue>>;
  /** The text that keeps the place of a secret. */
  readonly placeholderOf: (secret: string) => string;
}

/** What a name stands for. */
export interface Variable {
  readonly text: string;
  readonly source: PartSource;
  readonly origin: string | null;
  /** Name of the secret, where it is one. */
  readonly secret: string | null;
}

/** `${name}`, the name being its first group. */
export const VARIABLE = /\$\{([^{}$]+)\}/g;
const ONE_VARIABLE = /^\$\{([^{}$]+)\}$/;
/** What is shown in place of a secret. */
export const MASK = '******';

/**
 * Puts variables in, in one pass. TEMPLATE_LOOP names the keys that stand for each other; PARAMETER_INVALID
 * when a parameter or result may not stand in a script (see `checkParamInText`).
 */
export function replaceVariables(draft: Draft, context: VariableContext): Draft {
  const known = new Map<string, Variable | null>();
  const edits: Edit[] = [];
  for (const match of draft.text.matchAll(VARIABLE)) {
    const [whole, key = ''] = match;
    const variable = known.get(key) ?? variableOf(key, context);
    known.set(key, variable);
    if (variable === null) continue;
    const { text, source, origin } = variable;
    const parts = wholePart(text, { source, key, origin, value: variable.secret === null ? text : MASK });
    edits.push({ start: match.index, end: match.index + whole.length, text, parts });
  }
  return applyEdits(draft, edits);
}

/** What `${key}` stands for; null when it stands for nothing. Throws as `replaceVariables` does. */
export function variableOf(key: string, context: VariableContext): Variable | null {
  const entry = context.config.entries.get(key);
  if (entry === undefined) return givenOf(key, context);
  const seen = [key];
  let value = entry.value;
  for (;;) {
    if (typeof value !== 'string') {
      const text = context.placeholderOf(value.secret);
      return { text, source: 'secret', origin: entry.origin, secret: value.secret };
    }
    const other = ONE_VARIABLE.exec(value)?.[1];
    if (other === undefined) break;
    if (seen.includes(other)) throw loop(seen.slice(seen.indexOf(other)));
    const next = context.config.entries.get(other);
    if (next === undefined) return givenOf(other, context) ?? plain(value, entry.origin);
    seen.push(other);
    value = next.value;
  }
  return plain(value, entry.origin);
}

const plain = (text: string, origin: string): Variable => ({ text, source: 'config', origin, secret: null });

/** Parameters and results: given by others, so what may stand in a script is checked. */
function givenOf(key: string, context: VariableContext): Variable | null {
  if (key.startsWith('param.')) return paramOf(key.slice('param.'.length), context);
  if (key.startsWith('upstream.')) return resultOf(key.slice('upstream.'.length), context);
  return null;
}

function paramOf(name: string, { params, declared }: VariableContext): Variable | null {
  const value = params !== undefined && Object.hasOwn(params, name) ? params[name] : undefined;
  if (value === undefined) return null;
  if (declared !== undefined && !Object.hasOwn(declared, name)) return null;
  checkParamInText(name, value, declared?.[name]);
  return { text: value, source: 'param', origin: null, secret: null };
}

/** Names of jobs may hold dots, so the longest upstream whose name begins the path is meant. */
function resultOf(path: string, { upstream = {} }: VariableContext): Variable | null {
  const steps = path.split('.');
  for (let length = steps.length; length > 0; length--) {
    const name = steps.slice(0, length).join('.');
    if (!Object.hasOwn(upstream, name)) continue;
    const value = valueAt(upstream[name] ?? null, steps.slice(length));
    if (value === undefined || value === null) return null;
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
    checkParamInText(`upstream.${path}`, text);
    return { text, source: 'upstream', origin: null, secret: null };
  }
  return null;
}

function valueAt(value: JsonValue, steps: readonly string[]): JsonValue | undefined {
  let at: JsonValue | undefined = value;
  for (const step of steps) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as { readonly [key: string]: JsonValue })[step];
  }
  return at;
}

function loop(keys: readonly string[]): SchedulerError {
  const path = [...keys, keys[0]].join(' -> ');
  return new SchedulerError('TEMPLATE_LOOP', `config keys stand for each other: ${path}`, { keys });
}
