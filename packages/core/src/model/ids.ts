/**
 * Ids and units. Outside the engine they are plain strings and numbers; inside, branded types keep a job
 * from being passed for a run and a length of time for an instant. Ids are computed, never drawn: naming a
 * thing twice gives the same id, so creating it twice is harmless.
 */
declare const brand: unique symbol;
type Branded<Base, Name extends string> = Base & { readonly [brand]: Name };

/** Name of a job, unique in an estate and stable: `[\p{L}\p{N}_][\p{L}\p{N}_.-]{0,127}`. */
export type JobName = Branded<string, 'JobName'>;
/** Path of a group in the tree, `dw/dws`; the empty path is the root. */
export type GroupPath = Branded<string, 'GroupPath'>;
export type WorkerName = Branded<string, 'WorkerName'>;
export type PoolName = Branded<string, 'PoolName'>;

/** Milliseconds since the Unix epoch, UTC. */
export type Instant = Branded<number, 'Instant'>;
/** A length of time in milliseconds, never negative. */
export type DurationMs = Branded<number, 'DurationMs'>;
/** A calendar date in some zone, `YYYY-MM-DD`. */
export type LocalDate = Branded<string, 'LocalDate'>;
/** IANA name of a time zone, `Asia/Shanghai`, or `UTC`. */
export type ZoneName = Branded<string, 'ZoneName'>;

/** What a run of a job is for: `t:<UTC instant>` when scheduled or paced, `a:<key>` when ad hoc. */
export type SlotKey = Branded<string, 'SlotKey'>;

export const jobName = (value: string) => value as JobName;
export const groupPath = (value: string) => value as GroupPath;
export const workerName = (value: string) => value as WorkerName;
export const poolName = (value: string) => value as PoolName;
export const instant = (epochMs: number) => epochMs as Instant;
export const durationMs = (ms: number) => ms as DurationMs;
export const localDate = (value: string) => value as LocalDate;
export const zoneName = (value: string) => value as ZoneName;

/** `20261123T020000Z`, with `.123` milliseconds only where they are not zero. */
export function instantText(at: number): string {
  const iso = new Date(at).toISOString();
  const compact = iso.slice(0, 19).replaceAll('-', '').replaceAll(':', '');
  const ms = iso.slice(20, 23);
  return ms === '000' ? `${compact}Z` : `${compact}.${ms}Z`;
}

/** Reverses `instantText`; null when the text is no such instant. */
export function parseInstantText(text: string): Instant | null {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(?:\.(\d{3}))?Z$/.exec(text);
  if (!match) return null;
  const [, year, month, day, hour, minute, second, ms = '0'] = match;
  const at = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
    Number(ms),
  );
  return instantText(at) === text ? instant(at) : null;
}

/** Many runs share an instant, and each is named several times in a step: the last names are kept. */
const recentKeys = new Map<number, SlotKey>();
const RECENT_KEYS_MAX = 4096;

export function timeSlotKey(at: Instant): SlotKey {
  const known = recentKeys.get(at);
  if (known !== undefined) return known;
  if (recentKeys.size >= RECENT_KEYS_MAX) recentKeys.clear();
  const key = `t:${instantText(at)}` as SlotKey;
  recentKeys.set(at, key);
  return key;
}
export const adHocSlotKey = (key: string) => `a:${key}` as SlotKey;

/** Text of a run: `job@20261123T020000Z`, or `job@a:key` when it is ad hoc. */
export function runText(job: string, slotKey: string): string {
  return slotKey.startsWith('t:') ? `${job}@${slotKey.slice(2)}` : `${job}@${slotKey}`;
}

/** A run, and within it one generation (`#2`) or one attempt (`/3`). */
export interface RunRef {
  readonly job: JobName;
  readonly slotKey: SlotKey;
  readonly generation?: number;
  readonly attempt?: number;
}

/** Reads `job@slot`, `job@slot#generation` and `job@slot/attempt`; null when the text is none of them. */
export function parseRunText(text: string): RunRef | null {
  const at = text.indexOf('@');
  if (at <= 0) return null;
  const match = /^(.*?)(?:#(\d+)|\/(\d+))?$/s.exec(text.slice(at + 1));
  if (!match) return null;
  const [, slot = '', generation, attempt] = match;
  const key = slot.startsWith('a:')
    ? (slot as SlotKey)
    : parseInstantText(slot) !== null
      ? (`t:${slot}` as SlotKey)
      : null;
  if (key === null) return null;
  return {
    job: jobName(text.slice(0, at)),
    slotKey: key,
    ...(generation !== undefined && { generation: Number(generation) }),
    ...(attempt !== undefined && { attempt: Number(attempt) }),
  };
}

/** Text of an attempt, `run/2`: the fencing token of everything that is done for it. */
export type AttemptId = Branded<string, 'AttemptId'>;
export const attemptId = (run: string, attempt: number) => `${run}/${attempt}` as AttemptId;

const JOB_NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_.-]{0,127}$/u;
/** Whether the text may name a job. */
export const isJobName = (text: string) => JOB_NAME.test(text);
