/** Bytes of scripts, and words for a shell. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { encodeText, PrepareError, shellQuoted } from './attempt-files.js';

describe('the encoding of a script', () => {
  it.each([
    { encoding: 'utf-8', text: 'é表', bytes: [0xc3, 0xa9, 0xe8, 0xa1, 0xa8] },
    { encoding: 'UTF8', text: 'a', bytes: [0x61] },
    { encoding: 'utf-16le', text: 'a表', bytes: [0x61, 0x00, 0x68, 0x88] },
    { encoding: 'latin1', text: 'é', bytes: [0xe9] },
    { encoding: 'ISO-8859-1', text: 'é', bytes: [0xe9] },
  ])('$encoding', ({ encoding, text, bytes }) => {
    expect([...encodeText(text, encoding)]).toEqual(bytes);
  });

  it.each([
    { encoding: 'gbk', text: 'a' },
    { encoding: 'latin1', text: '表' },
    { encoding: 'ascii', text: '表' },
  ])('$encoding of "$text" is refused', ({ encoding, text }) => {
    expect(() => encodeText(text, encoding)).toThrow(PrepareError);
  });
});

it('a quoted word is one word for a shell, whatever it holds', () => {
  const word = fc.string({ unit: 'grapheme', maxLength: 30 }).filter((text) => !text.includes('\0'));
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 20 }), (words) => {
      const command = `printf '%s\\0' ${words.map(shellQuoted).join(' ')}`;
      const { stdout } = spawnSync('/bin/sh', ['-c', command], { encoding: 'utf8' });
      expect(stdout.split('\0').slice(0, -1)).toEqual(words);
    }),
    { numRuns: 20 },
  );
});
