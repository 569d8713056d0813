/** Every phase, in the order of a run's life. */
export const PHASES = [
  'none',
  'waiting',
  'queued',
  'running',
  'backoff',
  'succeeded',
  'failed',
  'canceled',
  'skipped',
] as const;
