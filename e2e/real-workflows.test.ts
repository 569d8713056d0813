/**
 * Recorded workflows that lie beside the checkout, where CI has them; they are not ours to ship. What ran when
 * is read from the store that `hera run` leaves, and held against the parents that the recording itself names.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunDetail } from '@hera/core';
import { createSqliteStore } from '@hera/store-sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Place, processesOf, until } from './command.js';

const MOSAIC = fileURLToPath(new URL('../examples/wfformat/mosaic.json', import.meta.url));
const REAL = fileURLToPath(new URL('../../shared/real/', import.meta.url));
const LIMIT_MS = 240_000;

/** Their sizes, and a factor at which they take seconds. */
const RECORDINGS = [
  { file: MOSAIC, jobs: 26, scale: '0.001' },
  { file: `${REAL}airrflow-dirt02-001.json`, jobs: 212, scale: '0.001' },
  { file: `${REAL}1000genome-chameleon-22ch-250k-001.json`, jobs: 902, scale: '0.0002' },
];
const MONTAGE = { file: `${REAL}montage-chameleon-dss-15d-001.json`, jobs: 2122, scale: '0.00005' };

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.close());

interface Recording {
  readonly workflow: {
    readonly specification: {
      readonly tasks: readonly { readonly id: string; readonly parents: string[] }[];
    };
  };
}

/** All runs of the one file that was run in this place, by job. */
async function storedRuns(): Promise<ReadonlyMap<string, RunDetail>> {
  const folders = join(place.home, 'run');
  const [folder = ''] = readdirSync(folders);
  const store = createSqliteStore({ path: join(folders, folder, 'hera.db') });
  try {
    const runs = new Map<string, RunDetail>();
    let after: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof store.runs>> = await store.runs(
        {},
        { limit: 1000, ...(after !== null && { after }) },
      );
      for (const { id, job } of page.items) runs.set(job, (await store.run(id)) as RunDetail);
      after = page.next;
    } while (after !== null);
    return runs;
  } finally {
    await store.close();
  }
}

/** Edges whose child was started before its parent had ended; all of them are looked at. */
function startedTooEarly(runs: ReadonlyMap<string, RunDetail>, file: string) {
  const { workflow } = JSON.parse(readFileSync(file, 'utf8')) as Recording;
  const edges = workflow.specification.tasks.flatMap(({ id, parents }) =>
    parents.map((parent) => ({ parent, child: id })),
  );
  const early = edges.filter(({ parent, child }) => {
    const ends = runs.get(parent)!.attemptList.map(({ endedAt }) => endedAt ?? Infinity);
    const starts = runs.get(child)!.attemptList.map(({ startedAt, claimedAt }) => startedAt ?? claimedAt);
    return Math.min(...starts) < Math.max(...ends);
  });
  return { edges: edges.length, early };
}

const WORKERS = 8;

const attemptsOf = (runs: ReadonlyMap<string, RunDetail>) =>
  [...runs.values()].flatMap(({ attemptList }) => attemptList);

describe('recorded workflows', () => {
  for (const { file, jobs, scale } of RECORDINGS) {
    // Skipped, and counted, where the recording is not there.
    test.skipIf(!existsSync(file))(
      `${file.split('/').at(-1)}: ${jobs} jobs succeed once each, none before its parents have ended`,
      async () => {
        const { exit, out } = await place.run('run', file, '--scale', scale, '-w', '4', '--json');
        expect(exit).toBe(0);
        expect(JSON.parse(out)).toMatchObject({ phase: 'succeeded', counts: { succeeded: jobs } });
        const runs = await storedRuns();
        expect(runs.size).toBe(jobs);
        expect(attemptsOf(runs).map(({ n, state }) => `${n} ${state}`)).toEqual(
          Array.from({ length: jobs }, () => '1 succeeded'),
        );
        const { edges, early } = startedTooEarly(runs, file);
        expect(edges).toBeGreaterThan(jobs / 2);
        expect(early).toEqual([]);
      },
      LIMIT_MS,
    );
  }

  test.skipIf(!existsSync(MONTAGE.file))(
    `${MONTAGE.jobs} jobs, killed half way: what has succeeded is left alone, the rest follows in order`,
    async () => {
      const { file, jobs, scale } = MONTAGE;
      const args = ['run', file, '--scale', scale, '-w', String(WORKERS)];
      const first = place.start(...args);
      // Every attempt has a folder: so many have begun.
      await until(() => attemptFolders(place.home) > jobs / 2);
      first.child.kill('SIGKILL');
      expect(await first.exited).toBe('SIGKILL');
      const before = await storedRuns();
      const succeeded = [...before.values()].filter(({ phase }) => phase === 'succeeded');
      expect(succeeded.length).toBeGreaterThan(jobs / 4);
      expect(succeeded.length).toBeLessThan(jobs);

      const { exit, out } = await place.run(...args, '--resume', '--json');
      expect(exit).toBe(0);
      expect(JSON.parse(out)).toMatchObject({ phase: 'succeeded', counts: { succeeded: jobs } });
      const after = await storedRuns();
      for (const run of succeeded) expect(after.get(run.job)).toEqual(run);
      // What was alive at the kill was found again, not started a second time; only an attempt that the kill
      // caught between its claim and the start of its process may have been lost, and was tried again.
      const ends = attemptsOf(after).map(({ state }) => state);
      expect(ends.filter((state) => state === 'succeeded')).toHaveLength(jobs);
      expect(ends.length - jobs).toBeLessThanOrEqual(WORKERS);
      expect(startedTooEarly(after, file).early).toEqual([]);
      expect(processesOf(place.folder)).toEqual([]);
    },
    LIMIT_MS,
  );
});

function attemptFolders(home: string): number {
  const folders = join(home, 'run');
  if (!existsSync(folders)) return 0;
  return readdirSync(folders)
    .map((folder) => join(folders, folder, 'agent', 'attempts'))
    .filter(existsSync)
    .flatMap((attempts) => readdirSync(attempts).map((day) => readdirSync(join(attempts, day)).length))
    .reduce((sum, count) => sum + count, 0);
}
