/**
 * Holds a value against a schema of the keywords in `json-schema.ts`. It is ours because its messages are
 * the first thing an author sees: each problem names the place, the value found and the rule, an unknown key
 * gets a suggestion, and of several possible shapes only the one that was meant is talked about.
 */
import type { DefinitionProblem } from '../model/errors.js';
import type { JsonSchema } from './json-schema.js';
import { pathText } from './path.js';
import type { PathStep } from './path.js';
import { didYouMean } from './suggest.js';

/** Deeper values are refused: no definition is, and nothing may overflow the stack. */
const DEPTH_MAX = 32;
/** Enough to work on; a wrong file does not flood the terminal. */
const PROBLEMS_MAX = 200;

/**
 * What breaks the schema, in document order, at most 200. `root` holds the shared parts; default `schema`.
 */
export function validateShape(
  value: unknown,
  schema: JsonSchema,
  root: JsonSchema = schema,
): DefinitionProblem[] {
  const checker = new ShapeChecker(root);
  checker.check(value, schema);
  return checker.problems;
}

type Fields = Readonly<Record<string, unknown>>;

class ShapeChecker {
  readonly problems: DefinitionProblem[] = [];
  readonly #shared: Readonly<Record<string, JsonSchema>>;
  readonly #steps: PathStep[] = [];

  constructor(root: JsonSchema) {
    this.#shared = root.definitions ?? {};
  }

  check(value: unknown, schema: JsonSchema): void {
    const known = this.#resolve(schema);
    if (this.#steps.length > DEPTH_MAX) this.#report('depth', `is nested deeper than ${DEPTH_MAX}`);
    else if (known.anyOf !== undefined) this.#checkAny(value, known);
    else if (!hasType(value, known.type)) this.#reportKind(value, known);
    else if (Array.isArray(value)) this.#checkList(value, known);
    else if (isFields(value)) this.#checkFields(value, known);
    else this.#checkScalar(value, known);
  }

  /** Follows a reference; what stands beside it (a description) goes before. */
  #resolve(schema: JsonSchema): JsonSchema {
    if (schema.$ref === undefined) return schema;
    return this.#shared[schema.$ref.replace('#/definitions/', '')] ?? schema;
  }

  #checkAny(value: unknown, schema: JsonSchema): void {
    const branches = (schema.anyOf ?? []).map((branch) => this.#resolve(branch));
    const fitting = branches.filter((branch) => branch.anyOf !== undefined || hasType(value, branch.type));
    const [only] = fitting;
    if (only === undefined) {
      this.#reportKind(value, schema);
      return;
    }
    if (fitting.length === 1) {
      this.check(value, { ...only, title: only.title ?? schema.title ?? '' });
      return;
    }
    // Several objects: the one that was meant is the one whose required keys are there.
    const meant = isFields(value)
      ? fitting.find((branch) => (branch.required ?? []).every((key) => Object.hasOwn(value, key)))
      : undefined;
    if (meant === undefined) this.#reportKind(value, schema);
    else this.check(value, meant);
  }

