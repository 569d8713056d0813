/** Tables of the gates of runs, part of the catalogue of tables.ts. */
import { RUN_KEY } from './run-key.js';

/** What was asked and answered, and what was posted. */
export const GATE_TABLES = {
  /** One row for each gate of a run whose job has any: what was asked and answered in its generation `g`. */
  gate: {
    key: { ...RUN_KEY, gate: 'text' },
    fields: {
      g: 'int',
      type: 'text',
      state: 'text',
      asks: 'int',
      askedAt: 'int',
      nextAt: 'int',
      answer: 'text',
      by: 'text',
      deadlineAt: 'int',
      /** 1 once its deadline has passed with the gate closed. */
      late: 'int',
      changedAt: 'int',
    },
    load: 'open',
  },
  /** Events that were posted, until their days are over. */
  posted_event: {
    key: { id: 'int' },
    fields: {
      name: 'text',
      at: 'int',
      until: 'int',
      instant: 'int',
      businessDate: 'text',
      payload: 'json',
      actor: 'text',
    },
    load: 'all',
  },
} as const;
