/** What became of all runs of a virtual engine, in the words people read. */
import { explain } from '../kernel/index.js';
import { localDateOf } from '../calendar/time-zone.js';
import { runText } from '../model/ids.js';
import type { Instant, ZoneName } from '../model/ids.js';
import type { AttemptState, Blocker, Phase, Track, Trigger } from '../model/run.js';
import type { Row } from '../model/tables.js';
import type { SlotView } from '../model/views.js';
import type { VirtualEngine } from './virtual-engine.js';

/** One run, with all that was done about it. Times are epoch ms. */
export interface SimulatedRun {
  /** `job@20261123T020000Z`, or `job@a:key`. */
  readonly id: string;
  readonly job: string;
  readonly slot: SlotView;
  readonly businessDate: string;
  readonly phase: Phase;
  readonly reason: string | null;
  /** Start of its first attempt and end of its last; null when there is none. */
  readonly start: number | null;
  readonly end: number | null;
  readonly generations: readonly SimulatedGeneration[];
  readonly attempts: readonly SimulatedAttempt[];
  /** Why it had not ended when the simulation did; empty for runs that had. */
  readonly blockers: readonly Blocker[];
}

/** One intention to execute the run. */
export interface SimulatedGeneration {
  readonly g: number;
  readonly trigger: Trigger;
  readonly track: Track;
  readonly phase: Phase;
  readonly reason: string | null;
  readonly createdAt: number;
  readonly endedAt: number | null;
}

/** One try. */
export interface SimulatedAttempt {
  readonly n: number;
  readonly g: number;
  /** Of the generation it belongs to. */
  readonly trigger: Trigger;
  readonly worker: string;
  readonly start: number | null;
  readonly end: number | null;
  readonly result: AttemptState;
  readonly exitCode: number | null;
}

const OPEN: readonly string[] = ['waiting', 'queued', 'running', 'backoff'];

/** All runs of slots from `from` on, in the order of their instants, then of their names. */
export function collectRuns(engine: VirtualEngine, from: number): SimulatedRun[] {
  const names = new Map(engine.rows('job').map(({ key, value }) => [Number(key[0]), String(value['name'])]));
  const generations = byRun(engine.rows('generation'));
  const attempts = byRun(engine.rows('attempt'));
  const wanted = engine.rows('run').filter(({ value }) => Number(value['instant']) >= from);
  const runs = wanted.map((row) => {
    const key = runKey(row);
    const job = names.get(Number(row.key[0])) ?? '';
    const gs = (generations.get(key) ?? []).map(generationOf);
    const triggers = new Map(gs.map(({ g, trigger }) => [g, trigger]));
    const ns = (attempts.get(key) ?? []).map((attempt) => attemptOf(attempt, triggers));
    return simulatedRun(engine, { row, job, gs, ns });
  });
  return runs.sort(
    (a, b) => a.slot.instant - b.slot.instant || compareText(a.job, b.job) || compareText(a.id, b.id),
  );
}

interface RunParts {
  readonly row: Row;
  readonly job: string;
  readonly gs: readonly SimulatedGeneration[];
  readonly ns: readonly SimulatedAttempt[];
}

function simulatedRun(engine: VirtualEngine, { row, job, gs, ns }: RunParts): SimulatedRun {
  const { value } = row;
  const slotKey = String(row.key[1]);
  const id = runText(job, slotKey);
  const phase = String(value['phase'] ?? 'none') as Phase;
  const instant = Number(value['instant']);
  const zone = String(value['zone']);
  const businessDate = String(value['businessDate']);
  const last = ns.at(-1);
  return {
    id,
    job,
    slot: {
      key: slotKey,
      instant,
      interval: { start: Number(value['start']), end: Number(value['end']) },
      businessDate,
      day: localDateOf(zone as ZoneName, instant as Instant),
      zone,
    },
    businessDate,
    phase,
    reason: textOrNull(value['reason']),
    start: ns[0]?.start ?? null,
    end: last && !ns.some(({ end }) => end === null) ? last.end : null,
    generations: gs,
    attempts: ns,
    blockers: OPEN.includes(phase) ? explain(engine.state, id) : [],
  };
}

function generationOf({ key, value }: Row): SimulatedGeneration {
  return {
    g: Number(key[3]),
    trigger: String(value['trigger']) as Trigger,
    track: String(value['track']) as Track,
    phase: String(value['phase']) as Phase,
    reason: textOrNull(value['reason']),
    createdAt: Number(value['createdAt']),
    endedAt: numberOrNull(value['endedAt']),
  };
}

function attemptOf({ key, value }: Row, triggers: ReadonlyMap<number, Trigger>): SimulatedAttempt {
  const g = Number(value['g']);
  const claimedAt = numberOrNull(value['claimedAt']);
  return {
    n: Number(key[3]),
    g,
    trigger: triggers.get(g) ?? 'schedule',
    worker: String(value['worker']),
    start: numberOrNull(value['startedAt']) ?? claimedAt,
    end: numberOrNull(value['endedAt']),
    result: String(value['state']) as AttemptState,
    exitCode: numberOrNull(value['exitCode']),
  };
}

function byRun(rows: readonly Row[]): Map<string, Row[]> {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    const key = runKey(row);
    const list = found.get(key);
    if (list) list.push(row);
    else found.set(key, [row]);
  }
  return found;
}

const runKey = ({ key }: Row) => `${key[0]} ${key[1]}`;
const numberOrNull = (value: unknown) => (typeof value === 'number' ? value : null);
const textOrNull = (value: unknown) => (typeof value === 'string' ? value : null);
const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
