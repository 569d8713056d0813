/**
 * What `hera run` remembers of a file beside its store: one small file for each submission, so that
 * `--resume` finds the newest one that has not succeeded, and knows whether the file is still the same.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive, ownIdentity } from '../process-identity.js';
import type { ProcessIdentity } from '../process-identity.js';

/** One run of a file. */
export interface SubmissionRecord {
  readonly key: string;
  /** Of everything that the file says. */
  readonly digest: string;
  readonly selection: string;
  readonly params: Readonly<Record<string, string>>;
  /** Dates the scripts; epoch ms. */
  readonly at: number;
  readonly startedAt: number;
  /** Null until the command has seen its end. */
  readonly phase: 'succeeded' | 'failed' | 'canceled' | null;
}

/** The folder of a file's store: the same for every way of naming the file. */
export async function runFolder(home: string, source: string): Promise<string> {
  const hash = createHash('sha256')
    .update(await realpath(source))
    .digest('hex')
    .slice(0, 16);
  return join(home, 'run', hash);
}

const recordFolder = (folder: string) => join(folder, 'submissions');

/** Writes the record whole or not at all. */
export async function writeRecord(folder: string, record: SubmissionRecord): Promise<void> {
  await mkdir(recordFolder(folder), { recursive: true, mode: 0o700 });
  const path = join(recordFolder(folder), `${record.key}.json`);
  await writeFile(`${path}.new`, JSON.stringify(record), { flush: true });
  await rename(`${path}.new`, path);
}

/** The newest record that has not succeeded; null when there is none. */
export async function newestUnfinished(folder: string): Promise<SubmissionRecord | null> {
  const names = await readdir(recordFolder(folder)).catch(() => []);
  // Keys begin with the time: their order is that of the submissions.
  for (const name of names
    .filter((file) => file.endsWith('.json'))
    .sort()
    .reverse()) {
    const record = JSON.parse(await readFile(join(recordFolder(folder), name), 'utf8')) as SubmissionRecord;
    return record.phase === 'succeeded' ? null : record;
  }
  return null;
}

/** Takes the folder for this process; the function gives it back. Null when another `hera run` has it. */
export async function lockFolder(folder: string): Promise<(() => Promise<void>) | null> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'run.lock');
  for (;;) {
    try {
      await writeFile(path, JSON.stringify(ownIdentity()), { flag: 'wx' });
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = JSON.parse(
      await readFile(path, 'utf8').catch(() => '{"pid":0,"started":null}'),
    ) as ProcessIdentity;
    if (holder.pid !== 0 && isAlive(holder)) return null;
    await rm(path, { force: true });
  }
}

/** A key that sorts by time and that no two submissions share. */
export function submissionKey(nowMs: number): string {
  const time = new Date(nowMs).toISOString().replace(/[-:.]/g, '');
  return `${time}-${process.pid}`;
}
