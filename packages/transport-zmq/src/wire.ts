/**
 * The frames, to the byte; docs/reference/protocol.md describes them for those who write the other side. A
 * frame is a ZeroMQ message of three parts, `log` of more:
 *
 *   head   `hera/1 ` and what the frame is
 *   link   which joining it belongs to: drawn by the worker, so that what was meant for an earlier one shows
 *   body   JSON
 *   bytes  of `log` only: raw output, a part for each piece that its body names
 *
 * What is read here comes from strangers. Nothing throws: what is no frame is null.
 */
import { randomBytes } from 'node:crypto';

/** Version of frames; messages inside have their own. */
export const WIRE_VERSION = 1;
/** Longest frame unless an option says otherwise. */
export const FRAME_BYTES_MAX = 8 * 1_048_576;
/** Between signs of life, ms. */
export const BEAT_MS = 2_000;
/** A peer that was silent for this many beats is gone. */
export const BEATS_MISSED_MAX = 5;
/** Frames of ours that wait for one connection; beyond it they are dropped. */
export const FRAMES_SENT_MAX = 1_000;
/** Frames of a worker that wait for the server; beyond it the worker's own wait, at the worker. */
export const FRAMES_TAKEN_MAX = 64;

/** Pieces of output in one frame. */
export const LOG_PIECES_MAX = 16;

const PREFIX = `hera/${WIRE_VERSION} `;
const HEAD_BYTES_MAX = 32;
/** Of everything but messages. */
const BODY_BYTES_MAX = 65_536;
const LINK_PATTERN = /^[0-9a-f]{1,32}$/;

/** What a frame is, by direction. */
export type WorkerHead = 'join' | 'messages' | 'beat' | 'leave' | 'enroll' | 'log';
export type ServerHead = 'ready' | 'refused' | 'messages' | 'beat' | 'again' | 'bye' | 'enrolled' | 'stored';

/** A frame that came in. */
export interface Frame {
  /** Without the version; any word, since a newer peer may know more. */
  readonly head: string;
  readonly link: string;
  readonly body: Buffer;
  readonly rest: readonly Buffer[];
}

/** Fields of a body. */
export type Fields = Readonly<Record<string, unknown>>;

/** Draws the name of a link. */
export function drawLink(): string {
  return randomBytes(8).toString('hex');
}

/** The parts of a frame. */
export function encodeParts(
  head: WorkerHead | ServerHead,
  link: string,
  body: Fields | string = {},
): (string | Uint8Array)[] {
  return [PREFIX + head, link, typeof body === 'string' ? body : JSON.stringify(body)];
}

/** Reads the parts of a frame, without the route; null if they are none, or of another version. */
export function decodeParts(parts: readonly Buffer[]): Frame | null {
  const [head, link, body, ...rest] = parts;
  if (!head || !link || !body || rest.length > LOG_PIECES_MAX) return null;
  if (head.length > HEAD_BYTES_MAX || link.length > HEAD_BYTES_MAX) return null;
  const text = head.toString('latin1');
  if (!text.startsWith(PREFIX)) return null;
  const name = link.toString('latin1');
  if (!LINK_PATTERN.test(name)) return null;
  return { head: text.slice(PREFIX.length), link: name, body, rest };
}

/** Whether the parts are a frame of another version: such a peer is told, all else is dropped. */
export function isOtherVersion(parts: readonly Buffer[]): boolean {
  const head = parts[0];
  if (!head || head.length > HEAD_BYTES_MAX) return false;
  const text = head.toString('latin1');
  return /^hera\/\d{1,4} /.test(text) && !text.startsWith(PREFIX);
}

/** The fields of a body of at most 64 KiB; null if it is no JSON object. */
export function readFields(body: Buffer): Fields | null {
  const value = readJson(body);
  return isFields(value) ? value : null;
}

/** The objects of a body of at most 64 KiB; null if it is no JSON list of them. */
export function readList(body: Buffer): Fields[] | null {
  const value = readJson(body);
  return Array.isArray(value) && value.every(isFields) ? value : null;
}

function readJson(body: Buffer): unknown {
  if (body.length > BODY_BYTES_MAX) return null;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text field of at most `max` characters; null if it is none or empty. */
export function textField(fields: Fields, name: string, max = 200): string | null {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return typeof value === 'string' && value !== '' && value.length <= max ? value : null;
}

/** A whole number of 0 or more; null if it is none. */
export function countField(fields: Fields, name: string): number | null {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** A list of texts; null if it is none. */
export function textsField(fields: Fields, name: string): string[] | null {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (!Array.isArray(value)) return null;
  return value.every((item) => typeof item === 'string') ? value : null;
}

/** An object of texts; null if it is none. */
export function labelsField(fields: Fields, name: string): Record<string, string> | null {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const entries = Object.entries(value as Fields);
  if (!entries.every((entry): entry is [string, string] => typeof entry[1] === 'string')) return null;
  return Object.fromEntries(entries);
}
