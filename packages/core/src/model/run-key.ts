/** A run's key in every table: the job's number, the slot key, and the item (empty; kept for fan-out). */
export const RUN_KEY = { job: 'int', slot: 'text', item: 'text' } as const;
