/**
 * A script on its way to its final text: the text, and which stretches of it were put in, from where. Each
 * step of rendering replaces stretches and leaves the record right, so that a later step can tell the
 * author's text from what others gave, and a page can show where every word comes from.
 */

/** What a stretch of rendered text was put in for. */
export type PartSource = 'config' | 'secret' | 'date' | 'param' | 'upstream' | 'include';

/** One thing that was put into a script, and where it lies in the text. */
export interface ScriptPart {
  /** UTF-16 offsets into the text, `end` exclusive. Parts may lie within each other and never cross. */
  readonly start: number;
  readonly end: number;
  readonly source: PartSource;
  /** What stands in the script: the key of config, the name of the parameter, the date expression … */
  readonly key: string;
  /** For config, the layer that sets the key: `group dw`. */
  readonly origin: string | null;
  /** The text that was put in; asterisks for a secret. */
  readonly value: string;
}

/** A text and what was put into it. */
export interface Draft {
  readonly text: string;
  /** In order of their starts, outer before inner. */
  readonly parts: readonly ScriptPart[];
}

/** Puts `text` in place of a stretch that is not empty. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** With offsets from the start of `text`. */
  readonly parts: readonly ScriptPart[];
}

/**
 * Carries out edits, which are in order and do not overlap. A part that an edit changes inside keeps its
 * place around it; a part that an edit swallows, or cuts at one end, is forgotten.
 */
export function applyEdits(draft: Draft, edits: readonly Edit[]): Draft {
  if (edits.length === 0) return draft;
  /** How far the text behind the first n edits moves. */
  const moved = [0];
  let text = '';
  let done = 0;
  const added: ScriptPart[] = [];
  for (const edit of edits) {
    text += draft.text.slice(done, edit.start);
    added.push(...edit.parts.map((part) => shifted(part, text.length)));
    text += edit.text;
    done = edit.end;
    moved.push(text.length - edit.end);
  }
  text += draft.text.slice(done);

  const kept: ScriptPart[] = [];
  for (const part of draft.parts) {
    const first = firstIndex(edits, (edit) => edit.end > part.start);
    const behind = firstIndex(edits, (edit) => edit.start >= part.end);
    const cutsStart = first < behind && (edits[first]?.start ?? 0) < part.start;
    const cutsEnd = first < behind && (edits[behind - 1]?.end ?? 0) > part.end;
    if (cutsStart || cutsEnd) continue;
    kept.push({ ...part, start: part.start + (moved[first] ?? 0), end: part.end + (moved[behind] ?? 0) });
  }
  return { text, parts: [...kept, ...added].sort((a, b) => a.start - b.start || b.end - a.end) };
}

/** The one part that makes a whole text what it is. */
export function wholePart(text: string, part: Omit<ScriptPart, 'start' | 'end'>): readonly ScriptPart[] {
  return [{ start: 0, end: text.length, ...part }];
}

/** Answers, for offsets and stretches, whether they lie in parts of the given sources. */
export function partsOf(draft: Draft, ...sources: readonly PartSource[]): PartIndex {
  return new PartIndex(draft.parts.filter((part) => sources.includes(part.source)));
}

class PartIndex {
  /** In order, none within another: what these sources give is never looked into again. */
  readonly #parts: readonly ScriptPart[];

  constructor(parts: readonly ScriptPart[]) {
    this.#parts = parts;
  }

  touches(start: number, end: number): boolean {
    const part = this.#parts[firstIndex(this.#parts, (one) => one.end > start)];
    return part !== undefined && part.start < end;
  }
}

export type { PartIndex };

const shifted = (part: ScriptPart, by: number) => ({ ...part, start: part.start + by, end: part.end + by });

/** Index of the first item for which `test` holds, given that it then holds for all behind it. */
function firstIndex<Item>(items: readonly Item[], test: (item: Item) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (item !== undefined && test(item)) high = middle;
    else low = middle + 1;
  }
  return low;
}
