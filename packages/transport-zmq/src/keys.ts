/**
 * CURVE keys and the proof that goes with them. ZeroMQ checks that whoever connects holds the secret half of
 * an allowed key, but does not say to its application which key a frame came by. So a worker also presents a
 * *proof*, a digest of its secret key, inside the encrypted connection; the server has the digest of that.
 * Whoever reads the server's list can neither connect nor pass for a worker.
 */
import { createHash, createPrivateKey, createPublicKey, hkdfSync, timingSafeEqual } from 'node:crypto';
import { chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { curveKeyPair } from 'zeromq';
import { TransportError } from './errors.js';
import type { KeyPair } from './transport-types.js';

const Z85 = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#';
const KEY_PATTERN = /^[0-9a-zA-Z.\-:+=^!/*?&<>()[\]{}@%$#]{40}$/;
const DIGEST_PATTERN = /^[0-9a-f]{64}$/;

/** Makes a new pair. */
export function createKeyPair(): KeyPair {
  const { publicKey, secretKey } = curveKeyPair();
  return { publicKey, secretKey };
}

/** PKCS #8 of an X25519 key, but for its 32 bytes (RFC 8410). */
const X25519_DER = Buffer.from('302e020100300506032b656e04220420', 'hex');
const SECRET_LENGTH_MIN = 32;

/**
 * The pair that a secret stands for, always the same (HKDF, RFC 5869): servers that have it in common are one
 * to their workers. @throws TransportError `KEY_INVALID` for a secret of less than 32 characters.
 */
export function deriveKeys(secret: string): KeyPair {
  if (secret.length < SECRET_LENGTH_MIN) {
    throw new TransportError('KEY_INVALID', `A secret has at least ${SECRET_LENGTH_MIN} characters.`);
  }
  const bytes = Buffer.from(hkdfSync('sha256', secret, '', 'hera servers, curve', 32));
  const key = createPrivateKey({ key: Buffer.concat([X25519_DER, bytes]), format: 'der', type: 'pkcs8' });
  const publicDer = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return { publicKey: toZ85(publicDer.subarray(-32)), secretKey: toZ85(bytes) };
}

/** Whether a text is one half of a key: 40 characters of Z85. */
export function isKey(text: string): boolean {
  return KEY_PATTERN.test(text);
}

/** What the holder of a secret key presents: 64 hex digits that tell nothing about the key. */
export function proofOf(secretKey: string): string {
  return createHash('sha256').update(`hera proof\n${secretKey}`).digest('hex');
}

/** What a server keeps of a proof. */
export function hashOf(proof: string): string {
  return createHash('sha256').update(proof).digest('hex');
}

/** Compares in constant time; false for anything that is no proof or no hash. */
export function isProof(proof: string, proofHash: string): boolean {
  if (!DIGEST_PATTERN.test(proof) || !DIGEST_PATTERN.test(proofHash)) return false;
  return timingSafeEqual(Buffer.from(hashOf(proof)), Buffer.from(proofHash));
}

/** Bytes as Z85, the form ZeroMQ gives keys in; their number must divide by 4. */
export function toZ85(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = '';
  for (let at = 0; at < bytes.byteLength; at += 4) {
    let value = view.getUint32(at);
    let group = '';
    for (let digit = 0; digit < 5; digit += 1) {
      group = Z85.charAt(value % 85) + group;
      value = Math.floor(value / 85);
    }
    text += group;
  }
  return text;
}

/** The bytes of a key. @throws TransportError `KEY_INVALID`. */
export function fromZ85(key: string): Buffer {
  if (!isKey(key)) throw new TransportError('KEY_INVALID', 'A key is 40 characters of Z85.');
  const bytes = Buffer.alloc(32);
  for (let group = 0; group < 8; group += 1) {
    let value = 0;
    for (const char of key.slice(group * 5, group * 5 + 5)) value = value * 85 + Z85.indexOf(char);
    // Five digits of base 85 can name more than four bytes hold.
    if (value > 0xffffffff) throw new TransportError('KEY_INVALID', 'The key is no Z85 of 32 bytes.');
    bytes.writeUInt32BE(value, group * 4);
  }
  return bytes;
}

/** Checks both halves. @throws TransportError `KEY_INVALID` that names the holder, never the key. */
export function checkKeyPair(keys: KeyPair | undefined, holder: string): KeyPair {
  if (!keys) throw new TransportError('KEY_INVALID', `${holder}: a tcp address needs a key pair.`);
  fromZ85(keys.publicKey);
  fromZ85(keys.secretKey);
  return keys;
}

/**
 * The pair of a file, made and written (mode 0600) if there is none; only for the server's own keys, since a
 * worker's come with its enrolment. @throws TransportError `KEY_FILE_UNSAFE`, `KEY_INVALID`.
 */
export async function loadOrCreateKeys(file: string): Promise<KeyPair> {
  const found = await readPrivateJson(file);
  if (found === null) {
    const keys = createKeyPair();
    await writePrivateJson(file, keys);
    return keys;
  }
  const { publicKey, secretKey } = found;
  if (typeof publicKey !== 'string' || typeof secretKey !== 'string')
    throw new TransportError('KEY_INVALID', `${file} holds no key pair.`);
  return checkKeyPair({ publicKey, secretKey }, file);
}

/** The object in a file that only its owner may read; null if there is none. */
export async function readPrivateJson(file: string): Promise<Record<string, unknown> | null> {
  let mode: number;
  let text: string;
  try {
    mode = (await stat(file)).mode;
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  if ((mode & 0o077) !== 0) {
    const found = (mode & 0o777).toString(8);
    throw new TransportError(
      'KEY_FILE_UNSAFE',
      `${file} has mode ${found}: others may read it; set it to 600.`,
    );
  }
  const value: unknown = parseJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TransportError('KEY_INVALID', `${file} holds no JSON object.`);
  return value as Record<string, unknown>;
}

/** Writes aside and renames: a crash leaves the old file or the new one. */
export async function writePrivateJson(file: string, value: object): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const aside = `${file}.new`;
  await writeFile(aside, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600, flush: true });
  // An older file beside it may have kept a wider mode.
  await chmod(aside, 0o600);
  await rename(aside, file);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
