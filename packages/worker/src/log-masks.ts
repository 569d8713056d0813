/**
 * Stars over secrets in output, byte for byte, so that offsets stay what they are in the file. What is masked
 * depends on the bytes alone, not on how they are cut into pieces: whoever reads a piece looks a little to
 * both sides of it, and waits with bytes that may be the beginning of a secret.
 */

/** Shorter ones would star ordinary text, and are no secrets. */
const SECRET_BYTES_MIN = 4;
const STAR = 0x2a;

/** The forms in which secrets show up in output. */
export class LogMasks {
  readonly #patterns: readonly Buffer[];
  /** Bytes to look at on both sides of a piece. */
  readonly margin: number;

  constructor(secrets: readonly string[]) {
    const forms = new Set(secrets.flatMap(formsOf));
    this.#patterns = [...forms].map((form) => Buffer.from(form)).filter((b) => b.length >= SECRET_BYTES_MIN);
    this.margin = Math.max(0, ...this.#patterns.map((pattern) => pattern.length - 1));
  }

  get isEmpty(): boolean {
    return this.#patterns.length === 0;
  }

  /** Stars over every occurrence, in place. */
  cover(bytes: Buffer): void {
    const found: [number, number][] = [];
    for (const pattern of this.#patterns) {
      for (let at = bytes.indexOf(pattern); at >= 0; at = bytes.indexOf(pattern, at + 1)) {
        found.push([at, at + pattern.length]);
      }
    }
    // After the search: an overlapping occurrence must still be found.
    for (const [from, to] of found) bytes.fill(STAR, from, to);
  }

  /** Length of the longest end of the bytes with which a secret may begin. */
  unfinished(bytes: Buffer): number {
    for (let length = Math.min(this.margin, bytes.length); length > 0; length -= 1) {
      const end = bytes.subarray(bytes.length - length);
      const begins = (pattern: Buffer) => pattern.length > length && pattern.subarray(0, length).equals(end);
      if (this.#patterns.some(begins)) return length;
    }
    return 0;
  }
}

function formsOf(secret: string): string[] {
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '');
  const lines = secret.split(/\r?\n/).filter((line) => Buffer.byteLength(line) >= SECRET_BYTES_MIN * 2);
  return [secret, base64, encodeURIComponent(secret), ...lines];
}
