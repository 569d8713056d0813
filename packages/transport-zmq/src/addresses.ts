/** Addresses, and the folder that makes an unencrypted one safe. */
import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { dirname, isAbsolute } from 'node:path';
import { TransportError } from './errors.js';

/** A checked address. */
export type Address =
  | { readonly kind: 'tcp'; readonly text: string; readonly host: string; readonly port: number }
  | { readonly kind: 'ipc'; readonly text: string; readonly path: string };

const TCP_PATTERN = /^tcp:\/\/(\*|[A-Za-z0-9._-]+|\[[0-9a-fA-F:.%a-z]+\]):(\d{1,5})$/;
/** The kernel's limit for the name of a Unix socket, with its closing NUL. */
const SOCKET_PATH_BYTES_MAX = 107;

/** Reads an address. @throws TransportError `ADDRESS_INVALID`. */
export function readAddress(text: string): Address {
  const found = TCP_PATTERN.exec(text);
  const port = Number(found?.[2]);
  if (found?.[1] !== undefined && port <= 65_535) return { kind: 'tcp', text, host: found[1], port };
  const path = text.startsWith('ipc://') ? text.slice(6) : '';
  if (!isAbsolute(path)) {
    const message = `${text} is no address: tcp://host:port or ipc:///absolute/path is asked for.`;
    throw new TransportError('ADDRESS_INVALID', message);
  }
  if (Buffer.byteLength(path) > SOCKET_PATH_BYTES_MAX) {
    const message = `${text} is longer than the ${SOCKET_PATH_BYTES_MAX} bytes a socket's path may have.`;
    throw new TransportError('ADDRESS_INVALID', message);
  }
  return { kind: 'ipc', text, path };
}

/** The address of another port on the same host. */
export function besidePort(address: Address, port: number): string | null {
  return address.kind === 'tcp' ? `tcp://${address.host}:${port}` : null;
}

/**
 * Makes the folder of a socket if it is missing, and insists that only its owner may enter: who can reach an
 * `ipc` socket is believed. @throws TransportError `FOLDER_UNSAFE`.
 */
export function secureFolder(path: string): void {
  const folder = dirname(path);
  if (mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined) chmodSync(folder, 0o700);
  const { mode, uid } = statSync(folder);
  if ((mode & 0o077) === 0 && uid === process.getuid?.()) return;
  const found = (mode & 0o777).toString(8);
  const message = `${folder} has mode ${found} and owner ${uid}`;
  throw new TransportError(
    'FOLDER_UNSAFE',
    `${message}: an ipc socket needs a folder of one's own, mode 700.`,
  );
}
