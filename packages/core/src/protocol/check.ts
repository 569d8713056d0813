/**
 * Shapes of plain JSON values, checked and copied: what comes out holds the known fields and nothing else, so
 * a newer peer may add fields and nobody can smuggle any in. A value of another shape is refused with the
 * path
 * to it; nothing else is ever thrown.
 */
import { SchedulerError } from '../model/errors.js';

/** Gives the checked copy of a value. @throws SchedulerError `MESSAGE_INVALID`. */
export type Check<T> = (value: unknown, path: string) => T;

/** JSON knows a negative zero, which is not equal to itself everywhere. */
const unsigned = (value: number) => (value === 0 ? 0 : value);

/** Refuses what stands at `path`. */
export function refuse(path: string, expected: string): never {
  const message = `message, at ${path === '' ? 'its top' : path}: expected ${expected}`;
  throw new SchedulerError('MESSAGE_INVALID', message, { path, expected });
}

export const text: Check<string> = (value, path) =>
  typeof value === 'string' ? value : refuse(path, 'a text');

export const flag: Check<boolean> = (value, path) =>
  typeof value === 'boolean' ? value : refuse(path, 'true or false');

export const finite: Check<number> = (value, path) =>
  typeof value === 'number' && Number.isFinite(value) ? unsigned(value) : refuse(path, 'a finite number');

/** A whole number, 0 or more. */
export const count: Check<number> = (value, path) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? unsigned(value)
    : refuse(path, 'a whole number of at least 0');

/** A whole number of either sign: instants and exit codes. */
export const whole: Check<number> = (value, path) =>
  typeof value === 'number' && Number.isSafeInteger(value) ? unsigned(value) : refuse(path, 'a whole number');

export function oneOf<const T extends string>(...choices: readonly T[]): Check<T> {
  return (value, path) =>
    choices.find((choice) => choice === value) ?? refuse(path, `one of ${choices.join(', ')}`);
}

export function nullable<T>(check: Check<T>): Check<T | null> {
  return (value, path) => (value === null ? null : check(value, path));
}

export function listOf<T>(check: Check<T>): Check<T[]> {
  return (value, path) =>
    Array.isArray(value)
      ? value.map((item: unknown, index) => check(item, `${path}[${index}]`))
      : refuse(path, 'a list');
}

/** An object whose keys are free. */
export function mapOf<T>(check: Check<T>): Check<Record<string, T>> {
  return (value, path) => {
    const entries = Object.entries(fieldsOf(value, path));
    return Object.fromEntries(entries.map(([key, item]) => [key, check(item, `${path}.${key}`)]));
  };
}

type Shape = Readonly<Record<string, Check<unknown>>>;
type Checked<S extends Shape> = { [K in keyof S]: S[K] extends Check<infer T> ? T : never };

/** An object with these fields, and those of `optional` where it has them. */
export function objectOf<S extends Shape, O extends Shape = Record<never, never>>(
  shape: S,
  optional?: O,
): Check<Checked<S> & Partial<Checked<O>>> {
  const required = Object.entries(shape);
  const others = Object.entries(optional ?? {});
  return (value, path) => {
    const fields = fieldsOf(value, path);
    const checked: Record<string, unknown> = {};
    for (const [key, check] of required)
      checked[key] = check(fields[key], path === '' ? key : `${path}.${key}`);
    for (const [key, check] of others) {
      if (fields[key] !== undefined) checked[key] = check(fields[key], path === '' ? key : `${path}.${key}`);
    }
    return checked as Checked<S> & Partial<Checked<O>>;
  };
}

/** One of several objects, told apart by a field that holds the variant's name. */
export function variantOf<V extends Readonly<Record<string, Check<unknown>>>>(
  field: string,
  variants: V,
): Check<{ [K in keyof V]: V[K] extends Check<infer T> ? T : never }[keyof V]> {
  const names = Object.keys(variants).join(', ');
  return (value, path) => {
    const name = fieldsOf(value, path)[field];
    const check = typeof name === 'string' && Object.hasOwn(variants, name) ? variants[name] : undefined;
    if (!check) return refuse(path === '' ? field : `${path}.${field}`, `one of ${names}`);
    return check(value, path) as never;
  };
}

function fieldsOf(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse(path, 'an object');
  return value as Readonly<Record<string, unknown>>;
}
