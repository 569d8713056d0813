/**
 * What the agent and its spawner say to each other. There are two spawners, the native shim and a program in
 * Node around `shim.sh`; both start what is ordered and leave the same records behind.
 */

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
  | {
      readonly type: 'spawned';
      readonly attempt: string;
      /** Of the shim, the leader of the attempt's group. */
      readonly pid: number;
      /** When it began, as /proc tells it; missing when the spawner did not look. */
      readonly startTicks?: number;
    }
  | {
      readonly type: 'failed';
      readonly attempt: string;
      readonly code: string;
      readonly message: string;
    }
  /** The shim itself has ended, and was reaped; what became of the attempt is in its `exit` record. */
  | { readonly type: 'ended'; readonly attempt: string; readonly signal: string | null };

/** What the executor hears. */
export interface SpawnerListener {
  onNews(news: SpawnerNews): void;
  /** It died; what it was told and did not answer may or may not have been done. */
  onLost(): void;
}

/** The agent's end of a spawner. */
export interface Launcher {
  /** Of the running spawner; null between two. */
  readonly pid: number | null;
  /** Orders are never repeated: when the spawner dies, `onLost` leads to the attempts' records. */
  send(order: SpawnerOrder): void;
  /** Lets go of it; attempts run on. */
  close(): void;
}
