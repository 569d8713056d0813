/**
 * Makes the text that runs from the text that was written, in this order: includes, downloads, variables,
 * dates. What is put in by one step is never read again by the same step, and what comes from others
 * (parameters, results of upstreams) by no later one either: it cannot become an expression. Nothing here
 * reads a clock, a file or a secret.
 *
 * Secrets: their text is not known here. A placeholder keeps the place, which occurs nowhere else in the
 * text, and `insertSecrets` puts the texts in last, where the script is about to run.
 */
import { assert } from '../model/assert.js';
import { SchedulerError } from '../model/errors.js';
import type { Instant, LocalDate, ZoneName } from '../model/ids.js';
import type { ZoneMath } from '../model/zone-math.js';
import { dateExpressionAt } from './date-template.js';
import type { DateContext } from './date-template.js';
import { downloadsOf, takeDownloads } from './download.js';
import type { Download } from './download.js';
import { applyEdits, partsOf, wholePart } from './draft.js';
import type { Draft, Edit, ScriptPart } from './draft.js';
import { expandIncludes } from './include.js';
import type { IncludeLookup } from './include.js';
import type { EffectiveConfig } from './inherit.js';
import type { ParamDefinitions } from './params.js';
import { replaceVariables, VARIABLE } from './variables.js';
import type { JsonValue, VariableContext } from './variables.js';

export type { Download } from './download.js';
export type { PartSource, ScriptPart } from './draft.js';
export { includedKeys } from './include.js';
export type { JsonValue } from './variables.js';

/** A script and all that its text depends on. */
export interface RenderInput {
  readonly text: string;
  /** The instant of the slot: what date expressions start from. */
  readonly at: Instant;
  readonly zone: ZoneName;
  readonly zoneMath: ZoneMath;
  /** Gives `${bizdate}`; without it that name is unknown. */
  readonly businessDate?: LocalDate;
  readonly config: EffectiveConfig;
  /** Values as `validateParams` returns them. */
  readonly params?: Readonly<Record<string, string>>;
  /**
   * The parameters that the job declares. A value must keep the rules of its declaration here too; without
   * declarations each value is held to the rule for plain strings.
   */
  readonly declared?: ParamDefinitions;
  /** Newest result of each upstream, by its name. */
  readonly upstream?: Readonly<Record<string, JsonValue>>;
  /** Looks a shared script up; null leaves `include[key]` as it is. */
  readonly include?: IncludeLookup;
  /** What `getNowMillis()` and `getToday()` give. */
  readonly nowMs: Instant;
  /** Language of month and weekday names: `zh`, `zh-x-java8` or `en`, the default. */
  readonly locale?: string;
}

/** A place that is kept for a secret, in the text or in the address of a download. */
export interface SecretPlace {
  readonly placeholder: string;
  /** Name of the secret. */
  readonly secret: string;
}

/** A script that can run once its secrets are put in. */
export interface RenderedScript {
  /** With placeholders for secrets. */
  readonly text: string;
  /** Each secret once. */
  readonly secrets: readonly SecretPlace[];
  /** Keys of the shared scripts that were put in, in the order of first use. */
  readonly includes: readonly string[];
  readonly downloads: readonly Download[];
  /** Names that stand for nothing, and stay: `db`, `include[x]`. Many are the shell's own. */
  readonly unknown: readonly string[];
}

/** A rendered script and where its text comes from. */
export interface ScriptExplanation {
  /** As in `RenderedScript`. */
  readonly text: string;
  /** What was put in, in the order of the text, outer before inner. */
  readonly parts: readonly ScriptPart[];
  readonly unknown: readonly string[];
}

/**
 * Renders a script. The same input gives the same text. Throws TEMPLATE_INVALID, TEMPLATE_LOOP, INCLUDE_LOOP
 * and PARAMETER_INVALID, and nothing else.
 */
export function renderScript(input: RenderInput): RenderedScript {
  const { draft, downloads, secrets, includes, unknown } = render(input);
  return { text: draft.text, secrets, includes, downloads, unknown };
}

/** Renders a script and says where each part of it comes from; throws as `renderScript` does. */
export function explainScript(input: RenderInput): ScriptExplanation {
  const { draft, unknown } = render(input);
  return { text: draft.text, parts: draft.parts, unknown };
}

/**
 * Puts the texts of secrets, by placeholder, into a rendered text. One pass: a secret whose text looks like a
 * placeholder stays what it is.
 */
