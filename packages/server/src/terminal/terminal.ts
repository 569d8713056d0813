/**
 * What a command writes and in which form. Data goes to stdout, everything else to stderr, so that a pipe
 * carries nothing but data. A table is for eyes, JSON for programs; a state is always a word, never a colour.
 */
import stringWidth from 'string-width';
import type { Language, Messages } from './messages.js';
import { MESSAGES } from './messages.js';

/** Forms of output. */
export const OUTPUTS = ['table', 'json', 'jsonl', 'yaml', 'name'] as const;
/** One of the forms of output. */
export type Output = (typeof OUTPUTS)[number];

/** One column of a table: its title and the cell of a row. */
export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
}

/** Streams and settings of one command; tests give their own streams. */
export interface TerminalOptions {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly output: Output;
  readonly language: Language;
  /** Columns of the terminal that progress is drawn on; null when it is none. */
  readonly columns: number | null;
}

/** Where a command speaks. */
export class Terminal {
  readonly texts: Messages;
  readonly output: Output;
  readonly language: Language;
  /** Columns of stderr when it is a terminal, else null. */
  readonly columns: number | null;
  readonly #out: (text: string) => void;
  readonly #err: (text: string) => void;

  constructor(options: TerminalOptions) {
    this.texts = MESSAGES[options.language];
    this.output = options.output;
    this.language = options.language;
    this.columns = options.columns;
    this.#out = options.out;
    this.#err = options.err;
  }

  /** One line of data. */
  line(text: string): void {
    this.#out(`${text}\n`);
  }

  /** Data as it is. */
  raw(text: string): void {
    this.#out(text);
  }

  /** One line for people only. */
  note(text: string): void {
    this.#err(`${text}\n`);
  }

  /** Replaces the line that the cursor of stderr stands on; only where `columns` is not null. */
  status(text: string): void {
    this.#err(`\r\u001b[2K${fitWidth(text, (this.columns ?? 80) - 1)}`);
  }

  /** Whether data is wanted for programs. */
  get isForPrograms(): boolean {
    return this.output !== 'table';
  }

  /** One object: as it is for programs, in words for people. */
  show(value: unknown, text: () => string): void {
    if (this.output === 'table') this.line(text());
    else if (this.output === 'yaml') this.line(yamlText(value));
    else this.line(JSON.stringify(value, null, this.output === 'jsonl' ? 0 : 2));
  }

  /** A list: a table for people, one array or one line each for programs. */
  list<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): void {
    const first = columns.find(({ title }) => title !== '');
    if (this.output === 'json') this.line(JSON.stringify(rows, null, 2));
    else if (this.output === 'jsonl') for (const row of rows) this.line(JSON.stringify(row));
    else if (this.output === 'yaml') this.line(yamlText(rows));
    else if (this.output === 'name') for (const row of rows) this.line(first?.cell(row) ?? '');
    else if (rows.length > 0) {
      const titled = columns.map(({ title, cell }) => ({ title: this.texts.titles[title] ?? title, cell }));
      for (const row of tableLines(rows, titled)) this.line(row);
    }
  }
}

/** JSON is YAML too: exact, and every YAML reader takes it. */
const yamlText = (value: unknown) => JSON.stringify(value, null, 2);

/** Rows under their titles, columns two spaces apart, as wide as their widest cell; CJK counts as two. */
export function tableLines<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string[] {
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ cell }) => cell(row))),
  ];
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => stringWidth(row[index] ?? ''))));
  return cells.map((row) =>
    row
      .map((cell, index) => cell + ' '.repeat((widths[index] ?? 0) - stringWidth(cell)))
      .join('  ')
      .trimEnd(),
  );
}

/** The text, cut with an ellipsis where it is wider than `width` columns. */
export function fitWidth(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let fitted = '';
  for (const character of text) {
    if (stringWidth(fitted + character) >= width) break;
    fitted += character;
  }
  return `${fitted}…`;
}
