// @ts-check
/** A tree of files for one test: written to a temporary folder, read, and removed. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openRepository } from './repository.mjs';

/**
 * What a check says about these files, as `file:line: message`.
 *
 * @param {(repository: import('./repository.mjs').Repository) => import('./repository.mjs').Problem[]} check
 * @param {Readonly<Record<string, string>>} files Texts by path.
 */
export function complaints(check, files) {
  const root = mkdtempSync(join(tmpdir(), 'hera-check-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return check(openRepository(root)).map(({ file, line, message }) => `${file}:${line}: ${message}`);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
