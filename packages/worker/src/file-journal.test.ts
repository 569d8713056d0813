/** The journal on disk: the contract, then what crashes and full disks leave of it. */
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { journalContract } from '@hera/core/testing';
import { crc32 } from './crc32.js';
import { createFileJournal, JournalDamaged } from './file-journal.js';

let dir: string;
const made: { close(): Promise<void> }[] = [];
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'hera-journal-'))));
afterEach(async () => {
  for (const journal of made.splice(0)) await journal.close();
  rmSync(dir, { recursive: true, force: true });
});

function track<J extends { close(): Promise<void> }>(journal: J): J {
  made.push(journal);
  return journal;
}

const path = () => join(dir, 'journal');
const end = (attempt: string) => ({
  attempt,
  startedAt: 1,
  endedAt: 2,
  outcome: { state: 'succeeded' as const, exitCode: 0 },
});

async function make(options: { now?: () => number; recordsMax?: number } = {}) {
  const journal = track(createFileJournal({ dir, ...options }));
  const state = await journal.load();
  return { journal, state };
}

it('the checksum is that of the standard', () => {
  expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926);
});

describe('the file journal', () => {
  it.each(journalContract)('$name', async ({ run }) => {
    await run({
      open: async () => track(createFileJournal({ dir })),
      reopen: async () => track(createFileJournal({ dir })),
    });
  });

  it('forgives a torn last record, wherever it was torn', async () => {
    const { journal } = await make();
    await journal.setSession(3, 4);
    await journal.accept(['a/1']);
    const whole = readFileSync(path());
    await journal.accept(['b/1']);
    await journal.close();
    const full = readFileSync(path());
    for (let length = whole.length; length < full.length; length += 1) {
      writeFileSync(path(), full.subarray(0, length));
      const { state, journal: later } = await make();
      expect([state.session, state.open.map((entry) => entry.attempt)]).toEqual([3, ['a/1']]);
      await later.accept(['c/1']);
      await later.close();
      expect((await make()).state.open.map((entry) => entry.attempt)).toEqual(['a/1', 'c/1']);
    }
  });

  it('refuses damage that no crash leaves, rather than to forget what may run', async () => {
    const { journal } = await make();
    for (const attempt of ['a/1', 'b/1', 'c/1']) await journal.accept([attempt]);
    await journal.close();
    const good = readFileSync(path());
    const firstLine = good.indexOf('\n');
    const secondEnd = good.indexOf('\n', firstLine + 1);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: firstLine + 1, max: secondEnd - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (at, flip) => {
          const bad = Buffer.from(good);
          bad[at] = (bad[at] ?? 0) ^ flip;
          // A record that has become two lines is damaged all the same.
          writeFileSync(path(), bad);
          await expect(createFileJournal({ dir }).load()).rejects.toThrow(JournalDamaged);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('is rewritten when it has grown, and holds the same', async () => {
    const { journal } = await make({ recordsMax: 10 });
    await journal.setSession(1, 1);
    for (let n = 0; n < 50; n += 1) {
      await journal.accept([`j@a:${n}/1`]);
      if (n < 45) await journal.end([end(`j@a:${n}/1`)]);
      if (n < 40) await journal.forget([`j@a:${n}/1`]);
    }
    await journal.close();
    const { state } = await make();
    expect(state.open.map((entry) => [entry.attempt, entry.ended !== null])).toEqual(
      Array.from({ length: 10 }, (_, n) => [`j@a:${n + 40}/1`, n < 5]),
    );
    expect(state.tombstones).toHaveLength(40);
    expect(readFileSync(path(), 'utf8').trimEnd().split('\n').length).toBeLessThan(60);
  });

  it('begins above all sessions of a journal that was lost, and only then', async () => {
    const first = track(createFileJournal({ dir, firstSession: 1_700_000_000 }));
    expect((await first.load()).session).toBe(1_700_000_000);
    await first.setSession(1_700_000_001, 1);
    const later = track(createFileJournal({ dir, firstSession: 1_800_000_000 }));
    expect((await later.load()).session).toBe(1_700_000_001);
  });

  it('keeps tombstones for seven days', async () => {
    let now = 1_000_000_000_000;
    const { journal } = await make({ now: () => now });
    await journal.forget(['old/1']);
    now += 6 * 86_400_000;
    await journal.forget(['new/1']);
    now += 86_400_001;
    await journal.close();
    expect((await make({ now: () => now })).state.tombstones).toEqual(['new/1']);
  });

  it('syncs once for what is asked together', async () => {
    const { journal } = await make();
    await Promise.all(Array.from({ length: 1_000 }, (_, n) => journal.accept([`a/${n}`])));
    const lines = readFileSync(path(), 'utf8').trimEnd().split('\n');
    // The state at the load, and one write for all.
    expect(lines).toHaveLength(2);
    await journal.close();
  });

  it('says so when it cannot write, and goes on whole when it can again', async () => {
    const { journal } = await make();
    await journal.accept(['a/1']);
    await journal.close();
    rmSync(dir, { recursive: true });
    await expect(journal.accept(['b/1'])).rejects.toThrow('ENOENT');
    const again = await make();
    await again.journal.accept(['c/1']);
    expect(again.state.open).toEqual([]);
    expect(statSync(path()).size).toBeGreaterThan(0);
    truncateSync(path(), 0);
    appendFileSync(path(), 'garbage');
    expect((await make()).state.open).toEqual([]);
  });
});
