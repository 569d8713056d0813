/**
 * Commitments as the kernel keeps them: by which instant which jobs must be done. A due instant is a slot of
 * a schedule, so zones, clock changes and calendars are the ones of everything else.
 */
import { compileSchedule, nextInstant } from '../calendar/schedule.js';
import type { CompiledSchedule } from '../calendar/schedule.js';
import { parseDuration } from '../calendar/duration.js';
import type { CommitmentDefinition, CommitmentState } from '../model/commitment.js';
import { instant, zoneName } from '../model/ids.js';
import type { Instant } from '../model/ids.js';
import type { Definitions } from '../model/job.js';
import type { Row } from '../model/tables.js';
import type { CompileContext } from './compile-job.js';
import { put, remove } from './outbox.js';
import { jsonIn, numberIn, textIn } from './restore.js';
import type { SchedulerState } from './state.js';

/** A commitment and how it stands for the instant it is due next. */
export interface CommitmentRecord {
  readonly name: string;
  readonly definition: CommitmentDefinition;
  readonly source: string;
  /** Its slots are the instants at which it is due. */
  readonly schedule: CompiledSchedule;
  readonly warnMs: number;
  /** What the rest is about; null when it is never due again. */
  due: Instant | null;
  state: CommitmentState;
  predictedEnd: number | null;
  culprit: string | null;
  /** Forecasts in a row that say otherwise than `state`. */
  doubts: number;
}

const DEFAULT_WARN_MS = 30 * 60_000;
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

type Compiled = Pick<CommitmentRecord, 'definition' | 'schedule' | 'warnMs'>;

/** Compiles a commitment. @throws SchedulerError for a time, zone, calendar or duration that is none. */
export function compileCommitment(
  context: Pick<CompileContext, 'calendars' | 'options'>,
  definition: CommitmentDefinition,
): Compiled {
  const { due, zone, days, calendar, warn } = definition;
  const [hour = 0, minute = 0] = due.split(':').map(Number);
  const on = days?.map((day) => WEEKDAYS.indexOf(day)).join(',') ?? '*';
  const schedule = compileSchedule(
    {
      cron: `${minute} ${hour} * * ${on}`,
      ...(zone !== undefined && { zone }),
      ...(calendar !== undefined && { calendar }),
    },
    {
      zone: zoneName(context.options.zone),
      calendars: (name) => context.calendars.get(name)?.compiled ?? null,
    },
  );
  return { definition, schedule, warnMs: warn === undefined ? DEFAULT_WARN_MS : parseDuration(warn) };
}

/** The first due instant after another; null when there is none. */
export const nextDue = (record: Pick<CommitmentRecord, 'schedule'>, after: number): Instant | null =>
  nextInstant(record.schedule, instant(after));

/** Takes over the commitments that definitions name; those that have not changed go on as they stand. */
export function applyCommitments(
  state: SchedulerState,
  definitions: Definitions,
  options: { readonly source: string; readonly prune: boolean },
): void {
  for (const name of options.prune ? prunableCommitments(state, definitions, options.source) : []) {
    state.commitments.delete(name);
    remove(state.outbox, 'commitment', [name]);
  }
  for (const [name, definition] of Object.entries(definitions.commitments ?? {})) {
    const known = state.commitments.get(name);
    if (JSON.stringify(known?.definition) === JSON.stringify(definition) && known?.source === options.source)
      continue;
    const compiled = compileCommitment(state, definition);
    const record: CommitmentRecord = {
      ...compiled,
      name,
      source: options.source,
      due: nextDue(compiled, state.now),
      state: 'onTrack',
      predictedEnd: null,
      culprit: null,
      doubts: 0,
    };
    state.commitments.set(name, record);
    put(state.outbox, 'commitment', [name], {
      definition: JSON.stringify(definition),
      source: options.source,
      at: state.now,
      ...standing(record),
    });
  }
}

/** Calendars have changed: the instants at which commitments are due may be others. */
export function recompileCommitments(state: SchedulerState): void {
  for (const [name, record] of state.commitments)
    state.commitments.set(name, { ...record, ...compileCommitment(state, record.definition) });
}

/** Commitments of the source that the definitions leave out. */
export function prunableCommitments(
  state: SchedulerState,
  definitions: Definitions,
  source: string,
): string[] {
  const kept = definitions.commitments ?? {};
  return [...state.commitments.values()]
    .filter((record) => record.source === source && !Object.hasOwn(kept, record.name))
    .map((record) => record.name);
}

/** Writes how the commitment stands. */
export function writeStanding(state: SchedulerState, record: CommitmentRecord): void {
  put(state.outbox, 'commitment', [record.name], standing(record));
}

const standing = ({ due, state, predictedEnd, culprit, doubts }: CommitmentRecord) => ({
  due,
  state,
  predictedEnd,
  culprit,
  doubts,
});

/** Takes a stored commitment back; calendars have been loaded before. */
export function restoreCommitment(state: SchedulerState, row: Row): void {
  const { value } = row;
  const definition = jsonIn<CommitmentDefinition>(value, 'definition');
  if (definition === null) return;
  const name = String(row.key[0]);
  const due = numberIn(value, 'due', -1);
  const predictedEnd = numberIn(value, 'predictedEnd', -1);
  state.commitments.set(name, {
    ...compileCommitment(state, definition),
    name,
    source: textIn(value, 'source') ?? '',
    due: due < 0 ? null : instant(due),
    state: (textIn(value, 'state') ?? 'onTrack') as CommitmentState,
    predictedEnd: predictedEnd < 0 ? null : predictedEnd,
    culprit: textIn(value, 'culprit'),
    doubts: numberIn(value, 'doubts'),
  });
}
