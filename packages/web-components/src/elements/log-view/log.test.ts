import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleEstate } from '../../sources/fixtures/example-estate.js';
import { createStaticSource } from '../../sources/static.js';
import { parseAnsi, stripAnsi } from './ansi.js';
import { LogBuffer } from './log-buffer.js';
import type { LogState } from './log-feed.js';
import { feedLog } from './log-feed.js';
import { ROW_PX, scrollTo, viewportOf } from './viewport.js';

const plain = (text: string) => ({ text, color: null, isBold: false, isDim: false });

describe('parseAnsi', () => {
  it.each([
    ['plain text', 'a <b> & c', [plain('a <b> & c')]],
    [
      'a colour and its end',
      '\x1b[31mred\x1b[0m after',
      [{ ...plain('red'), color: 'red' }, plain(' after')],
    ],
    ['bright is the same colour', '\x1b[92mok', [{ ...plain('ok'), color: 'green' }]],
    [
      'bold and colour together',
      '\x1b[1;33mw\x1b[22mx',
      [
        { ...plain('w'), color: 'yellow', isBold: true },
        { ...plain('x'), color: 'yellow' },
      ],
    ],
    ['dim', '\x1b[2md', [{ ...plain('d'), isDim: true }]],
    ['an empty SGR is a reset', '\x1b[31ma\x1b[mb', [{ ...plain('a'), color: 'red' }, plain('b')]],
    [
      'the palette of 256',
      '\x1b[38;5;1mred\x1b[48;5;31m still',
      [
        { ...plain('red'), color: 'red' },
        { ...plain(' still'), color: 'red' },
      ],
    ],
    ['true colour does not read its numbers as codes', '\x1b[38;2;31;1;2mx', [plain('x')]],
    ['black and white are the text of the page', '\x1b[37mw', [plain('w')]],
    ['cursor moves are dropped', 'a\x1b[2K\x1b[1Gb', [plain('a'), plain('b')]],
    ['titles and links are dropped', '\x1b]0;title\x07a\x1b]8;;http://x\x1b\\b', [plain('a'), plain('b')]],
    ['control characters are dropped, tabs kept', 'a\x07\tb\x00', [plain('a'), plain('\tb')]],
    ['an escape that is cut off', 'a\x1b[3', [plain('a')]],
  ])('%s', (_, line, pieces) => {
    expect(parseAnsi(line)).toEqual(pieces);
  });

  it('loses no printable letter, and lets no control character through', () => {
    const unit = fc.constantFrom('\x1b', '[', ']', 'm', '3', '1', ';', 'x', '中', '\x07', '\t', '<');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 40 }), (line) => {
        const text = parseAnsi(line)
          .map((piece) => piece.text)
          .join('');
        expect(text).toBe(stripAnsi(line));
        expect(text).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f]/);
        expect([...text].filter((letter) => letter === '中')).toHaveLength(
          [...text].length === 0 ? 0 : [...text].join('').split('中').length - 1,
        );
      }),
    );
  });
});

const linesOf = (buffer: LogBuffer) => Array.from({ length: buffer.count }, (_, index) => buffer.line(index));

