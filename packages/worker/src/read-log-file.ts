/** Bytes of a log that lies in one file. */
import { open } from 'node:fs/promises';
import type { LogChunk } from '@hera/core';

const NOTHING = new Uint8Array(0);

/** A place in a log, and whether the log was complete before its size was asked. */
export interface LogPlace {
  readonly offset: number;
  readonly bytesMax: number;
  readonly complete: boolean;
}

/** Up to `bytesMax` bytes from `offset`; a file that is not there is an empty log. */
export async function readLogFile(path: string, { offset, bytesMax, complete }: LogPlace): Promise<LogChunk> {
  const file = await open(path, 'r').catch(() => null);
  if (!file) return { offset, bytes: NOTHING, size: 0, complete };
  try {
    const { size } = await file.stat();
    const length = Math.max(0, Math.min(bytesMax, size - offset));
    const bytes = Buffer.allocUnsafe(length);
    const { bytesRead } = length > 0 ? await file.read(bytes, 0, length, offset) : { bytesRead: 0 };
    return { offset, bytes: bytes.subarray(0, bytesRead), size, complete };
  } finally {
    await file.close();
  }
}
