/** Tables of waives, overrides and holds, and of the limits and rules that definitions set for them. */

/** Part of the catalogue of tables. */
export const OPERATION_TABLES = {
  waive: {
    key: { id: 'int' },
    fields: {
      job: 'int',
      slot: 'text',
      upstream: 'int',
      /** Slot key of the upstream; null is all that the run is bound to. */
      upstreamSlot: 'text',
      reason: 'text',
      actor: 'text',
      at: 'int',
      until: 'int',
      endedAt: 'int',
      endedBy: 'text',
      open: 'int',
    },
    indexes: { waive_open: ['open'] },
    load: 'open',
  },
  override: {
    key: { id: 'int' },
    fields: {
      selection: 'text',
      /** Slots from one instant or business date to another, both included. */
      fromInstant: 'int',
      toInstant: 'int',
      fromDate: 'text',
      toDate: 'text',
      effect: 'json',
      reason: 'text',
      actor: 'text',
      at: 'int',
      until: 'int',
      endedAt: 'int',
      endedBy: 'text',
      open: 'int',
    },
    indexes: { override_open: ['open'] },
    load: 'open',
  },
  hold: {
    key: { id: 'int' },
    fields: {
      /** Jobs, lanes and concurrency key. */
      scope: 'json',
      /** Name of the rule that made it. */
      rule: 'text',
      pace: 'int',
      /** `holding`, or `releasing` at its pace. */
      state: 'text',
      /** Earliest next start while it is being released. */
      nextAt: 'int',
      reason: 'text',
      actor: 'text',
      at: 'int',
      until: 'int',
      endedAt: 'int',
      endedBy: 'text',
      open: 'int',
    },
    indexes: { hold_open: ['open'] },
    load: 'open',
  },
  /** Limits on selections, and when the next start is, of those that limit starts. */
  start_limit: {
    key: { name: 'text' },
    fields: { definition: 'json', at: 'int', nextAt: 'int' },
    load: 'all',
  },
  /** Rules that hold by themselves, and when the failures that they have counted were. */
  hold_rule: {
    key: { name: 'text' },
    fields: { definition: 'json', at: 'int', recent: 'json' },
    load: 'all',
  },
} as const;
