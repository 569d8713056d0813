/** I4, I5, I13, I14, I16 and P3: what processes really did, against what was stored about them. */
import { attemptId, parseRunText, runText } from '../model/ids.js';
import type { Checker, CheckContext, Fact, RowChange } from './checkers-history.js';

/** Fresh checkers for one history. */
export const processCheckers = (): Checker[] => [
  starts(),
  overlaps(),
  orders(),
  deaths(),
  instants(),
  results(),
];

type StartedFact = Extract<Fact, { type: 'started' }>;

/** Text of the attempt a row is about; null before its job is known. */
function attemptOf({ rows }: CheckContext, { key }: Pick<RowChange, 'key'>): string | null {
  const name = rows.get('job', [Number(key[0])])?.['name'];
  return typeof name === 'string' ? attemptId(runText(name, String(key[1])), Number(key[3])) : null;
}

/** I4: an attempt is started once at most, and on the worker it was given to. */
function starts(): Checker {
  const placed = new Map<string, string>();
  const started = new Set<string>();
  return {
    onRow(change, _, context) {
      if (change.table !== 'attempt' || change.before !== null || !change.after) return;
      const attempt = attemptOf(context, change);
      if (attempt !== null) placed.set(attempt, String(change.after['worker']));
    },
    onFact(fact, { violate }) {
      if (fact.type !== 'started') return;
      if (started.has(fact.attempt)) violate('I4', `${fact.attempt} was started again on ${fact.host}`);
      started.add(fact.attempt);
      const worker = placed.get(fact.attempt);
      if (worker !== fact.host)
        violate('I4', `${fact.attempt} was started on ${fact.host}, given to ${worker}`);
    },
  };
}

/** I5: attempts of a run's main track never live together, but for `rerun` after its loss was stored. */
function overlaps(): Checker {
  const alive = new Map<string, Map<string, StartedFact>>();
  const lost = new Set<string>();
  return {
    onRow(change, _, context) {
      if (change.table !== 'attempt' || change.after?.['open'] !== 0) return;
      const attempt = attemptOf(context, change);
      if (attempt !== null) lost.add(attempt);
    },
    onFact(fact, context) {
      if (fact.type === 'dead') for (const of of alive.values()) of.delete(fact.attempt);
      if (fact.type !== 'started' || !isMain(context, fact)) return;
      const of = alive.get(fact.run) ?? new Map<string, StartedFact>();
      alive.set(fact.run, of);
      for (const other of of.values()) {
        // Either may be the one that was given up: an order can be slow to be carried out.
        const isAllowed = [other, fact].some(
          ({ onWorkerLost, attempt }) => onWorkerLost === 'rerun' && lost.has(attempt),
        );
        if (isAllowed) continue;
        const facts = `${other.attempt} lives on ${other.host} (${other.onWorkerLost})`;
        context.violate('I5', `${fact.attempt} was started on ${fact.host} while ${facts}`);
      }
      of.set(fact.attempt, fact);
    },
  };
}

function isMain({ rows }: CheckContext, { run, generation }: StartedFact): boolean {
  const ref = parseRunText(run);
  if (!ref) return false;
  for (const { key, value } of rows.all('job')) {
    if (value['name'] !== ref.job) continue;
    const row = rows.get('generation', [Number(key[0]), ref.slotKey, '', generation]);
    if (row) return row['track'] === 'main';
  }
  return false;
}

/** I13: a worker acts only on orders of its own session, and of no older epoch than it had written down. */
function orders(): Checker {
  return {
    onFact(fact, { violate }) {
      if (fact.type !== 'spawned') return;
      const { ordered, durable, attempt, host } = fact;
      if (!ordered) violate('I13', `${host} started ${attempt} without an order`);
      else if (ordered.epoch < durable.epoch) {
        violate(
          'I13',
          `${host} started ${attempt} of epoch ${ordered.epoch}, its disk knows ${durable.epoch}`,
        );
      } else if (ordered.session !== durable.session) {
        violate(
          'I13',
          `${host} started ${attempt} of session ${ordered.session}, its own is ${durable.session}`,
        );
      }
    },
  };
}

/** I14: canceled and timed out mean that nothing of it is left. */
function deaths(): Checker {
  const alive = new Map<string, StartedFact>();
  return {
    onFact(fact) {
      if (fact.type === 'started') alive.set(fact.attempt, fact);
      if (fact.type === 'dead') alive.delete(fact.attempt);
    },
    onRow(change, _, context) {
      const { table, after } = change;
      if (table !== 'attempt' || !after) return;
      if (after['state'] !== 'canceled' && after['state'] !== 'timedOut') return;
      const attempt = attemptOf(context, change);
      const process = attempt === null ? undefined : alive.get(attempt);
      if (process)
        context.violate('I14', `${attempt} is stored as ${after['state']} and lives on ${process.host}`);
    },
  };
}

/** I16: nothing that obeys its gates starts before its slot, by the database's clock. */
function instants(): Checker {
  let storeMs = 0;
  return {
    onFact(fact, context) {
      if (fact.type === 'commit') storeMs = Math.max(storeMs, fact.storeMs);
      if (fact.type !== 'started') return;
      storeMs = Math.max(storeMs, fact.storeMs);
      const ref = parseRunText(fact.run);
      if (!ref?.slotKey.startsWith('t:') || !obeysGates(context, fact)) return;
      const at = Date.parse(slotIso(ref.slotKey.slice(2)));
      if (at > storeMs + CLOCK_GRAIN_MS)
        context.violate('I16', `${fact.attempt} started ${at - storeMs} ms before its slot`);
    },
  };
}

/** How well the leader knows a clock that was set back: to about the time an answer is under way. */
const CLOCK_GRAIN_MS = 250;

const slotIso = (text: string) =>
  text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(.*)$/, '$1-$2-$3T$4:$5:$6$7');

function obeysGates({ rows }: CheckContext, { run, generation }: StartedFact): boolean {
  const ref = parseRunText(run);
  if (!ref) return false;
  for (const { key, value } of rows.all('job')) {
    if (value['name'] !== ref.job) continue;
    return rows.get('generation', [Number(key[0]), ref.slotKey, '', generation])?.['gates'] === 'obey';
  }
  return false;
}

/** P3: a stored success really was one; a `hold` attempt that succeeded is never given up as lost. */
function results(): Checker {
  const ended = new Map<
    string,
    { readonly succeeded: boolean; readonly host: string; readonly at: number }
  >();
  const holds = new Set<string>();
  const powerLostAt = new Map<string, number>();
  return {
    onFact(fact) {
      if (fact.type === 'powerLost') powerLostAt.set(fact.host, fact.at);
      if (fact.type === 'started' && fact.onWorkerLost === 'hold') holds.add(fact.attempt);
      if (fact.type === 'dead')
        ended.set(fact.attempt, { succeeded: fact.succeeded, host: fact.host, at: fact.at });
    },
    onRow(change, _, context) {
      const { table, before, after } = change;
      if (table !== 'attempt' || after?.['open'] !== 0 || before?.['open'] === 0) return;
      const attempt = attemptOf(context, change);
      const end = attempt === null ? undefined : ended.get(attempt);
      const { state } = after;
      if (state === 'succeeded' && end?.succeeded !== true) {
        context.violate('P3', `${attempt} is stored as succeeded, its process did not`);
      }
      if (attempt === null || !holds.has(attempt) || end?.succeeded !== true || state === 'succeeded') return;
      const lostPower = (powerLostAt.get(end.host) ?? -1) >= end.at;
      if (!lostPower) context.violate('P3', `${attempt} succeeded and is stored as ${state}`);
    },
  };
}