export function insertSecrets(text: string, secrets: Readonly<Record<string, string>>): string {
  const placeholders = Object.keys(secrets).filter((placeholder) => placeholder !== '');
  if (placeholders.length === 0) return text;
  const escaped = placeholders.map((placeholder) => placeholder.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return text.replace(
    new RegExp(escaped.join('|'), 'g'),
    (placeholder) => secrets[placeholder] ?? placeholder,
  );
}

interface Rendering extends Omit<RenderedScript, 'text'> {
  readonly draft: Draft;
}

/** More texts than this that each hold the next placeholder cannot be an accident. */
const PLACEHOLDER_TRIES_MAX = 100;

function render(input: RenderInput): Rendering {
  for (let salt = 0; salt < PLACEHOLDER_TRIES_MAX; salt++) {
    const places = new Map<string, string>();
    const placeholderOf = (secret: string) => {
      const placeholder = salt === 0 ? `<<secret:${secret}>>` : `<<secret:${secret}:${salt}>>`;
      places.set(placeholder, secret);
      return placeholder;
    };
    const rendering = renderOnce(input, placeholderOf, places);
    if (rendering !== null) return rendering;
  }
  throw new SchedulerError(
    'TEMPLATE_INVALID',
    'the script is full of texts that look like places of secrets',
    {
      expression: '<<secret:…>>',
      offset: 0,
    },
  );
}

/** Null when a placeholder occurs where no secret belongs. */
function renderOnce(
  input: RenderInput,
  placeholderOf: (secret: string) => string,
  places: ReadonlyMap<string, string>,
): Rendering | null {
  const variables: VariableContext = { ...input, placeholderOf };
  const included = expandIncludes(input.text, input.include ?? (() => null));
  const taken = takeDownloads(included.draft);
  const drafts: Draft[] = [];
  const fill = (draft: Draft) => {
    const filled = replaceDates(replaceVariables(draft, variables), input);
    drafts.push(filled);
    return filled;
  };
  const draft = fill(taken.draft);
  const directives = taken.directives.map(({ text, uri, name }) => ({
    text,
    uri: fill({ text: uri, parts: [] }).text,
    name: name === undefined ? undefined : fill({ text: name, parts: [] }).text,
  }));
  if (!drafts.every((one) => areOnlyPlaces(one, places))) return null;

  const missing = input.include === undefined ? [] : included.missing.map((key) => `include[${key}]`);
  return {
    draft,
    secrets: Array.from(places, ([placeholder, secret]) => ({ placeholder, secret })),
    includes: included.used,
    downloads: downloadsOf(directives),
    unknown: [...new Set([...missing, ...drafts.flatMap(unknownNames)])],
  };
}

/** Evaluates the date expressions that the author wrote; what others gave may fill them, not make them. */
function replaceDates(draft: Draft, context: DateContext): Draft {
  const given = partsOf(draft, 'param', 'upstream', 'secret');
  const secrets = partsOf(draft, 'secret');
  const edits: Edit[] = [];
  let from = 0;
  for (let start = draft.text.indexOf('${'); start !== -1; start = draft.text.indexOf('${', from)) {
    from = start + '${'.length;
    if (given.touches(start, from)) continue;
    const found = dateExpressionAt(draft.text, start, context);
    if (found === null) continue;
    const key = draft.text.slice(start, found.end);
    if (secrets.touches(start, found.end)) throw secretInDate(key);
    const parts = wholePart(found.value, { source: 'date', key, origin: null, value: found.value });
    edits.push({ start, end: found.end, text: found.value, parts });
    from = found.end;
  }
  return applyEdits(draft, edits);
}

function secretInDate(expression: string): SchedulerError {
  const message = `${expression}: a secret cannot be part of a date expression`;
  return new SchedulerError('TEMPLATE_INVALID', message, { expression, offset: 0 });
}

/** Whether the placeholders stand where secrets were put, and nowhere else. */
function areOnlyPlaces(draft: Draft, places: ReadonlyMap<string, string>): boolean {
  const wanted = draft.parts.filter((part) => part.source === 'secret').length;
  let found = 0;
  for (const placeholder of places.keys()) found += draft.text.split(placeholder).length - 1;
  return found === wanted;
}

/** Names that are still there, in what the author wrote. */
function unknownNames(draft: Draft): string[] {
  const notTheirs = partsOf(draft, 'param', 'upstream', 'secret', 'date');
  const names: string[] = [];
  for (const match of draft.text.matchAll(VARIABLE)) {
    const [whole, name] = match;
    assert(name !== undefined, 'a variable has a name');
    if (!notTheirs.touches(match.index, match.index + whole.length)) names.push(name);
  }
  return names;
}
