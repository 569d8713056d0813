/**
 * Who may connect: workers by their public keys, and enrolment tokens by which new workers come in. The
 * server asks at every handshake, so that a worker which enrolled at one is known to the others at once.
 * Nothing here is secret: keys are public halves, proofs are hashed.
 */

/** A key that is allowed in, and what tells that its holder also holds the secret half. */
export interface KnownKey {
  /** Public CURVE key, 40 characters of Z85. */
  readonly publicKey: string;
  /** SHA-256 of the proof (`proofOf` of the secret key), hex. */
  readonly proofHash: string;
}

/** A worker on the allow-list. */
export interface WorkerKey extends KnownKey {
  /** Unique among workers. */
  readonly worker: string;
  /** What it serves, whatever it says itself; empty leaves that to the worker. */
  readonly pools: readonly string[];
  /** Set over the worker's own labels. */
  readonly labels: Readonly<Record<string, string>>;
  /** Epoch milliseconds. */
  readonly enrolledAt: number;
}

/** An enrolment token, without its secret. */
export interface TokenKey extends KnownKey {
  /** Names the token in lists and when it is revoked. */
  readonly id: string;
  readonly pools: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly usesMax: number;
  /** How many workers enrolled by it. */
  readonly used: number;
  /** Epoch milliseconds; from then on the token lets nobody in. */
  readonly expiresAt: number;
}

/** What became of an enrolment. `nameTaken`: a worker of that name has another key; remove it first. */
export type EnrollmentResult = 'enrolled' | 'tokenUnusable' | 'nameTaken';

/**
 * Keeps the allow-list. Every method is durable when it resolves and rejects when it does not know; each may
 * be repeated. `createFileKeyStore` is one for a single server, several servers share one in their database.
 */
export interface KeyStore {
  /** The worker of a public key, or null. */
  worker(publicKey: string): Promise<WorkerKey | null>;
  /** The token of a public key, used up and expired ones included, or null. */
  token(publicKey: string): Promise<TokenKey | null>;
  workers(): Promise<readonly WorkerKey[]>;
  tokens(): Promise<readonly TokenKey[]>;
  addToken(token: TokenKey): Promise<void>;
  /** True if there was one. */
  removeToken(id: string): Promise<boolean>;
  /**
   * Counts one use of the token and stores the worker, both or neither, also between servers. The same worker
   * with the same key again counts nothing: its first answer was lost.
   */
  enroll(tokenKey: string, worker: WorkerKey, now: number): Promise<EnrollmentResult>;
  /** True if there was one. Its connections end within `RECHECK_MS` on other servers. */
  removeWorker(worker: string): Promise<boolean>;
}
