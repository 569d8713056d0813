/**
 * The one way to write definitions: keys in the order of the schema, maps in order of their names, the
 * shorter of two forms, defaults left out. Two definitions that mean the same are equal text after it, so a
 * diff shows changes only and an export is stable byte by byte.
 */
import { formatDuration, parseDuration } from '../calendar/duration.js';
import type { Definitions } from '../model/job.js';
import type { Duration } from '../model/schedule.js';
import type { JsonSchema } from './json-schema.js';
import { DEFINITIONS_SCHEMA } from './schema.js';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Canonical form of valid definitions; doing it twice changes nothing. A policy value stays even when it
 * equals the default, because it may overrule a group.
 */
export function normalizeDefinitions(definitions: Definitions): Definitions {
  return normalize(definitions, DEFINITIONS_SCHEMA) as Definitions;
}

function normalize(value: unknown, schema: JsonSchema): unknown {
  if (schema.$ref === '#/definitions/duration') return formatDuration(parseDuration(value as Duration));
  const known = resolve(schema);
  if (known.anyOf !== undefined) return normalizeAny(value, known.anyOf);
  if (Array.isArray(value)) return value.map((item) => normalize(item, known.items ?? {}));
  if (typeof value !== 'object' || value === null) return value;
  return known.properties === undefined ? byName(value as Fields, known) : inOrder(value as Fields, known);
}

function resolve(schema: JsonSchema): JsonSchema {
  if (schema.$ref === undefined) return schema;
  return DEFINITIONS_SCHEMA.definitions?.[schema.$ref.replace('#/definitions/', '')] ?? schema;
}

/**
 * An object takes the branch whose required keys it has; one key that is all there is becomes a bare text.
 */
function normalizeAny(value: unknown, branches: readonly JsonSchema[]): unknown {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object' || value === null) {
    return branches.some((branch) => resolve(branch).anyOf) ? normalize(value, branches[0] ?? {}) : value;
  }
  const branch = branches
    .map(resolve)
    .find(({ type, required }) => type === 'object' && (required ?? []).every((key) => key in value));
  return branch === undefined ? value : shortest(normalize(value, branch) as Fields, branches);
}

function shortest(value: Fields, branches: readonly JsonSchema[]): unknown {
  const [[key, only] = ['', undefined], ...others] = Object.entries(value);
  const texts = branches.map(resolve).find(({ type }) => type === 'string');
  if (texts === undefined)
    return (isEmpty(value) && branches.some(({ const: bare }) => bare === true)) || value;
  if (others.length > 0) return value;
  if (key === 'cron') return only;
  if (key === 'period' && texts.enum?.includes(String(only))) return only;
  if (key === '' && texts.enum?.includes('default')) return 'default';
  return texts.enum?.includes(key) && (only === true || isEmpty(only)) ? key : value;
}

const isEmpty = (value: unknown) =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

function inOrder(value: Fields, schema: JsonSchema): Fields {
  const result: Record<string, unknown> = {};
  for (const [key, known] of Object.entries(schema.properties ?? {})) {
    if (value[key] === undefined) continue;
    const item = normalize(value[key], known);
    const isDefault = JSON.stringify(item) === JSON.stringify(known.default);
    if (!isDefault && !(isEmpty(item) && resolve(known).type === 'object')) result[key] = item;
  }
  return result;
}

function byName(value: Fields, schema: JsonSchema): Fields {
  const result: Record<string, unknown> = {};
  const names = Object.keys(value).filter((name) => value[name] !== undefined);
  // By code unit, not by locale: the same on every machine.
  for (const name of names.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))) {
    result[name] = normalize(value[name], schema.additionalProperties || {});
  }
  return result;
}
