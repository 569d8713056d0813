/**
 * The log of one attempt as it is shipped: the bytes of `output.log` with stars over secrets and, where it is
 * longer than it may be, its head, a line that says which bytes are left out, and its tail. Where the gap
 * lies is on disk before a byte behind it is read, so every life of the agent ships the same bytes.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readText, writeWhole } from './attempt-dir.js';
import { LogMasks } from './log-masks.js';

/** Bytes of the file that are left out. `to` is known only when the attempt has ended. */
interface Gap {
  readonly from: number;
  readonly to: number | null;
}

/** Consecutive bytes of the log. */
export interface ViewPiece {
  readonly bytes: Buffer;
  /** Nothing comes behind them, ever. */
  readonly last: boolean;
}

/** Bytes of the file, `to` not included. */
export interface FilePart {
  readonly from: number;
  readonly to: number;
}

/** Share of a log's budget that its head has. */
const HEAD_SHARE = 0.75;
/** How far a border of the gap is moved to lie between two lines. */
const LINE_BYTES_MAX = 65_536;
const NEWLINE = 0x0a;

/** Reads the log of an attempt in its directory; secrets are those in its `mask` file. */
export class LogView {
  readonly #directory: string;
  readonly #masks: LogMasks;
  #gap: Gap | null;
  #note = Buffer.alloc(0);
  /** Bytes that may be shipped at most; more is cut in the middle. */
  bytesMax: number;
  /** Of `output.log`, when last looked at. */
  fileBytes = 0;
  /** The file grows no more. */
  isEnded = false;
  /** Bytes that were read or are stored, which no gap may take back; null before anybody knows. */
  taken: number | null = 0;

  constructor(directory: string, bytesMax: number) {
    this.#directory = directory;
    this.bytesMax = bytesMax;
    this.#masks = new LogMasks(JSON.parse(readText(join(directory, 'mask')) ?? '[]') as string[]);
    this.#gap = JSON.parse(readText(join(directory, 'gap')) ?? 'null') as Gap | null;
    this.#setNote();
  }

  /** Looks how long the file is by now. */
  look(): void {
    const path = join(this.#directory, 'output.log');
    this.fileBytes = statSync(path, { throwIfNoEntry: false })?.size ?? this.fileBytes;
  }

  /** Bytes of the log that can be read by now; with `isEnded`, its whole length. */
  get bytes(): number {
    const gap = this.#decideGap();
    if (gap === null) return this.fileBytes;
    if (gap.to === null) return gap.from;
    return gap.from + this.#note.length + this.fileBytes - gap.to;
  }

  /** Parts of the file that nobody needs: what is stored, and what is left out. */
  unneeded(stored: number): readonly FilePart[] {
    const gap = this.#decideGap();
    const shipped = { from: 0, to: Math.min(stored, gap?.from ?? stored) - this.#masks.margin };
    const to = gap ? (gap.to ?? this.fileBytes - this.#tailBytes - LINE_BYTES_MAX) : 0;
    return [shipped, { from: gap?.from ?? 0, to }].filter((part) => part.to > part.from);
  }

  /** From an offset of the log; empty when there is nothing more, for now or at all. */
  read(offset: number, bytesMax: number): ViewPiece {
    const gap = this.#decideGap();
    const end = this.bytes;
    const length = Math.max(0, Math.min(bytesMax, end - offset));
    const bytes = length > 0 ? this.#readAt(gap, offset, length) : Buffer.alloc(0);
    this.taken = Math.max(this.taken ?? 0, offset + bytes.length);
    return { bytes, last: this.isEnded && offset + bytes.length >= end };
  }

  #readAt(gap: Gap | null, offset: number, length: number): Buffer {
    if (gap === null) return this.#masked(offset, offset + length, false);
    if (offset < gap.from) return this.#masked(offset, Math.min(offset + length, gap.from), true);
    const behind = offset - gap.from;
    if (behind < this.#note.length) return this.#note.subarray(behind, behind + length);
    const at = (gap.to ?? 0) + behind - this.#note.length;
    return this.#masked(at, at + length, false);
  }

  get #tailBytes(): number {
    return Math.floor(this.bytesMax * (1 - HEAD_SHARE));
  }

  /** Opens a gap when the file is too long, and closes it when the file has its last length. */
  #decideGap(): Gap | null {
    const gap = this.#gap;
    if (gap !== null && gap.to !== null) return gap;
    if (gap === null && (this.fileBytes <= this.bytesMax || this.taken === null)) return null;
    const from = this.#headEnd(gap);
    const tail = Math.max(from, this.fileBytes - this.#tailBytes);
    const to = this.isEnded ? this.#lineStart(tail, 'after') : null;
    if (from !== gap?.from || to !== null) this.#keepGap({ from, to });
    return this.#gap;
  }

  /** A head that nobody has taken yet shrinks with the budget. */
  #headEnd(gap: Gap | null): number {
    const head = Math.floor(this.bytesMax * HEAD_SHARE);
    const taken = this.taken ?? Infinity;
    if (gap && gap.from <= Math.max(head, taken)) return gap.from;
    return Math.max(this.#lineStart(head, 'before'), taken);
  }

  #keepGap(gap: Gap): void {
    writeWhole(join(this.#directory, 'gap'), `${JSON.stringify(gap)}\n`);
    this.#gap = gap;
    this.#setNote();
  }

  #setNote(): void {
    const gap = this.#gap;
    if (!gap || gap.to === null) return;
    const count = gap.to - gap.from;
    const text = `[hera] ${count} bytes are left out here, ${gap.from} to ${gap.to} of the output\n`;
    this.#note = Buffer.from(count > 0 ? text : '');
  }

  /** The nearest place behind a newline; the place itself when lines are too long. */
  #lineStart(at: number, where: 'before' | 'after'): number {
    if (where === 'before') {
      const from = Math.max(0, at - LINE_BYTES_MAX);
      const found = this.#raw(from, at).lastIndexOf(NEWLINE);
      return found < 0 ? at : from + found + 1;
    }
    if (at === 0 || at >= this.fileBytes) return at;
    const found = this.#raw(at - 1, Math.min(this.fileBytes, at + LINE_BYTES_MAX)).indexOf(NEWLINE);
    return found < 0 ? at : at + found;
  }

  /** Bytes of the file with stars; fewer while a secret may be under way at their end. */
  #masked(from: number, to: number, isCut: boolean): Buffer {
    if (this.#masks.isEmpty) return this.#raw(from, to);
    const { margin } = this.#masks;
    const first = Math.max(0, from - margin);
    const bytes = this.#raw(first, Math.min(this.fileBytes, to + margin));
    const isOpen = !this.isEnded && !isCut && to + margin > this.fileBytes;
    const held = isOpen ? this.#masks.unfinished(bytes) : 0;
    const end = Math.min(to, first + bytes.length - held);
    this.#masks.cover(bytes);
    return bytes.subarray(from - first, Math.max(from, end) - first);
  }

  /** Nothing is kept open: after an outage there may be thousands of logs. */
  #raw(from: number, to: number): Buffer {
    const bytes = Buffer.alloc(Math.max(0, to - from));
    const file = openSync(join(this.#directory, 'output.log'), 'r');
    try {
      return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, from));
    } finally {
      closeSync(file);
    }
  }
}
