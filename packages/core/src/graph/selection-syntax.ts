/**
 * The text form of selections: parse and print, nothing about graphs. What binds closest comes first:
 * `name`, `field:value`, `(…)` and the pluses on either side of them; `!`; `&`; a list by space or comma.
 * A plus touches what it belongs to, so `a+ b` is a list of two. Printing what was parsed and parsing it
 * again gives the same tree.
 */
import { SchedulerError } from '../model/errors.js';

/** What a job can be selected by, beside its name and labels. */
export type SelectionField = 'group' | 'kind' | 'pool' | 'owner';

/** Text to compare with: as it stands when `exact`, otherwise `*` stands for any characters, also none. */
export interface Pattern {
  readonly text: string;
  readonly exact: boolean;
}

/** Jobs by name. */
export interface NameNode extends Pattern {
  readonly type: 'name';
}
/** Jobs by something each has one of; a group also means the groups below it. */
export interface FieldNode extends Pattern {
  readonly type: 'field';
  readonly field: SelectionField;
}
/** Jobs by a label. */
export interface LabelNode {
  readonly type: 'label';
  readonly key: string;
  /** Null: any value. */
  readonly value: Pattern | null;
}
/** Jobs and what is upstream and downstream of them. */
export interface ReachNode {
  readonly type: 'reach';
  readonly of: SelectionNode;
  /** Levels upstream, `Infinity` for all, 0 for none; likewise `down`. */
  readonly up: number;
  readonly down: number;
}
/** A selection as a tree. `not` beside other items of a list takes away from them. */
export type SelectionNode =
  | NameNode
  | FieldNode
  | LabelNode
  | ReachNode
  | { readonly type: 'not'; readonly of: SelectionNode }
  | { readonly type: 'both'; readonly of: readonly SelectionNode[] }
  | { readonly type: 'list'; readonly of: readonly SelectionNode[] };

/** A selection that has been read. */
export interface Selection {
  /** As it was written. */
  readonly text: string;
  readonly root: SelectionNode;
}

/** Parentheses and `!` within each other; deeper text is refused rather than trusted with the stack. */
const NESTING_MAX = 100;
const DEPTH_DIGITS_MAX = 9;
const FIELDS: readonly string[] = ['group', 'kind', 'pool', 'owner'] satisfies SelectionField[];

/** Reads a selection. SELECTION_INVALID names the offset, in UTF-16 units, of what it cannot read. */
export function parseSelection(text: string): Selection {
  const parser = new SelectionParser(text);
  return { text, root: parser.parse() };
}

/** Canonical text of a selection: one space between list items, quotes only where they are needed. */
export function printSelection(selection: Selection): string {
  return printNode(selection.root);
}

class SelectionParser {
  readonly #text: string;
  #at = 0;
  #nesting = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): SelectionNode {
    const root = this.#list();
    if (this.#at < this.#text.length) this.#fail(this.#at, 'there is no "(" that this ")" closes');
    return root;
  }

  /** Items up to the end or a closing parenthesis. */
  #list(): SelectionNode {
    const items: SelectionNode[] = [];
    this.#match(/[\s,，]+/y);
    while (this.#at < this.#text.length && this.#peek() !== ')') {
      items.push(this.#both());
      this.#match(/[\s,，]+/y);
    }
    const [first, second] = items;
    if (first === undefined) this.#fail(this.#at, 'here nothing is selected; * selects every job');
    return second === undefined ? first : { type: 'list', of: items };
  }

  #both(): SelectionNode {
    const first = this.#not();
    const parts = [first];
    while (this.#match(/\s*&\s*/y) !== null) parts.push(this.#not());
    return parts.length === 1 ? first : { type: 'both', of: parts };
  }

  #not(): SelectionNode {
    if (this.#match(/!\s*/y) === null) return this.#reach();
    return this.#nested(() => ({ type: 'not', of: this.#not() }));
  }

  #reach(): SelectionNode {
    const before = this.#match(/(\d*)\+(?=["(*\p{L}\p{N}_])/uy);
    const of = this.#primary();
    const after = this.#match(/\+(\d*)/y);
    const end = this.#at;
    if (end < this.#text.length && this.#match(/(?=[\s,，&)])/y) === null) {
      const hint = this.#peek() === '+' ? 'a plus is already there' : 'a space, a comma or & is expected';
      this.#fail(end, hint);
    }
    if (before === null && after === null) return of;
    return { type: 'reach', of, up: this.#depth(before), down: this.#depth(after) };
  }

