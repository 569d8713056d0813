import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SseFrame } from './sse.js';
import { SseReader } from './sse.js';

const readAll = (pieces: readonly string[]): SseFrame[] => {
  const reader = new SseReader();
  return pieces.flatMap((piece) => reader.push(piece));
};

describe('SseReader', () => {
  const rows: readonly [name: string, text: string, frames: readonly SseFrame[]][] = [
    ['one frame', 'event: hello\nid: 1.0\ndata: {}\n\n', [{ event: 'hello', data: '{}', id: '1.0' }]],
    ['no event is a message', 'data: x\n\n', [{ event: 'message', data: 'x', id: null }]],
    ['lines of data are joined', 'data: a\ndata: b\n\n', [{ event: 'message', data: 'a\nb', id: null }]],
    ['one space is dropped, the second kept', 'data:  x\n\n', [{ event: 'message', data: ' x', id: null }]],
    ['a comment is no frame', ': beat\n\n', []],
    [
      'a frame without data is none, but its id stays',
      'id: 7.1\n\ndata: x\n\n',
      [{ event: 'message', data: 'x', id: '7.1' }],
    ],
    [
      'an event name without data does not leak',
      'event: a\n\ndata: x\n\n',
      [{ event: 'message', data: 'x', id: null }],
    ],
    [
      'CR and CRLF end lines',
      'data: a\r\ndata: b\rdata: c\r\n\r\n',
      [{ event: 'message', data: 'a\nb\nc', id: null }],
    ],
    ['a byte order mark is skipped', '\uFEFFdata: x\n\n', [{ event: 'message', data: 'x', id: null }]],
    ['an id with a NUL is ignored', 'id: a\0b\ndata: x\n\n', [{ event: 'message', data: 'x', id: null }]],
    ['an unfinished frame waits', 'data: x\n', []],
  ];
  it.each(rows)('%s', (_, text, frames) => {
    expect(readAll([text])).toEqual(frames);
  });

  it('gives the same frames however the text is cut', () => {
    const text =
      '\uFEFFevent: a\r\nid: 1.0\r\ndata: 中文\r\n\r\n: beat\n\ndata: x\rdata: y\n\nid: 2.0\ndata: z\n\n';
    const whole = readAll([text]);
    expect(whole).toHaveLength(3);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 12 }), (cuts) => {
        const places = [0, ...[...cuts].sort((a, b) => a - b), text.length];
        const pieces = places.slice(1).map((end, index) => text.slice(places[index], end));
        expect(readAll(pieces)).toEqual(whole);
      }),
    );
  });

  it('refuses a frame that never ends', () => {
    const reader = new SseReader();
    const piece = `data: ${'x'.repeat(1_000_000)}\n`;
    expect(() => {
      for (let n = 0; n < 6; n++) reader.push(piece);
    }).toThrow(RangeError);
  });
});
