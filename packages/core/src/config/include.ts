/**
 * `include[key]` stands for the text of a shared script, which may include others. An include nobody knows
 * stays as it is: `include[0]` may as well be an array of the script's own language.
 */
import { SchedulerError } from '../model/errors.js';
import { applyEdits, wholePart } from './draft.js';
import type { Draft, Edit } from './draft.js';

/** Looks a shared script up; null when there is none of that key. */
export type IncludeLookup = (key: string) => string | null;

/** A text with its includes put in. */
export interface IncludeResult {
  readonly draft: Draft;
  /** Keys that were found, directly or in other includes, in the order of first use. */
  readonly used: readonly string[];
  /** Keys that were not. */
  readonly missing: readonly string[];
}

/** In UTF-16 units, and in scripts put in: what includes the next one twice doubles with every level. */
const TEXT_MAX = 4_000_000;
const COUNT_MAX = 10_000;
const DEPTH_MAX = 50;
const DIRECTIVE = /(?<![\p{L}\p{N}_$.])include\[([^[\]\s]+)\]/gu;

/** Keys that a text includes directly, each once, found or not; for "used by". */
export function includedKeys(text: string): string[] {
  return [...new Set([...text.matchAll(DIRECTIVE)].map(([, key = '']) => key))];
}

/**
 * Puts shared scripts in. INCLUDE_LOOP names the keys that include each other; TEMPLATE_INVALID when the text
 * grows beyond 4,000,000 characters or 10,000 scripts, or includes lie deeper than 50.
 */
export function expandIncludes(text: string, lookup: IncludeLookup): IncludeResult {
  const expansion = new Expansion(lookup);
  const draft = expansion.expand(text, []);
  return { draft, used: [...expansion.used], missing: [...expansion.missing] };
}

class Expansion {
  readonly used = new Set<string>();
  readonly missing = new Set<string>();
  readonly #lookup: IncludeLookup;
  readonly #known = new Map<string, Draft | null>();

  constructor(lookup: IncludeLookup) {
    this.#lookup = lookup;
  }

  expand(text: string, trail: readonly string[]): Draft {
    const edits: Edit[] = [];
    let size = text.length;
    let count = 0;
    for (const match of text.matchAll(DIRECTIVE)) {
      const [directive, key = ''] = match;
      if (trail.includes(key)) throw loop(trail.slice(trail.indexOf(key)));
      if (trail.length >= DEPTH_MAX) throw tooMuch(directive, match.index);
      const inner = this.#included(key, [...trail, key]);
      if (inner === null) continue;
      size += inner.text.length;
      count += 1 + inner.parts.length;
      if (size > TEXT_MAX || count > COUNT_MAX) throw tooMuch(directive, match.index);
      const outer = wholePart(inner.text, { source: 'include', key, origin: null, value: inner.text });
      const parts = [...outer, ...inner.parts];
      edits.push({ start: match.index, end: match.index + directive.length, text: inner.text, parts });
    }
    return applyEdits({ text, parts: [] }, edits);
  }

  /** An include that loops never comes out of `expand`, so what is known is known for every trail. */
  #included(key: string, trail: readonly string[]): Draft | null {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const text = this.#lookup(key);
    (text === null ? this.missing : this.used).add(key);
    const draft = text === null ? null : this.expand(text, trail);
    this.#known.set(key, draft);
    return draft;
  }
}

function loop(keys: readonly string[]): SchedulerError {
  const path = [...keys, keys[0]].join(' -> ');
  return new SchedulerError('INCLUDE_LOOP', `scripts include each other: ${path}`, { keys });
}

function tooMuch(expression: string, offset: number): SchedulerError {
  const limits = `${DEPTH_MAX} levels, ${COUNT_MAX} scripts and ${TEXT_MAX} characters`;
  const message = `${expression}: includes give more than ${limits}`;
  return new SchedulerError('TEMPLATE_INVALID', message, { expression, offset });
}
