/**
 * Takes in new workers. Whoever gets here holds a token's key, or ZeroMQ would not have let it connect; it
 * says which token, proves that it is the holder, and names the key that the worker will come with.
 */
import type { Observer } from '@hera/core';
import type { KeyStore, WorkerKey } from './key-store.js';
import { hashOf, isKey, isProof } from './keys.js';
import type { ServerAddress } from './transport-types.js';
import { encodeParts, readFields, textField } from './wire.js';
import type { Frame } from './wire.js';

/** Names that are file names, labels and log fields without quoting. */
export const WORKER_NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

const PROOF_PATTERN = /^[0-9a-f]{64}$/;

/** What a worker that may enrol is told. */
export interface EnrollmentDesk {
  readonly keyStore: KeyStore;
  readonly advertise: readonly ServerAddress[];
  readonly observer: Observer;
}

/**
 * The answer to an `enroll` frame, or null where there must be none: whoever does not hold the token gets
 * no byte.
 */
export async function answerEnrollment(desk: EnrollmentDesk, frame: Frame) {
  const fields = readFields(frame.body);
  const [tokenKey, tokenProof] = fields
    ? [textField(fields, 'tokenKey'), textField(fields, 'tokenProof')]
    : [];
  if (!fields || !tokenKey || !tokenProof) return null;
  const token = await desk.keyStore.token(tokenKey);
  if (!token || !isProof(tokenProof, token.proofHash)) return null;
  const worker = textField(fields, 'worker') ?? '';
  const publicKey = textField(fields, 'publicKey') ?? '';
  const proof = textField(fields, 'proof') ?? '';
  if (!WORKER_NAME_PATTERN.test(worker) || !isKey(publicKey) || !PROOF_PATTERN.test(proof))
    return refusal(frame, 'FIELDS');
  const row: WorkerKey = {
    worker,
    publicKey,
    proofHash: hashOf(proof),
    pools: token.pools,
    labels: token.labels,
    enrolledAt: Date.now(),
  };
  const result = await desk.keyStore.enroll(tokenKey, row, row.enrolledAt);
  if (result === 'tokenUnusable') return refusal(frame, 'TOKEN');
  if (result === 'nameTaken') return refusal(frame, 'NAME_TAKEN');
  desk.observer.log('info', 'a worker enrolled', { worker, token: token.id, pools: token.pools });
  const { pools, labels } = row;
  return encodeParts('enrolled', frame.link, { worker, pools, labels, servers: desk.advertise });
}

function refusal(frame: Frame, code: string) {
  return encodeParts('refused', frame.link, { code });
}