describe('LogBuffer', () => {
  it.each<[string, string, readonly string[]]>([
    ['nothing', '', []],
    ['an unfinished line', 'a', ['a']],
    ['whole lines', 'a\nb\n', ['a', 'b']],
    ['empty lines', '\n\na', ['', '', 'a']],
    ['CRLF', 'a\r\nb\r\n', ['a', 'b']],
    ['a progress bar', '10%\r50%\r100%\ndone', ['100%', 'done']],
    ['a progress bar under way', '10%\r50%', ['50%']],
  ])('%s', (_, text, lines) => {
    const buffer = new LogBuffer();
    buffer.pushText(text);
    expect(linesOf(buffer)).toEqual(lines);
  });

  it('gives the same lines however the bytes are cut', () => {
    const bytes = new TextEncoder().encode('第一行\r\nsecond\n\n进度 1%\r进度 99%\nend');
    const whole = new LogBuffer();
    whole.push(bytes);
    expect(linesOf(whole)).toEqual(['第一行', 'second', '', '进度 99%', 'end']);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 8 }), (cuts) => {
        const places = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
        const buffer = new LogBuffer();
        for (const [index, end] of places.slice(1).entries()) buffer.push(bytes.slice(places[index], end));
        expect(linesOf(buffer)).toEqual(linesOf(whole));
      }),
    );
  });

  it('drops the first line when reading began in its middle', () => {
    const buffer = new LogBuffer({ startsInMiddle: true });
    buffer.pushText('lf of it');
    buffer.pushText('\nwhole\n');
    expect(linesOf(buffer)).toEqual(['whole']);
  });

  it('finds text whatever its case and colour', () => {
    const buffer = new LogBuffer();
    buffer.pushText('Table not\n\x1b[31mtab\x1b[0mle\nother\nTABLE');
    expect(buffer.find('table')).toEqual([0, 1, 3]);
    expect(buffer.find('')).toEqual([]);
  });
});

describe('viewportOf', () => {
  it('draws what is on screen and little more, at the place it belongs', () => {
    fc.assert(
      fc.property(
        fc.nat(3_000_000),
        fc.integer({ min: 18, max: 2000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (rows, viewPx, share) => {
          const { heightPx } = viewportOf(rows, viewPx, 0);
          const scrollPx = Math.max(0, heightPx - viewPx) * share;
          const { first, end, topPx } = viewportOf(rows, viewPx, scrollPx);
          expect(heightPx).toBeLessThanOrEqual(8_000_000);
          expect(end - first).toBeLessThanOrEqual(viewPx / ROW_PX + 26);
          // The drawn rows cover the window, as far as there are rows.
          expect(topPx).toBeLessThanOrEqual(scrollPx + 1e-3);
          expect(topPx + (end - first) * ROW_PX).toBeGreaterThanOrEqual(
            Math.min(scrollPx + viewPx, heightPx) - 1e-3,
          );
          if (share === 1) expect(end).toBe(rows);
        },
      ),
    );
  });

  it.each([1000, 2_000_000])('shows the row that was scrolled to, of %d', (rows) => {
    for (const row of [0, 500, rows - 1]) {
      const { first, end } = viewportOf(rows, 480, scrollTo(row, rows, 480));
      expect(first <= row && row < end).toBe(true);
    }
  });
});

describe('feedLog', () => {
  const estate = exampleEstate();
  const attempt = [...estate.growing][0]!;
  const read = (source = createStaticSource(estate), name = attempt) => {
    const states: LogState[] = [];
    const abort = new AbortController();
    const done = feedLog({ source, attempt: name, signal: abort.signal }, (state) => void states.push(state));
    return { source, states, abort, done };
  };

  it('reads what there is, then what comes, to the end', async () => {
    const { source, states, done } = read();
    await expect.poll(() => states.length).toBe(1);
    const before = states[0]!.buffer.count;
    source.write(attempt, 'one more\n');
    await expect.poll(() => states.length).toBe(2);
    source.write(attempt, 'and the last\n', true);
    await done;
    const last = states.at(-1)!;
    expect(last.isComplete).toBe(true);
    expect(last.buffer.count).toBe(before + 2);
    expect(last.buffer.line(before + 1)).toBe('and the last');
  });

  it('ends when the signal aborts', async () => {
    const { states, abort, done } = read();
    await expect.poll(() => states.length).toBe(1);
    abort.abort();
    await done;
    expect(states.at(-1)!.isComplete).toBe(false);
  });

  it('ends with the error when there is no such log', async () => {
    const { states, done } = read(createStaticSource(estate), 'nobody@20261123T020000Z/1');
    await done;
    expect(states.at(-1)!.error).toMatchObject({ code: 'LOG_NOT_FOUND' });
  });
});
