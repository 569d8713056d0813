/** How the bytes of a segment lie in its row: deflated, unless that gains nothing. */
import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

const PLAIN = 0;
const DEFLATED = 1;
/** Shorter ones are not worth it. */
const DEFLATE_FROM_BYTES = 200;
/** Logs shrink to a tenth at any level; the lowest is the fastest. */
const LEVEL = 1;

/** The bytes to store, and the number of how. */
export async function packed(bytes: Buffer): Promise<{ readonly codec: number; readonly bytes: Buffer }> {
  if (bytes.length < DEFLATE_FROM_BYTES) return { codec: PLAIN, bytes };
  const deflated = await deflate(bytes, { level: LEVEL });
  return deflated.length < bytes.length ? { codec: DEFLATED, bytes: deflated } : { codec: PLAIN, bytes };
}

/** The bytes as they were. Rejects for a codec of a newer program. */
export async function unpacked(codec: number, stored: unknown): Promise<Buffer> {
  const bytes = stored as Buffer;
  switch (codec) {
    case PLAIN:
      return bytes;
    case DEFLATED:
      return inflate(bytes);
    default:
      throw new Error(`a segment of a log has codec ${codec}, which this server does not know`);
  }
}
