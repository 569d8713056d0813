/**
 * The catalogue of tables: keys, typed fields and indexes of everything the kernel writes. Stores make
 * their schema from it, so a field is added here and nowhere else. A row is `{ table, key, value }` with the
 * key's values in the order of `key`; every other field may be absent and then has its default.
 */
import { GATE_TABLES } from './gate-tables.js';
import { RUN_KEY } from './run-key.js';
import { OPERATION_TABLES } from './operation-tables.js';

/** `int` holds a safe integer, `json` a text that is JSON. Every field but a key's may be null. */
export type FieldType = 'int' | 'real' | 'text' | 'json';

export interface TableDefinition {
  /** Fields of the primary key, in order. */
  readonly key: Readonly<Record<string, Exclude<FieldType, 'json' | 'real'>>>;
  readonly fields: Readonly<Record<string, FieldType>>;
  /** Named lists of fields that pages read by. */
  readonly indexes?: Readonly<Record<string, readonly string[]>>;
  /** Whether `load` gives its rows to the kernel: all of them, those that are open, or none. */
  readonly load: 'all' | 'open' | 'none';
}

export const TABLES = {
  meta: { key: { name: 'text' }, fields: { value: 'json' }, load: 'all' },
  calendar: { key: { name: 'text' }, fields: { definition: 'json', at: 'int' }, load: 'all' },
  pool: { key: { name: 'text' }, fields: { definition: 'json', at: 'int' }, load: 'all' },
  concurrency: { key: { name: 'text' }, fields: { holdersMax: 'int' }, load: 'all' },
  job_group: { key: { path: 'text' }, fields: { definition: 'json', at: 'int' }, load: 'all' },
  job: {
    key: { id: 'int' },
    fields: {
      name: 'text',
      state: 'text',
      definition: 'json',
      revision: 'int',
      source: 'text',
      /** From when slots count: the job was enabled and its present schedule saved. */
      since: 'int',
      /** The last slot that was made into a run or a skipped row. */
      cursor: 'int',
      /** Failed runs since the last success, of a job that is paused after some. */
      failedInRow: 'int',
      /** Edges that an edit took away, by the upstream's number: claimed runs are still bound by them. */
      formerEdges: 'json',
      /** After how many failed runs in a row the scheduler disabled it; null when it did not. */
      paused: 'int',
    },
    indexes: { job_by_name: ['name'] },
    load: 'all',
  },
  commitment: {
    key: { name: 'text' },
    fields: {
      definition: 'json',
      source: 'text',
      at: 'int',
      /** The instant that `state` is about. */
      due: 'int',
      state: 'text',
      predictedEnd: 'int',
      culprit: 'text',
      /** How many forecasts in a row say otherwise than `state`. */
      doubts: 'int',
    },
    load: 'all',
  },
  /** How long runs of a job take: its latest durations, by kinds of days. */
  duration_model: { key: { job: 'int' }, fields: { samples: 'json', at: 'int' }, load: 'all' },
  job_revision: {
    key: { job: 'int', revision: 'int' },
    fields: { definition: 'json', at: 'int', actor: 'text' },
    load: 'none',
  },
  run: {
    key: RUN_KEY,
    fields: {
      instant: 'int',
      start: 'int',
      end: 'int',
      businessDate: 'text',
      zone: 'text',
      createdAt: 'int',
      /** Submission the ad hoc run belongs to. */
      submission: 'text',
      /** Newest main generation and its phase, for pages and filters. */
      generation: 'int',
      phase: 'text',
      reason: 'text',
      attempts: 'int',
      endedAt: 'int',
      /** 1 when selectors see it: it was due by schedule, or a plan made it. */
      counts: 'int',
      /** Slot key of the run of the same job whose success counts for this skipped one. */
      coveredBy: 'text',
      /** 1 while a generation of either track can move. */
      open: 'int',
    },
    indexes: {
      run_by_time: ['instant', 'job'],
      run_by_phase: ['phase', 'instant'],
      run_open: ['open', 'job'],
      run_by_submission: ['submission'],
    },
    load: 'open',
  },
  generation: {
    key: { ...RUN_KEY, g: 'int' },
    fields: {
      trigger: 'text',
      track: 'text',
      lane: 'text',
      gates: 'text',
      releases: 'int',
      actor: 'text',
      cause: 'text',
      params: 'json',
      plan: 'int',
      priority: 'int',
      phase: 'text',
      reason: 'text',
      createdAt: 'int',
      queuedAt: 'int',
      startedAt: 'int',
      endedAt: 'int',
      retryAt: 'int',
      /** First attempt number of this generation, and how many of its tries have counted. */
      firstAttempt: 'int',
      tries: 'int',
      /** Minute since the epoch by which it must start for its commitments to be met; null without one. */
      startBy: 'int',
      /** 1 once it was said that it takes longer, or ends later, than its job expects. */
      late: 'int',
      /** Workers a retry avoids; JSON list. */
      avoid: 'json',
      /** Upstream slots and the generation of each that was used, written at the first claim. */
      consumed: 'json',
    },
    load: 'open',
  },
  attempt: {
    key: { ...RUN_KEY, n: 'int' },
    fields: {
      g: 'int',
      state: 'text',
      worker: 'text',
      session: 'int',
      epoch: 'int',
      revision: 'int',
      claimedAt: 'int',
      startedAt: 'int',
      endedAt: 'int',
      timeoutAt: 'int',
      exitCode: 'int',
      signal: 'text',
      failure: 'text',
      /** Name of the rule that told the class. */
      pattern: 'text',
      message: 'text',
      result: 'json',
      /** Its id as its worker knows it: the name its job had when it was claimed. */
      token: 'text',
      /** Why its end was asked for, by whom, and the slot key that takes its place. */
      cancel: 'json',
      /**
       * What it holds and what is done if its worker is lost, once its job says otherwise than at its claim.
       */
      terms: 'json',
      /** 1 until its end is known. */
      open: 'int',
    },
    indexes: { attempt_open: ['open', 'worker'] },
    load: 'open',
  },
  binding: {
    key: { ...RUN_KEY, upstream: 'int', ordinal: 'int' },
    fields: {
      /**
       * `instants` names slots one by one (JSON); else all slots from `fromInstant` to `toInstant`, both
       * included.
       */
      instants: 'json',
      fromInstant: 'int',
      toInstant: 'int',
      adHocKey: 'text',
      need: 'int',
      why: 'text',
    },
    indexes: { binding_by_upstream: ['upstream', 'toInstant'] },
    load: 'open',
  },
  ...GATE_TABLES,
  request: {
    key: { submitter: 'text', requestKey: 'text' },
    fields: { digest: 'text', answer: 'json', at: 'int' },
    load: 'all',
  },
  /** What was said once and is not said again while it lasts: an alarm's code and its subject. */
  notice: {
    key: { code: 'text', subject: 'text' },
    fields: { value: 'text', at: 'int' },
    load: 'all',
  },
  plan: {
    key: { id: 'int' },
    fields: {
      type: 'text',
      state: 'text',
      actor: 'text',
      reason: 'text',
      options: 'json',
      createdAt: 'int',
      endedAt: 'int',
      total: 'int',
      succeeded: 'int',
      failed: 'int',
    },
    indexes: { plan_by_state: ['state', 'createdAt'] },
    load: 'open',
  },
  plan_member: {
    key: { plan: 'int', ...RUN_KEY },
    fields: { generation: 'int', state: 'text', position: 'int' },
    load: 'open',
  },
  ...OPERATION_TABLES,
  worker: {
    key: { name: 'text' },
    fields: {
      session: 'int',
      boot: 'text',
      slots: 'int',
      pools: 'json',
      labels: 'json',
      kinds: 'json',
      state: 'text',
      seenAt: 'int',
      /** Highest epoch it has reported, so that a store that went back in time is noticed. */
      epoch: 'int',
      /** 1 while a person wants it to take nothing new. */
      drain: 'int',
      /** What its last attempts came to, and when its host failed last; JSON. */
      health: 'json',
      /** Since when, why and how often it is in quarantine, JSON; null when it is not. */
      quarantine: 'json',
    },
    load: 'all',
  },
  /** One first cause and all that fails or waits through it. */
  incident: {
    key: { id: 'int' },
    fields: {
      kind: 'text',
      /** What joins it: `job ID`, `pattern NAME`, or `worker NAME`. */
      joinKey: 'text',
      /** The first run that failed, as text, or `worker NAME`. */
      cause: 'text',
      job: 'int',
      failure: 'text',
      pattern: 'text',
      message: 'text',
      openedAt: 'int',
      lastJoinAt: 'int',
      /** Runs that failed and runs that were blocked, ever. */
      failed: 'int',
      blocked: 'int',
      acknowledgedBy: 'text',
      acknowledgedAt: 'int',
      note: 'text',
      assignee: 'text',
      snoozedUntil: 'int',
      closedAt: 'int',
      why: 'text',
      /** 1 while its cause stands. */
      open: 'int',
    },
    indexes: { incident_open: ['open'] },
    load: 'open',
  },
  incident_member: {
    key: { incident: 'int', ...RUN_KEY },
    fields: {
      /** `failed` or `blocked`. */
      role: 'text',
      generation: 'int',
      at: 'int',
      /** 1 while it has failed, or waits, through this. */
      open: 'int',
    },
    indexes: { incident_member_open: ['open'] },
    load: 'open',
  },
  /** One row per commit holds its events; kept 7 days. */
  event: {
    key: { commitNo: 'int' },
    fields: { at: 'int', events: 'json' },
    indexes: { event_by_time: ['at'] },
    load: 'none',
  },
  /** Runs per job, local day and phase, kept in the commit that changes them. */
  day_count: { key: { day: 'text', job: 'int', phase: 'text' }, fields: { runs: 'int' }, load: 'none' },
  /** Requests passed by servers that do not lead. */
  command: {
    key: { id: 'text' },
    fields: { request: 'json', answer: 'json', at: 'int', open: 'int' },
    indexes: { command_open: ['open', 'at'] },
    load: 'none',
  },
  /** Small records of servers and people, such as the keys of workers; never written by the kernel. */
  document: { key: { kind: 'text', id: 'text' }, fields: { version: 'int', body: 'json' }, load: 'none' },
} as const satisfies Record<string, TableDefinition>;

export type TableName = keyof typeof TABLES;
export const TABLE_NAMES = Object.keys(TABLES) as readonly TableName[];
/** The catalogue, seen without its literal types. */
export const tableDefinition = (table: TableName): TableDefinition => TABLES[table];

export type FieldValue = string | number | null;
export type RowKey = readonly (string | number)[];
export type RowValue = Readonly<Record<string, FieldValue>>;

export interface Row {
  readonly table: TableName;
  readonly key: RowKey;
  readonly value: RowValue;
}

/**
 * One change. `put` sets the fields it names: of a row that is there it leaves the others as they are, a new
 * row gets null in them. `delete` of a missing row and a repeated `put` change nothing; `add` is the only
 * write that is not idempotent, which the commit number makes up for.
 */
export type Write =
  | { readonly op: 'put'; readonly table: TableName; readonly key: RowKey; readonly value: RowValue }
  | { readonly op: 'delete'; readonly table: TableName; readonly key: RowKey }
  | {
      readonly op: 'add';
      readonly table: TableName;
      readonly key: RowKey;
      readonly field: string;
      readonly by: number;
    };

/** Text under which a row is found in maps: its key's values, joined by a character that no name may hold. */
export const rowKeyText = (key: RowKey) => key.join('\u0000');
