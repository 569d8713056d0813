/**
 * Server-sent events from text in pieces of any size. The browser's `EventSource` does not exist in Node,
 * cannot send a token in a header and hides the status of a refusal, so frames are read here.
 */

/** One frame as it was sent; `id` is the newest the stream has named, this frame's or an earlier one's. */
export interface SseFrame {
  readonly event: string;
  readonly data: string;
  readonly id: string | null;
}

/** Longest line or frame that is taken, in characters; a stream beyond it is not ours. */
const FRAME_LENGTH_MAX = 4_194_304;

/** Takes pieces of text and gives the frames that they complete. One for each connection. */
export class SseReader {
  #rest = '';
  #event = '';
  #data: string[] = [];
  #dataLength = 0;
  #id: string | null = null;
  #isFirst = true;

  /** Frames completed by this piece, in order. RangeError when one is longer than FRAME_LENGTH_MAX. */
  push(piece: string): SseFrame[] {
    const text = this.#rest + (this.#isFirst ? piece.replace(/^\uFEFF/, '') : piece);
    if (piece !== '') this.#isFirst = false;
    // A lone CR at the end may be the first half of a CRLF: it waits for the next piece.
    const whole = text.endsWith('\r') ? text.slice(0, -1) : text;
    const lines = whole.split(/\r\n|\r|\n/);
    const last = lines.pop() ?? '';
    this.#rest = last + text.slice(whole.length);
    const frames = lines.flatMap((line) => this.#line(line));
    if (this.#rest.length + this.#dataLength > FRAME_LENGTH_MAX) {
      throw new RangeError(`A frame of the event stream is longer than ${FRAME_LENGTH_MAX} characters.`);
    }
    return frames;
  }

  #line(line: string): SseFrame[] {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.#event = value;
    if (field === 'data') {
      this.#data.push(value);
      this.#dataLength += value.length;
    }
    if (field === 'id' && !value.includes('\0')) this.#id = value;
    return [];
  }

  #dispatch(): SseFrame[] {
    const frame = { event: this.#event || 'message', data: this.#data.join('\n'), id: this.#id };
    const isEmpty = this.#data.length === 0;
    this.#event = '';
    this.#data = [];
    this.#dataLength = 0;
    return isEmpty ? [] : [frame];
  }
}