  #checkList(value: readonly unknown[], schema: JsonSchema): void {
    if (value.length < (schema.minItems ?? 0)) this.#report('minItems', 'must not be empty');
    const seen = new Set<string>();
    for (const [index, item] of value.entries()) {
      const text = JSON.stringify(item) ?? 'undefined';
      this.#within(index, () => {
        if (schema.uniqueItems && seen.has(text)) this.#report('uniqueItems', `repeats ${shown(item)}`);
        if (schema.items) this.check(item, schema.items);
      });
      seen.add(text);
    }
  }

  #checkFields(value: Fields, schema: JsonSchema): void {
    const isClosed = schema.additionalProperties === false;
    const isMisspelt =
      isClosed && Object.keys(value).some((key) => !Object.hasOwn(schema.properties ?? {}, key));
    // A key that is missing and one that is unknown are most often the same key; one message is enough.
    for (const key of isMisspelt ? [] : (schema.required ?? [])) {
      if (!Object.hasOwn(value, key)) this.#report('required', `needs the key "${key}"`);
    }
    for (const [key, item] of Object.entries(value)) {
      if (item === undefined) continue;
      const known = Object.hasOwn(schema.properties ?? {}, key) ? schema.properties?.[key] : undefined;
      this.#within(key, () => this.#checkField(key, item, known, schema));
    }
  }

  #checkField(key: string, item: unknown, known: JsonSchema | undefined, schema: JsonSchema): void {
    if (known !== undefined) {
      this.check(item, known);
    } else if (schema.additionalProperties === false) {
      const allowed = Object.keys(schema.properties ?? {});
      const all = allowed.length > 0 && allowed.length <= 8 ? `; known keys: ${allowed.join(', ')}` : '';
      this.#report('unknownKey', `is an unknown key${didYouMean(key, allowed) || all}`);
    } else {
      const names = schema.propertyNames;
      // `__proto__` is a name for the pattern, and a trap for everything that keeps names in objects.
      if (key === '__proto__' || (names !== undefined && !patternOf(names.pattern).test(key))) {
        this.#report('name', `is not a valid name: it must be ${names?.title ?? 'another'}`);
      }
      if (schema.additionalProperties !== undefined) this.check(item, schema.additionalProperties);
    }
  }

  #checkScalar(value: unknown, schema: JsonSchema): void {
    if (schema.const !== undefined && value !== schema.const) {
      this.#report('const', `is ${shown(value)}; it must be ${shown(schema.const)}`);
    } else if (schema.enum !== undefined && !schema.enum.some((allowed) => allowed === value)) {
      const near = typeof value === 'string' ? didYouMean(value, schema.enum) : '';
      this.#report('enum', `is ${shown(value)}; it must be one of ${schema.enum.join(', ')}${near}`);
    } else if (typeof value === 'string') {
      this.#checkText(value, schema);
    } else if (typeof value === 'number') {
      this.#checkNumber(value, schema);
    }
  }

  #checkText(value: string, schema: JsonSchema): void {
    if (schema.pattern !== undefined && !patternOf(schema.pattern).test(value)) {
      this.#report('pattern', `is ${shown(value)}; it must be ${schema.title || 'of another form'}`);
    } else if (schema.maxLength !== undefined && value.length > schema.maxLength) {
      this.#report('maxLength', `has ${value.length} characters; at most ${schema.maxLength} are allowed`);
    }
  }

  #checkNumber(value: number, schema: JsonSchema): void {
    const { minimum = -Infinity, maximum = Infinity } = schema;
    if (value >= minimum && value <= maximum) return;
    const range =
      schema.minimum === undefined
        ? `at most ${maximum}`
        : schema.maximum === undefined
          ? `at least ${minimum}`
          : `from ${minimum} to ${maximum}`;
    this.#report('range', `is ${value}; it must be ${range}`);
  }

  #reportKind(value: unknown, schema: JsonSchema): void {
    const expected = schema.title || KIND_NAMES[schema.type ?? 'object'];
    this.#report('type', `is ${shown(value)}; it must be ${expected}`);
  }

  #report(rule: string, message: string): void {
    if (this.problems.length >= PROBLEMS_MAX) return;
    const path = pathText(this.#steps);
    this.problems.push({ path, rule, message: `${path || 'the file'} ${message}` });
  }

  #within(step: PathStep, look: () => void): void {
    this.#steps.push(step);
    look();
    this.#steps.pop();
  }
}

const KIND_NAMES: Readonly<Record<NonNullable<JsonSchema['type']>, string>> = {
  object: 'a map of keys and values',
  array: 'a list',
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  null: 'null',
};

function hasType(value: unknown, type: JsonSchema['type']): boolean {
  switch (type) {
    case undefined:
      return true;
    case 'object':
      return isFields(value);
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return Number.isSafeInteger(value);
    case 'number':
      return Number.isFinite(value);
    case 'null':
      return value === null;
    case 'string':
    case 'boolean':
      return typeof value === type;
  }
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const patterns = new Map<string, RegExp>();
function patternOf(source: string): RegExp {
  let pattern = patterns.get(source);
  if (pattern === undefined) {
    pattern = new RegExp(source, 'u');
    patterns.set(source, pattern);
  }
  return pattern;
}

/** The value as an author would write it, short. */
function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
