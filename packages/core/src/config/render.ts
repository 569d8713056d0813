/**
 * Makes the text that runs from the text that was written, in this order: includes, downloads, variables,
 * dates. What is put in by one step is never read again by the same step, and what comes from others
 * (parameters, results of upstreams) by no later one either: it cannot become an expression. Nothing here
 * reads a clock, a file or a secret.
 *
 * Secrets: their text is not known here. A placeholder keeps the place, and `insertSecrets` puts the texts in
 * last, where the script is about to run. A script, or anything put into it, that has something of that form
 * of its own is refused: otherwise a parameter could name the secret it would like to read, in this text or
 * in another one of the same attempt.
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
import type { JsonValue } from './variables.js';

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
 * and PARAMETER_INVALID, and nothing else but what `zoneMath` throws at an unknown zone.
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

const PLACE_START = '<<secret:';

interface Rendering extends Omit<RenderedScript, 'text'> {
  readonly draft: Draft;
}

function render(input: RenderInput): Rendering {
  const secrets = new Map<string, SecretPlace>();
  const placeholderOf = (secret: string) => {
    const placeholder = `${PLACE_START}${secret}>>`;
    if (/[<>]/.test(secret)) throw invalid(placeholder, 'the name of a secret holds neither < nor >');
    secrets.set(secret, { placeholder, secret });
    return placeholder;
  };
  const included = expandIncludes(input.text, input.include ?? (() => null));
  const taken = takeDownloads(included.draft);
  const drafts: Draft[] = [];
  const fill = (draft: Draft) => {
    const filled = replaceDates(replaceVariables(draft, { ...input, placeholderOf }), input);
    checkPlaces(filled);
    drafts.push(filled);
    return filled;
  };
  const draft = fill(taken.draft);
  const fillWord = (word: string) => fill({ text: word, parts: [] }).text;
  const directives = taken.directives.map(({ text, uri, name }) => ({
    text,
    uri: fillWord(uri),
    name: name === undefined ? undefined : fillWord(name),
  }));
  const missing = input.include === undefined ? [] : included.missing.map((key) => `include[${key}]`);
  return {
    draft,
    secrets: [...secrets.values()],
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
    if (secrets.touches(start, found.end)) throw invalid(key, 'a secret cannot be part of a date expression');
    const parts = wholePart(found.value, { source: 'date', key, origin: null, value: found.value });
    edits.push({ start, end: found.end, text: found.value, parts });
    from = found.end;
  }
  return applyEdits(draft, edits);
}

/** Every place of a secret must be one that was put there for it. */
function checkPlaces(draft: Draft): void {
  const secrets = partsOf(draft, 'secret');
  for (let at = draft.text.indexOf(PLACE_START); at !== -1; at = draft.text.indexOf(PLACE_START, at + 1)) {
    if (secrets.touches(at, at + PLACE_START.length)) continue;
    throw invalid(
      draft.text.slice(at, at + PLACE_START.length),
      'this form is kept for the places of secrets',
    );
  }
}

function invalid(expression: string, rule: string): SchedulerError {
  return new SchedulerError('TEMPLATE_INVALID', `${expression}: ${rule}`, { expression, offset: 0 });
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
