/** Cursors as text. */
import type { Cursor } from './schemas/event.js';

/** `12.0`: the form of a cursor in `Last-Event-ID` and in the `id` of a frame. */
export const cursorText = (cursor: Cursor) => `${cursor.commitNo}.${cursor.index}`;

/** Reverses `cursorText`; null when the text is no cursor. */
export function parseCursor(text: string): Cursor | null {
  const match = /^(\d{1,15})\.(\d{1,9})$/.exec(text);
  return match ? { commitNo: Number(match[1]), index: Number(match[2]) } : null;
}
