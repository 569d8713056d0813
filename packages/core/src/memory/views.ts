/**
 * Rows as people see them. Every implementation of Queries uses these, so that a run looks the same whichever
 * store it lies in.
 */
import { localDateOf } from '../calendar/time-zone.js';
import { attemptId, instant, instantText, runText, zoneName } from '../model/ids.js';
import type { JobDefinition } from '../model/job.js';
import type { FieldValue, Row } from '../model/tables.js';
import type { AttemptView, GenerationView, IncidentView, JobView, PlanView, Run } from '../model/views.js';

const text = (value: FieldValue | undefined) => String(value ?? '');
const textOrNull = (value: FieldValue | undefined) => (typeof value === 'string' ? value : null);
const number = (value: FieldValue | undefined) => Number(value ?? 0);
const numberOrNull = (value: FieldValue | undefined) => (typeof value === 'number' ? value : null);
/** What is stored was checked when it was written; a view does not check it again. */
const parsed = <Shape>(value: FieldValue | undefined, otherwise: string): Shape =>
  JSON.parse(typeof value === 'string' ? value : otherwise) as Shape;
/** A column of words that only the kernel writes, from the union the view names. */
const word = <Word extends string>(value: FieldValue | undefined, otherwise: Word) =>
  (typeof value === 'string' ? value : otherwise) as Word;

/** A row of table `job`. A kind that neither the job nor its groups name is `shell`. */
export function jobView({ key, value }: Row): JobView {
  const definition = parsed<JobDefinition>(value['definition'], '{}');
  return {
    id: number(key[0]),
    name: text(value['name']),
    group: definition.group ?? '',
    title: definition.title ?? '',
    kind: definition.kind ?? 'shell',
    state: word(value['state'], 'disabled'),
    revision: number(value['revision']),
    source: text(value['source']),
    definition,
  };
}

/** A row of table `run`, and the name of its job. */
export function runView({ key, value }: Row, job: string): Run {
  const slotKey = text(key[1]);
  const at = instant(number(value['instant']));
  const zone = text(value['zone']) || 'UTC';
  return {
    id: runText(job, slotKey),
    job,
    slot: {
      key: slotKey,
      instant: at,
      interval: { start: number(value['start']), end: number(value['end']) },
      businessDate: text(value['businessDate']),
      day: localDateOf(zoneName(zone), at),
      zone,
    },
    phase: word(value['phase'], 'none'),
    reason: textOrNull(value['reason']),
    generation: number(value['generation']),
    attempts: number(value['attempts']),
    submission: textOrNull(value['submission']),
    createdAt: number(value['createdAt']),
    endedAt: numberOrNull(value['endedAt']),
  };
}

/** A row of table `generation`. */
export function generationView({ key, value }: Row): GenerationView {
  return {
    g: number(key[3]),
    trigger: word(value['trigger'], 'schedule'),
    track: word(value['track'], 'main'),
    lane: word(value['lane'], 'scheduled'),
    gates: word(value['gates'], 'obey'),
    releases: value['releases'] === 1,
    phase: word(value['phase'], 'none'),
    reason: textOrNull(value['reason']),
    actor: text(value['actor']),
    cause: text(value['cause']),
    params: parsed(value['params'], '{}'),
    plan: numberOrNull(value['plan']),
    createdAt: number(value['createdAt']),
    endedAt: numberOrNull(value['endedAt']),
    retryAt: numberOrNull(value['retryAt']),
  };
}

/** A row of table `attempt`, and the text of its run. */
export function attemptView({ key, value }: Row, run: string): AttemptView {
  const n = number(key[3]);
  return {
    id: attemptId(run, n),
    n,
    g: number(value['g']),
    state: word(value['state'], 'dispatched'),
    worker: text(value['worker']),
    revision: number(value['revision']),
    claimedAt: number(value['claimedAt']),
    startedAt: numberOrNull(value['startedAt']),
    endedAt: numberOrNull(value['endedAt']),
    exitCode: numberOrNull(value['exitCode']),
    failure: typeof value['failure'] === 'string' ? word(value['failure'], 'unknown') : null,
    pattern: typeof value['pattern'] === 'string' ? value['pattern'] : null,
    message: textOrNull(value['message']),
    result: textOrNull(value['result']),
  };
}

/** A row of table `plan`. */
export function planView({ key, value }: Row): PlanView {
  return {
    id: number(key[0]),
    type: text(value['type']),
    state: word(value['state'], 'draft'),
    actor: text(value['actor']),
    reason: text(value['reason']),
    createdAt: number(value['createdAt']),
    endedAt: numberOrNull(value['endedAt']),
    total: number(value['total']),
    succeeded: number(value['succeeded']),
    failed: number(value['failed']),
  };
}

/** An incident from its row. */
export function incidentView({ key, value }: Row): IncidentView {
  const textOrNull = (field: string) => (typeof value[field] === 'string' ? value[field] : null);
  return {
    id: number(key[0]),
    kind: word(value['kind'], 'run'),
    cause: text(value['cause']),
    failure: textOrNull('failure') === null ? null : word(value['failure'], 'unknown'),
    pattern: textOrNull('pattern'),
    message: textOrNull('message'),
    openedAt: number(value['openedAt']),
    lastJoinAt: number(value['lastJoinAt']),
    failed: number(value['failed']),
    blocked: number(value['blocked']),
    acknowledgedBy: textOrNull('acknowledgedBy'),
    acknowledgedAt: numberOrNull(value['acknowledgedAt']),
    note: textOrNull('note'),
    assignee: textOrNull('assignee'),
    snoozedUntil: numberOrNull(value['snoozedUntil']),
    closedAt: numberOrNull(value['closedAt']),
    why: textOrNull('why') === null ? null : word(value['why'], 'gone'),
  };
}

/** Which slots of the upstream a row of table `binding` names: one by one, a range, or an ad hoc key. */
export type BoundSlots =
  | { readonly type: 'instants'; readonly instants: readonly number[] }
  | { readonly type: 'range'; readonly from: number; readonly to: number }
  | { readonly type: 'adHoc'; readonly key: string }
  | { readonly type: 'none' };

/** Reads the slots of a row of table `binding`. */
export function boundSlots({ value }: Row): BoundSlots {
  const { instants, fromInstant, toInstant, adHocKey } = value;
  if (typeof adHocKey === 'string') return { type: 'adHoc', key: adHocKey };
  if (typeof instants === 'string') return { type: 'instants', instants: parsed(instants, '[]') };
  if (typeof fromInstant === 'number' && typeof toInstant === 'number')
    return { type: 'range', from: fromInstant, to: toInstant };
  return { type: 'none' };
}

/** Text of the run of a scheduled slot. */
export const runAt = (job: string, at: number) => runText(job, `t:${instantText(at)}`);
