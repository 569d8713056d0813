/**
 * The text of a log as lines, from bytes in pieces of any size. Lines are kept as they came; what they look
 * like is worked out only for those on screen, so that a hundred thousand lines cost no more than their text.
 */
import { stripAnsi } from './ansi.js';

/** Lines of one attempt's output. */
export class LogBuffer {
  readonly #decoder = new TextDecoder();
  readonly #lines: string[] = [];
  #partial = '';
  /** The first line is cut when reading began in the middle; it is dropped. */
  #dropsFirst: boolean;

  constructor(options: { readonly startsInMiddle?: boolean } = {}) {
    this.#dropsFirst = options.startsInMiddle ?? false;
  }

  /** Lines so far, the unfinished last one included. */
  get count(): number {
    return this.#lines.length + (this.#partial === '' ? 0 : 1);
  }

  /** The line of this number, counted from 0; empty where there is none. */
  line(index: number): string {
    return index === this.#lines.length ? overwritten(this.#partial) : (this.#lines[index] ?? '');
  }

  /** Adds bytes; a letter that is cut in two waits for its rest. */
  push(bytes: Uint8Array): void {
    this.pushText(this.#decoder.decode(bytes, { stream: true }));
  }

  /** Adds text. */
  pushText(text: string): void {
    const parts = text.split('\n');
    const first = parts.shift() ?? '';
    this.#partial += first;
    for (const part of parts) {
      if (this.#dropsFirst) this.#dropsFirst = false;
      else this.#lines.push(overwritten(this.#partial));
      this.#partial = part;
    }
  }

  /** Numbers of the lines that contain the text, upper and lower case alike, in order. */
  find(text: string): number[] {
    const wanted = text.toLowerCase();
    const hits: number[] = [];
    if (wanted === '') return hits;
    for (let index = 0; index < this.count; index++) {
      if (stripAnsi(this.line(index)).toLowerCase().includes(wanted)) hits.push(index);
    }
    return hits;
  }
}

/** A progress bar writes a line again and again after CR: what was written last stays. */
function overwritten(line: string): string {
  const text = line.endsWith('\r') ? line.slice(0, -1) : line;
  return text.slice(text.lastIndexOf('\r') + 1);
}
