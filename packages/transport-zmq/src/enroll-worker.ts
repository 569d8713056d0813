/**
 * How a worker comes by its identity: it makes its keys, puts them on disk, and shows its token once. Cut off
 * anywhere it can be repeated: the same keys enrol the same worker.
 */
import { Context } from 'zeromq';
import { Dialer, checkServer } from './dialer.js';
import { readEnrollmentToken } from './enrollment-token.js';
import { TransportError } from './errors.js';
import { checkKeyPair, createKeyPair, isKey, proofOf, readPrivateJson, writePrivateJson } from './keys.js';
import { WORKER_NAME_PATTERN } from './server-enrollment.js';
import type { KeyPair, ServerAddress } from './transport-types.js';
import {
  BEAT_MS,
  FRAME_BYTES_MAX,
  decodeParts,
  drawLink,
  encodeParts,
  labelsField,
  readFields,
  textField,
  textsField,
} from './wire.js';
import type { Fields } from './wire.js';

const PATIENCE_MS = 10_000;

/** What a worker is, after its enrolment; `createZmqWorkerTransport` takes it as options. */
export interface WorkerIdentity {
  readonly worker: string;
  readonly keys: KeyPair;
  readonly pools: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly servers: readonly ServerAddress[];
}

/** What an enrolment needs. */
export interface EnrollOptions {
  /** `tcp://host:port` of a server. */
  readonly address: string;
  /** Text of the token. */
  readonly token: string;
  readonly worker: string;
  /** Where the identity is kept: JSON of mode 0600. */
  readonly file: string;
  /** How long a server may take; default 10 s. */
  readonly timeoutMs?: number;
}

/**
 * Enrols this host and resolves with what was written to `file`. May be repeated. @throws TransportError
 * `TOKEN_INVALID` (no token), `TOKEN_REFUSED` (unknown, used up or expired), `NAME_TAKEN`,
 * `SERVER_UNREACHABLE`, `OPTION_INVALID`, `ADDRESS_INVALID`, `KEY_FILE_UNSAFE`.
 */
export async function enrollWorker(options: EnrollOptions): Promise<WorkerIdentity> {
  const { address, token, worker, file } = options;
  if (!WORKER_NAME_PATTERN.test(worker)) {
    const message = `worker: "${worker}"; up to 63 letters, digits and . _ - are asked for.`;
    throw new TransportError('OPTION_INVALID', message);
  }
  const { keys: tokenKeys, serverKey } = readEnrollmentToken(token);
  const server: ServerAddress = { address, publicKey: serverKey };
  checkServer(server, tokenKeys);
  const keys = await keysFor(worker, file);
  const facts = await ask(options, server, tokenKeys, {
    tokenKey: tokenKeys.publicKey,
    tokenProof: proofOf(tokenKeys.secretKey),
    worker,
    publicKey: keys.publicKey,
    proof: proofOf(keys.secretKey),
  });
  const servers = serversOf(facts);
  const identity: WorkerIdentity = {
    worker,
    keys,
    pools: textsField(facts, 'pools') ?? [],
    labels: labelsField(facts, 'labels') ?? {},
    servers: servers.length > 0 ? servers : [server],
  };
  await writePrivateJson(file, identity);
  return identity;
}

/**
 * The identity an earlier enrolment wrote; null if there is none, or it was not finished.
 * @throws TransportError `KEY_FILE_UNSAFE`, `KEY_INVALID`.
 */
export async function readWorkerIdentity(file: string): Promise<WorkerIdentity | null> {
  const found = await readPrivateJson(file);
  const servers = found ? serversOf(found) : [];
  const worker = found && textField(found, 'worker');
  if (!found || !worker || servers.length === 0) return null;
  return {
    worker,
    keys: readKeys(found, file),
    pools: textsField(found, 'pools') ?? [],
    labels: labelsField(found, 'labels') ?? {},
    servers,
  };
}

/** Keys of an enrolment that was begun, or new ones; on disk before the token is shown. */
async function keysFor(worker: string, file: string): Promise<KeyPair> {
  const found = await readPrivateJson(file);
  if (found && textField(found, 'worker') === worker) return readKeys(found, file);
  if (found) {
    const message = `${file} is the identity of another worker; remove it to enrol as ${worker}.`;
    throw new TransportError('NAME_TAKEN', message);
  }
  const keys = createKeyPair();
  await writePrivateJson(file, { worker, keys });
  return keys;
}

function readKeys(fields: Fields, file: string): KeyPair {
  const halves = labelsField(fields, 'keys') ?? {};
  const { publicKey = '', secretKey = '' } = halves;
  return checkKeyPair({ publicKey, secretKey }, file);
}

function serversOf(fields: Fields): ServerAddress[] {
  const list: unknown = fields['servers'];
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown) => {
    if (typeof item !== 'object' || item === null) return [];
    const address = textField(item as Fields, 'address');
    const publicKey = textField(item as Fields, 'publicKey');
    return address && publicKey && isKey(publicKey) ? [{ address, publicKey }] : [];
  });
}

/** Shows the token, and resolves with the answer. */
async function ask(
  options: EnrollOptions,
  server: ServerAddress,
  keys: KeyPair,
  request: Fields,
): Promise<Fields> {
  const context = new Context();
  context.blocky = false;
  const link = drawLink();
  let dialer: Dialer | null = null;
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Fields>((resolve, reject) => {
      const silence = `${server.address} does not answer: is it a server, and is the token its own?`;
      timer = setTimeout(
        () => reject(new TransportError('SERVER_UNREACHABLE', silence)),
        options.timeoutMs ?? PATIENCE_MS,
      );
      dialer = new Dialer(
        { context, server, keys, frameBytesMax: FRAME_BYTES_MAX, beatMs: BEAT_MS },
        {
          onOpen: () => dialer?.send(encodeParts('enroll', link, request)),
          onFrame: (parts) => {
            const frame = decodeParts(parts);
            if (frame?.link !== link) return;
            const facts = readFields(frame.body) ?? {};
            if (frame.head === 'enrolled') resolve(facts);
            else if (frame.head === 'refused') reject(refusal(facts, options));
          },
          onEnd: (reason, isRefused) => reject(ended(server, reason, isRefused)),
        },
      );
    });
  } finally {
    clearTimeout(timer);
    (dialer as Dialer | null)?.close();
  }
}

const TOKEN_REFUSED = 'The token is unknown to this server, used up or expired; make a new one there.';

function refusal(facts: Fields, { worker }: EnrollOptions): TransportError {
  const code = textField(facts, 'code');
  if (code === 'NAME_TAKEN') {
    const message = `A worker named ${worker} has enrolled with other keys`;
    return new TransportError('NAME_TAKEN', `${message}; remove it there, or take another name.`);
  }
  return new TransportError('TOKEN_REFUSED', TOKEN_REFUSED);
}

function ended(server: ServerAddress, reason: string, isRefused: boolean): TransportError {
  if (isRefused) return new TransportError('TOKEN_REFUSED', TOKEN_REFUSED);
  return new TransportError('SERVER_UNREACHABLE', `${server.address} cannot be reached: ${reason}.`);
}