  #depth(match: RegExpExecArray | null): number {
    if (match === null) return 0;
    const digits = match[1] ?? '';
    if (digits.length > DEPTH_DIGITS_MAX) this.#fail(match.index, 'no graph is that deep');
    return digits === '' ? Number.POSITIVE_INFINITY : Number(digits);
  }

  #primary(): SelectionNode {
    const start = this.#at;
    if (this.#match(/\(/y) !== null) {
      const inner = this.#nested(() => this.#list());
      if (this.#match(/\)/y) === null) this.#fail(start, 'this "(" is never closed');
      return inner;
    }
    const quoted = this.#quoted();
    if (quoted !== null) return { type: 'name', text: quoted, exact: true };
    const word = this.#match(/[*\p{L}\p{N}_][*\p{L}\p{N}_.-]*/uy)?.[0];
    if (word === undefined) return this.#fail(start, this.#expected());
    if (this.#match(/:/y) === null) return { type: 'name', ...patternOf(word) };
    if (word === 'label' || word === 'tag') return this.#label();
    if (!isField(word)) this.#fail(start, `${word}: is none of ${FIELDS.join(', ')}, label, tag`);
    return { type: 'field', field: word, ...this.#value(/[*\p{L}\p{N}_./-]+/uy) };
  }

  #label(): SelectionNode {
    const key = this.#value(/[\p{L}\p{N}_./-]+/uy).text;
    if (this.#match(/=/y) === null) return { type: 'label', key, value: null };
    return { type: 'label', key, value: this.#value(/[*\p{L}\p{N}_./-]+/uy) };
  }

  #value(bare: RegExp): Pattern {
    const quoted = this.#quoted();
    if (quoted !== null) return { text: quoted, exact: true };
    const word = this.#match(bare)?.[0] ?? this.#fail(this.#at, 'a value is expected');
    return patternOf(word);
  }

  /** Text between double quotes, in which `\"` and `\\` stand for themselves; null when there is none. */
  #quoted(): string | null {
    const start = this.#at;
    if (this.#peek() !== '"') return null;
    const inner = this.#match(/"((?:[^"\\]|\\["\\])*)"/y)?.[1];
    if (inner === undefined)
      return this.#fail(start, 'this quote is never closed, or \\ stands before neither " nor \\');
    return inner.replace(/\\(.)/g, '$1');
  }

  #nested<Result>(parse: () => Result): Result {
    this.#nesting += 1;
    if (this.#nesting > NESTING_MAX) this.#fail(this.#at, `more than ${NESTING_MAX} levels of ( and !`);
    const result = parse();
    this.#nesting -= 1;
    return result;
  }

  #expected(): string {
    const next = this.#peek();
    if (next === '-') return 'a name cannot begin with "-"; ! leaves jobs out';
    if (next === '+') return 'a plus must touch the job it belongs to';
    if (next === '') return 'a job is expected, but the text ends';
    return `a job is expected, not ${next}`;
  }

  #peek(): string {
    return this.#text.charAt(this.#at);
  }

  /** Takes what `pattern`, a sticky expression, finds here; null when it finds nothing. */
  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match !== null) this.#at = match.index + match[0].length;
    return match;
  }

  #fail(offset: number, rule: string): never {
    const selection = this.#text;
    const message = `selection ${quote(selection)}, at ${offset}: ${rule}`;
    throw new SchedulerError('SELECTION_INVALID', message, { selection, offset });
  }
}

const isField = (word: string): word is SelectionField => FIELDS.includes(word);
const patternOf = (word: string): Pattern => ({ text: word, exact: !word.includes('*') });

function printNode(node: SelectionNode): string {
  switch (node.type) {
    case 'name':
      return printPattern(node, /^(?!\d+$)[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u);
    case 'field':
      return `${node.field}:${printPattern(node, BARE_VALUE)}`;
    case 'label': {
      const key = printPattern({ text: node.key, exact: true }, BARE_VALUE);
      return node.value === null ? `label:${key}` : `label:${key}=${printPattern(node.value, BARE_VALUE)}`;
    }
    case 'reach':
      return printDepth(node.up, 'before') + grouped(node.of, TERMS) + printDepth(node.down, 'after');
    case 'not':
      return `!${grouped(node.of, FACTORS)}`;
    case 'both':
      return node.of.map((part) => grouped(part, FACTORS)).join(' & ');
    case 'list':
      return node.of
        .map((item) => (item.type === 'list' ? `(${printNode(item)})` : printNode(item)))
        .join(' ');
  }
}

/** Nodes that a plus may touch, and nodes that `!` and `&` may stand beside, without parentheses. */
const TERMS: readonly SelectionNode['type'][] = ['name', 'field', 'label'];
const FACTORS: readonly SelectionNode['type'][] = [...TERMS, 'reach', 'not'];
const BARE_VALUE = /^[\p{L}\p{N}_./-]+$/u;

function printPattern(pattern: Pattern, bare: RegExp): string {
  return !pattern.exact || bare.test(pattern.text) ? pattern.text : quote(pattern.text);
}

function printDepth(depth: number, side: 'before' | 'after'): string {
  if (depth === 0) return '';
  if (depth === Number.POSITIVE_INFINITY) return '+';
  return side === 'before' ? `${depth}+` : `+${depth}`;
}

/** The node, in parentheses unless its type is one of those that bind closely enough. */
function grouped(node: SelectionNode, bare: readonly SelectionNode['type'][]): string {
  return bare.includes(node.type) ? printNode(node) : `(${printNode(node)})`;
}

const quote = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;
