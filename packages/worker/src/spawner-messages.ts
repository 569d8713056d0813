/** What the agent and its spawner say to each other over the spawner's channel. Both are of one version. */

/** To the spawner. */
export type SpawnerOrder = {
  readonly type: 'spawn';
  readonly attempt: string;
  readonly directory: string;
  /** Added to the spawner's own environment, which is the worker's. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly graceMs: number;
  /** Whether the attempt must die with the worker's lease. */
  readonly isFenced: boolean;
};

/** From the spawner. */
export type SpawnerNews =
  | { readonly type: 'spawned'; readonly attempt: string; readonly pid: number }
  | {
      readonly type: 'failed';
      readonly attempt: string;
      readonly code: string;
      readonly message: string;
    }
  /** The shim itself has ended, and was reaped; what became of the attempt is in its `exit` record. */
  | { readonly type: 'ended'; readonly attempt: string; readonly signal: string | null };
