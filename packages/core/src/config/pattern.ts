/**
 * The patterns of parameters, matched in time proportional to the length of the value. The pattern is from
 * one person and the value from another, and both may be hostile: the engine of the language can be kept
 * busy for years by thirty characters. So an automaton follows all possibilities at once. What cannot be
 * followed that way is not part of the language: looking around, back references, `\b`.
 */

/** A pattern that was read; matches whole values only. */
export interface ValuePattern {
  matches(value: string): boolean;
}

/** States of the automaton: `(a{100}){100}` would have 10,000. */
const STATES_MAX = 1_000;
const NESTING_MAX = 50;

/** Why a text cannot be a pattern, as the end of a sentence; null when it can. */
export function patternProblem(text: string): string | null {
  try {
    valuePattern(text);
    return null;
  } catch (error) {
    if (error instanceof SyntaxError) return error.message;
    throw error;
  }
}

/** Reads a pattern: JavaScript's syntax with the `u` flag, less what is not followed. Throws SyntaxError. */
export function valuePattern(text: string): ValuePattern {
  // The language's own reader finds what is wrong in general, so that the reader here need not.
  new RegExp(`^(?:${text})$`, 'u');
  const tree = new PatternReader(text).read();
  const states: State[] = [];
  const start = build(tree, addState(states, { type: 'accept' }), states);
  return { matches: (value) => run(states, start, value) };
}

type Tree =
  | { readonly type: 'char'; readonly test: (char: string) => boolean }
  | { readonly type: 'start' | 'end' }
  | { readonly type: 'sequence' | 'choice'; readonly of: readonly Tree[] }
  | { readonly type: 'repeat'; readonly of: Tree; readonly min: number; readonly max: number };

type State =
  | { readonly type: 'accept' }
  | { readonly type: 'char'; readonly test: (char: string) => boolean; readonly next: number }
  | { readonly type: 'start' | 'end'; readonly next: number }
  | { readonly type: 'split'; next: readonly number[] };

/** One character's worth: a class, an escape, or any character that is not syntax. */
const ATOM = new RegExp(
  [
    String.raw`\[(?:[^\]\\]|\\.)*\]`,
    String.raw`\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[a-zA-Z]|[^bBk1-9])`,
    String.raw`[^\\^$.*+?()[\]{}|]|\.`,
  ].join('|'),
  'suy',
);
const QUANTIFIER = /(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})\??/y;

class PatternReader {
  readonly #text: string;
  #at = 0;
  #nesting = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): Tree {
    return this.#choice();
  }

  #choice(): Tree {
    const of = [this.#sequence()];
    while (this.#match(/\|/y) !== null) of.push(this.#sequence());
    return { type: 'choice', of };
  }

  #sequence(): Tree {
    const of: Tree[] = [];
    while (this.#at < this.#text.length && !'|)'.includes(this.#text.charAt(this.#at)))
      of.push(this.#repeat());
    return { type: 'sequence', of };
  }

  #repeat(): Tree {
    const of = this.#one();
    const match = this.#match(QUANTIFIER);
    if (match === null) return of;
    const [, sign, low, comma, high] = match;
    if (sign !== undefined)
      return { type: 'repeat', of, min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : Infinity };
    const min = Number(low);
    const max = comma === undefined ? min : high === undefined || high === '' ? Infinity : Number(high);
    return { type: 'repeat', of, min, max };
  }

  #one(): Tree {
    if (this.#match(/\^/y) !== null) return { type: 'start' };
    if (this.#match(/\$/y) !== null) return { type: 'end' };
    if (this.#match(/\((?:\?:|\?<[^=!>][^>]*>|(?!\?))/y) !== null) return this.#group();
    const atom = this.#match(ATOM)?.[0];
    if (atom === undefined) {
      throw new SyntaxError(
        `at ${this.#at} stands something that is not followed: looking around, \\b or a back reference`,
      );
    }
    if (atom.length === 1 && atom !== '.') return { type: 'char', test: (char) => char === atom };
    const single = new RegExp(`^${atom}$`, 'u');
    return { type: 'char', test: (char) => single.test(char) };
  }

  #group(): Tree {
    this.#nesting += 1;
    if (this.#nesting > NESTING_MAX) throw new SyntaxError(`its groups lie more than ${NESTING_MAX} deep`);
    const inner = this.#choice();
    this.#match(/\)/y);
    this.#nesting -= 1;
    return inner;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match !== null) this.#at += match[0].length;
    return match;
  }
}

/** Adds the states of a tree, from which matching goes on at `next`; gives the one to begin at. */
function build(tree: Tree, next: number, states: State[]): number {
  switch (tree.type) {
    case 'char':
      return addState(states, { type: 'char', test: tree.test, next });
    case 'start':
    case 'end':
      return addState(states, { type: tree.type, next });
    case 'sequence':
      return tree.of.reduceRight((after, part) => build(part, after, states), next);
    case 'choice': {
      const [only, second] = tree.of;
      if (only !== undefined && second === undefined) return build(only, next, states);
      return addState(states, { type: 'split', next: tree.of.map((part) => build(part, next, states)) });
    }
    case 'repeat':
      return buildRepeat(tree, next, states);
  }
}

function buildRepeat(tree: Extract<Tree, { type: 'repeat' }>, next: number, states: State[]): number {
  let start = next;
  if (tree.max === Infinity) {
    const again: Extract<State, { type: 'split' }> = { type: 'split', next: [] };
    start = addState(states, again);
    again.next = [build(tree.of, start, states), next];
  } else {
    for (let optional = tree.min; optional < tree.max; optional++) {
      start = addState(states, { type: 'split', next: [build(tree.of, start, states), next] });
    }
  }
  for (let required = 0; required < tree.min; required++) start = build(tree.of, start, states);
  return start;
}

function addState(states: State[], state: State): number {
  if (states.length >= STATES_MAX) throw new SyntaxError('it is too large: its repetitions multiply');
  states.push(state);
  return states.length - 1;
}

function run(states: readonly State[], start: number, value: string): boolean {
  const chars = [...value];
  let present = reach(states, [start], { isStart: true, isEnd: chars.length === 0 });
  for (const [index, char] of chars.entries()) {
    const moved: number[] = [];
    for (const at of present) {
      const state = states[at];
      if (state?.type === 'char' && state.test(char)) moved.push(state.next);
    }
    if (moved.length === 0) return false;
    present = reach(states, moved, { isStart: false, isEnd: index === chars.length - 1 });
  }
  return [...present].some((at) => states[at]?.type === 'accept');
}

/** All states that are reached from some without taking a character. */
function reach(
  states: readonly State[],
  from: readonly number[],
  place: { readonly isStart: boolean; readonly isEnd: boolean },
): ReadonlySet<number> {
  const reached = new Set<number>();
  const open = [...from];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (reached.has(at)) continue;
    reached.add(at);
    const state = states[at];
    if (state?.type === 'split') open.push(...state.next);
    else if ((state?.type === 'start' && place.isStart) || (state?.type === 'end' && place.isEnd))
      open.push(state.next);
  }
  return reached;
}
