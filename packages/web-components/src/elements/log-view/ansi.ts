/**
 * Terminal text as plain pieces with a style. Colours and weights of SGR sequences are kept, every other
 * escape and control character is dropped, and nothing is ever taken for markup.
 */
import type { LogColor } from '../../tokens.js';

/** A piece of one line in one style. */
export interface Piece {
  readonly text: string;
  readonly color: LogColor | null;
  readonly isBold: boolean;
  readonly isDim: boolean;
}

const PLAIN: Omit<Piece, 'text'> = { color: null, isBold: false, isDim: false };
/** By the last digit of 30–37 and 90–97; black and white are the page's own text. */
const BY_DIGIT: readonly (LogColor | null)[] = [
  null,
  'red',
  'green',
  'yellow',
  'blue',
  'magenta',
  'cyan',
  null,
];

/** An SGR sequence; or any other CSI, an OSC up to its end, a shorter escape, a control character. */
const ESCAPE = new RegExp(
  [
    '\\x1b\\[([\\d;]*)m',
    '\\x1b\\[[0-?]*[ -/]*[@-~]?',
    '\\x1b\\][^\\x07\\x1b]*(?:\\x07|\\x1b\\\\|$)',
    '\\x1b[ -/]*[0-~]?',
    '[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f]',
  ].join('|'),
  'g',
);
const HAS_ESCAPE = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/;

/** The pieces of one line. Styles do not reach over its end: tools that colour a line also end it. */
export function parseAnsi(line: string): readonly Piece[] {
  if (!HAS_ESCAPE.test(line)) return [{ ...PLAIN, text: line }];
  const pieces: Piece[] = [];
  let style = PLAIN;
  let from = 0;
  for (const match of line.matchAll(ESCAPE)) {
    if (match.index > from) pieces.push({ ...style, text: line.slice(from, match.index) });
    from = match.index + match[0].length;
    if (match[1] !== undefined) style = restyle(style, match[1]);
  }
  if (from < line.length) pieces.push({ ...style, text: line.slice(from) });
  return pieces;
}

/** The text of a line without its escapes. */
export const stripAnsi = (line: string) => (HAS_ESCAPE.test(line) ? line.replace(ESCAPE, '') : line);

function restyle(style: typeof PLAIN, codes: string): typeof PLAIN {
  const numbers = codes.split(';').map(Number);
  let next = style;
  for (let at = 0; at < numbers.length; at++) {
    const code = numbers[at] ?? 0;
    if (code === 38 || code === 48) {
      // A colour from a larger palette: its own numbers must not be read as codes.
      const isIndexed = numbers[at + 1] === 5;
      if (code === 38) next = { ...next, color: isIndexed ? ofPalette(numbers[at + 2] ?? 0) : null };
      at += isIndexed ? 2 : 4;
    } else next = applyCode(next, code);
  }
  return next;
}

function applyCode(style: typeof PLAIN, code: number): typeof PLAIN {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...style, isBold: true };
  if (code === 2) return { ...style, isDim: true };
  if (code === 22) return { ...style, isBold: false, isDim: false };
  if (code === 39) return { ...style, color: null };
  if (code === 90) return { ...style, color: 'gray' };
  const isColor = (code >= 30 && code <= 37) || (code >= 91 && code <= 97);
  return isColor ? { ...style, color: BY_DIGIT[code % 10] ?? null } : style;
}

const ofPalette = (index: number): LogColor | null =>
  index === 8 ? 'gray' : index < 16 ? (BY_DIGIT[index % 8] ?? null) : null;
