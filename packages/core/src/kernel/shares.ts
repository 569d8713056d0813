/**
 * How the free slots of a pool are shared: among lanes by weight, within a lane among teams by weight, and so
 * that nothing starves: lanes that take what others leave, and the run that waits longest, have a start in
 * so many of their own.
 */
import { LANES, LANE_WEIGHT } from './codes.js';
import type { PoolRecord, QueueClass } from './records.js';

/** Of so many starts of a pool at least one is of what the others would leave nothing to. */
export const STARTS_PER_TURN = 64;
/** Shares begin at 0 again beyond this, so that they stay exact. */
const SHARE_MAX = 4096;

/** Attempts started by weight; shared by those that compete. */
export interface ShareBook {
  /** Started of each, less what has been forgotten. */
  readonly served: Map<string | number, number>;
  /** Share of its weight that the one served last had been given: where one that was idle begins. */
  share: number;
}

/** What a pool has given to whom. In memory only: a new leader begins with everybody equal. */
export interface PoolShares {
  /** Lanes that have a weight. */
  readonly lanes: ShareBook;
  /** Lanes that take what is left. */
  readonly rest: ShareBook;
  /** Teams of each lane. */
  readonly teams: readonly ShareBook[];
  /** Starts since a lane that takes what is left had one, while it waited. */
  owed: number;
  /** Starts since the run that waited longest had one. */
  sinceOldest: number;
}

const newBook = (): ShareBook => ({ served: new Map(), share: 0 });

/** Nothing given yet. */
export const newShares = (): PoolShares => ({
  lanes: newBook(),
  rest: newBook(),
  teams: LANES.map(newBook),
  owed: 0,
  sinceOldest: 0,
});

const weightOfLane = ({ definition }: PoolRecord, lane: number): number => {
  const name = LANES[lane] ?? 'scheduled';
  return definition.lanes?.[name] ?? LANE_WEIGHT[lane] ?? 0;
};

const weightOfTeam = ({ definition }: PoolRecord, team: string | number): number => {
  const weights = definition.teams?.weights ?? {};
  return Object.hasOwn(weights, team) ? (weights[String(team)] ?? 1) : 1;
};

/** What it has been given, by its weight; never less than the others, so that idleness earns nothing. */
const shareIn = (book: ShareBook, name: string | number, weight: number): number =>
  Math.max(book.share, (book.served.get(name) ?? 0) / weight);

function serve(book: ShareBook, name: string | number, weightOf: (name: string | number) => number): void {
  const weight = weightOf(name);
  book.share = shareIn(book, name, weight);
  book.served.set(name, book.share * weight + 1);
  if (book.share < SHARE_MAX) return;
  for (const [each, count] of book.served) {
    const left = count - book.share * weightOf(each);
    if (left > 0) book.served.set(each, left);
    else book.served.delete(each);
  }
  book.share = 0;
}

/** Whether the lane takes what the others leave. */
export const takesRest = (pool: PoolRecord, lane: number): boolean => weightOfLane(pool, lane) === 0;

/** Lanes that take what is left come after all others, but when it is their turn. */
const REST = 2 ** 40;

/** Place of the lane among the others, the least first. */
export function laneShare(pool: PoolRecord, lane: number): number {
  const { shares } = pool;
  const weight = weightOfLane(pool, lane);
  if (weight > 0) return shareIn(shares.lanes, lane, weight);
  const share = shareIn(shares.rest, lane, 1);
  return shares.owed >= STARTS_PER_TURN - 1 ? share - REST : share + REST;
}

/** Place of the class's team among those of the lane, the least first; 0 where teams do not share. */
export const teamShare = ({ pool, team }: QueueClass, lane: number): number =>
  pool.definition.teams === undefined
    ? 0
    : shareIn(pool.shares.teams[lane] ?? newBook(), team, weightOfTeam(pool, team));

/** A run of the class and lane has started; `passed` when a run that takes what is left had to wait. */
export function served(from: QueueClass, lane: number, passed: boolean): void {
  const { pool, team } = from;
  const { shares } = pool;
  if (takesRest(pool, lane)) {
    serve(shares.rest, lane, () => 1);
    shares.owed = 0;
  } else {
    serve(shares.lanes, lane, (name) => weightOfLane(pool, Number(name)) || 1);
    shares.owed = passed ? shares.owed + 1 : 0;
  }
  const book = shares.teams[lane];
  if (book && pool.definition.teams) serve(book, team, (name) => weightOfTeam(pool, name));
  shares.sinceOldest++;
}
