/**
 * Finds the shim of this platform among the prebuilt ones and proves it before anything rests on it: its
 * checksum is the one that was shipped, and it does here what it must. Where it does not, `shim.sh` and a
 * spawner in Node do the same, slower.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A program that may be used, or why there is none. */
export type NativeShim = { readonly path: string } | { readonly missing: string };

const FOLDER = fileURLToPath(new URL('../native/bin/', import.meta.url));
const TEST_MS_MAX = 10_000;

/** Proved paths; a program is proved once in the life of a process. */
const proved = new Map<string, NativeShim>();

/** The shim for this host. Writes a small file below `home` and removes it; never throws. */
export function findNativeShim(home: string, folder = FOLDER): NativeShim {
  const path = join(folder, `hera-shim-${process.platform}-${process.arch}`);
  let found = proved.get(path);
  if (!found) {
    found = prove(path, join(folder, 'SHA256SUMS'), home);
    proved.set(path, found);
  }
  return found;
}

function prove(path: string, sums: string, home: string): NativeShim {
  try {
    const digest = createHash('sha256').update(readFileSync(path)).digest('hex');
    if (!readFileSync(sums, 'utf8').includes(`${digest}  ${basename(path)}\n`)) {
      return { missing: `${basename(path)} has not the checksum that was shipped` };
    }
    mkdirSync(home, { recursive: true, mode: 0o750 });
    const { status, error } = spawnSync(path, ['self-test', home], { timeout: TEST_MS_MAX });
    if (status === 0) return { path };
    return { missing: `${basename(path)} fails its self-test (${error?.message ?? `exit code ${status}`})` };
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) };
  }
}
