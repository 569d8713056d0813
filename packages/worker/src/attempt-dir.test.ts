/** Names and days of attempts' directories, and which of them are kept. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import {
  attemptDirectory,
  attemptFileName,
  clearOpen,
  findAttemptDirectory,
  markOpen,
  openDirectories,
  readExit,
  readStarted,
} from './attempt-dir.js';
import { removeOldDays } from './attempt-files.js';

let home: string;
beforeEach(() => void (home = mkdtempSync(join(tmpdir(), 'hera-dir-'))));
afterEach(() => rmSync(home, { recursive: true, force: true }));

const bytesOf = (text: string) => Buffer.from(text).toString('hex');

describe('the file name of an attempt', () => {
  it.each([
    ['etl@20261123T020000Z/2', 'etl@20261123T020000Z%2F2'],
    ['日报@a:x y/1', '日报@a:x%20y%2F1'],
    ['a@a:../../etc/passwd/1', 'a@a:..%2F..%2Fetc%2Fpasswd%2F1'],
    ['a@a:%2F/1', 'a@a:%252F%2F1'],
    ['..', '%2E.'],
    ['a@a:\0\n/1', 'a@a:%00%0A%2F1'],
  ])('%j is %s', (attempt, name) => {
    expect(attemptFileName(attempt)).toBe(name);
  });

  it('is one component that fits, and no two attempts share one', () => {
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ maxLength: 40 }));
    fc.assert(
      fc.property(text, text, (one, other) => {
        const name = attemptFileName(one);
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
        expect(/[/\0]/.test(name) || name === '.' || name === '..').toBe(false);
        // Unpaired surrogates are the same bytes, in a file name as in any text that leaves this process.
        if (bytesOf(one) !== bytesOf(other)) expect(attemptFileName(other)).not.toBe(name);
      }),
      { numRuns: 500 },
    );
  });
});

describe('directories', () => {
  it('are found on any day, the newest first', () => {
    const at = Date.UTC(2026, 10, 23, 23, 59);
    const directory = attemptDirectory(home, 'a@a:1/1', at);
    expect(directory).toBe(join(home, 'attempts/2026-11-23/a@a:1%2F1'));
    expect(findAttemptDirectory(home, 'a@a:1/1')).toBeNull();
    mkdirSync(directory, { recursive: true });
    expect(findAttemptDirectory(home, 'a@a:1/1')).toBe(directory);
  });

  it('are open until their result is stored', () => {
    markOpen(home, 'a@a:1/1', '/x/y');
    markOpen(home, 'a@a:1/1', '/x/y');
    markOpen(home, 'b@a:1/1', '/x/z');
    expect(openDirectories(home).toSorted()).toEqual(['/x/y', '/x/z']);
    clearOpen(home, 'a@a:1/1');
    clearOpen(home, 'a@a:1/1');
    expect(openDirectories(home)).toEqual(['/x/z']);
  });

  it('are removed by the day, but not a day that holds an open one', async () => {
    const days = ['2026-11-01', '2026-11-02', '2026-11-08', '2026-11-09', 'notes'];
    for (const day of days) mkdirSync(join(home, 'attempts', day, 'a'), { recursive: true });
    markOpen(home, 'a', join(home, 'attempts/2026-11-02/a'));
    expect(await removeOldDays(home, 14, Date.UTC(2026, 10, 23))).toBe(2);
    expect(days.filter((day) => existsSync(join(home, 'attempts', day)))).toEqual([
      '2026-11-02',
      '2026-11-09',
      'notes',
    ]);
  });
});

describe('a record', () => {
  it.each([
    { name: 'whole', text: '{"code":7,"stage":"core","stopped":false}\n', code: 7 },
    { name: 'torn', text: '{"code":7,"stage":"core","stopped":false}', code: undefined },
    { name: 'empty', text: '', code: undefined },
    { name: 'garbage', text: 'garbage\n', code: undefined },
  ])('of an exit that is $name', ({ text, code }) => {
    writeFileSync(join(home, 'exit'), text);
    expect(readExit(home)?.code).toBe(code);
  });

  it('of a start names pid, start time and boot', () => {
    expect(readStarted(home)).toBeNull();
    writeFileSync(join(home, 'started'), '{"pid":7,"startTicks":8,"boot":"b"}\n');
    expect(readStarted(home)?.identity).toEqual({ pid: 7, startTicks: 8, boot: 'b' });
  });
});
