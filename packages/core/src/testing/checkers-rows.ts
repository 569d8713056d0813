/** I1, I2, I6, I7, I10, I11, I15: what the database was made to say, one commit after the other. */
import { parseDuration } from '../calendar/duration.js';
import type { JobDefinition, PoolDefinition, RetryDefinition } from '../model/job.js';
import type { RowValue } from '../model/tables.js';
import { kernelTimeOf, runKeyText } from './checkers-history.js';
import type { Checker, CheckContext, RowChange } from './checkers-history.js';

const ENDED: ReadonlySet<unknown> = new Set(['succeeded', 'failed', 'canceled', 'skipped']);

/** Fresh checkers for one history. */
export const rowCheckers = (): Checker[] => [
  epochs(),
  generationsOfRuns(),
  ends(),
  limits(),
  retries(),
  answers(),
];

/** I1: an epoch is granted once, and they grow; I7: nothing is applied under an epoch that has passed. */
function epochs(): Checker {
  let epoch = 0;
  let commitNo = 0;
  return {
    onFact(fact, { violate }) {
      if (fact.type === 'granted') {
        if (fact.epoch <= epoch) violate('I1', `epoch ${fact.epoch} was granted after ${epoch}`);
        epoch = fact.epoch;
      }
      if (fact.type !== 'commit') return;
      if (fact.epoch !== epoch) violate('I7', `a commit of epoch ${fact.epoch} was applied under ${epoch}`);
      if (fact.commitNo !== commitNo + 1) violate('I7', `commit ${fact.commitNo} followed ${commitNo}`);
      commitNo = fact.commitNo;
    },
  };
}

/** I2: at most one unfinished main generation of a run. The run itself is unique by its key. */
function generationsOfRuns(): Checker {
  const open = new Map<string, Set<number>>();
  return {
    onRow({ table, key, after }) {
      if (table !== 'generation' || after?.['track'] !== 'main') return;
      const run = runKeyText(key);
      const g = Number(key[3]);
      const of = open.get(run) ?? new Set();
      open.set(run, of);
      if (ENDED.has(after['phase'])) of.delete(g);
      else of.add(g);
    },
    onCommitted(_, { violate }) {
      for (const [run, of] of open) {
        if (of.size > 1) violate('I2', `run ${run} has unfinished main generations ${[...of].join(', ')}`);
        if (of.size === 0) open.delete(run);
      }
    },
  };
}

/** I6: an end is an end; a success has an attempt that succeeded, unless a person forced it. */
function ends(): Checker {
  const succeeded = new Set<string>();
  return {
    onRow(change, _, { violate }) {
      const { table, key, before, after } = change;
      if (table === 'attempt' && after) {
        const id = `${runKeyText(key)}/${key[3]}`;
        if (before?.['open'] === 0 && (after['open'] !== 0 || before['state'] !== after['state'])) {
          violate('I6', `attempt ${id} had ended as ${before['state']} and is now ${after['state']}`);
        }
        if (after['state'] === 'succeeded') succeeded.add(`${runKeyText(key)}#${after['g']}`);
      }
      if (
        table === 'generation' &&
        before &&
        ENDED.has(before['phase']) &&
        before['phase'] !== after?.['phase']
      ) {
        violate(
          'I6',
          `generation ${runKeyText(key)}#${key[3]} was ${before['phase']} and is now ${after?.['phase']}`,
        );
      }
    },
    onCommitted({ writes }, { rows, violate }) {
      for (const { table, key } of writes) {
        if (table !== 'generation') continue;
        const value = rows.get('generation', key);
        if (value?.['phase'] !== 'succeeded' || value['trigger'] === 'force') continue;
        const name = `${runKeyText(key)}#${key[3]}`;
        if (value['reason'] === null && !succeeded.has(name)) {
          violate('I6', `generation ${name} succeeded without an attempt that did`);
        }
      }
    },
  };
}

interface Claim {
  readonly job: number;
  readonly pool: string;
  readonly worker: string;
  readonly slots: number;
  readonly keys: readonly string[];
  readonly isMain: boolean;
}

/** I10: pools, keys, slots and overlap hold at the moment of each claim, over what is claimed then. */
function limits(): Checker {
  const claims = new Map<string, Claim>();
  const fresh: string[] = [];
  return {
    onRow({ table, key, before, after }, _, context) {
      if (table !== 'attempt' || !after) return;
      const id = `${runKeyText(key)}/${key[3]}`;
      if (after['open'] === 0) claims.delete(id);
      else if (before === null) {
        claims.set(id, claimOf(Number(key[0]), generationOf(context, key, after), { after, context }));
        fresh.push(id);
      }
    },
    onCommitted(_, context) {
      for (const id of fresh) {
        const claim = claims.get(id);
        if (claim) checkClaim(id, claim, { claims, fresh, context });
      }
      fresh.length = 0;
    },
  };
}

const generationOf = ({ rows }: CheckContext, key: readonly (string | number)[], attempt: RowValue) =>
  rows.get('generation', [...key.slice(0, 3), Number(attempt['g'])]);

function definitionOf({ rows }: CheckContext, job: number): JobDefinition {
  return JSON.parse(String(rows.get('job', [job])?.['definition'] ?? '{}')) as JobDefinition;
}

function claimOf(
  job: number,
  generation: RowValue | undefined,
  { after, context }: { readonly after: RowValue; readonly context: CheckContext },
): Claim {
  const { pool = 'default', needs = {} } = definitionOf(context, job);
  const terms = JSON.parse(String(after['terms'] ?? '{}')) as { readonly pool?: string };
  return {
    job,
    pool: terms.pool ?? pool,
    worker: String(after['worker']),
    slots: needs.slots ?? 1,
    keys: needs.concurrency ?? [],
    isMain: generation?.['track'] === 'main',
  };
}

interface ClaimCheck {
  readonly claims: ReadonlyMap<string, Claim>;
  /** Claims of this commit. */
  readonly fresh: readonly string[];
  readonly context: CheckContext;
}

function checkClaim(id: string, claim: Claim, { claims, fresh, context }: ClaimCheck): void {
  const { rows, violate } = context;
  const all = [...claims.values()];
  const poolText = rows.get('pool', [claim.pool])?.['definition'];
  const { runningMax = Infinity } = JSON.parse(String(poolText ?? '{}')) as PoolDefinition;
  const inPool = all.filter(({ pool }) => pool === claim.pool).length;
  if (inPool > runningMax)
    violate('I10', `${id}: ${inPool} attempts in pool ${claim.pool}, ${runningMax} may be`);
  for (const key of claim.keys) {
    const most = Number(rows.get('concurrency', [key])?.['holdersMax'] ?? 1);
    const held = all.filter(({ keys }) => keys.includes(key)).length;
    if (held > most) violate('I10', `${id}: ${held} attempts hold key ${key}, ${most} may`);
  }
  const slots = Number(rows.get('worker', [claim.worker])?.['slots'] ?? Infinity);
  const used = all.filter(({ worker }) => worker === claim.worker).reduce((sum, { slots: n }) => sum + n, 0);
  if (used > slots)
    violate('I10', `${id}: ${used} slots of worker ${claim.worker} are used, it has ${slots}`);
  if (!claim.isMain || !obeysOverlap(id, claim, context)) return;
  // One that is exempt may have been claimed later in the same step.
  const others = [...claims].filter(
    ([other, { job, isMain }]) =>
      other !== id &&
      isMain &&
      job === claim.job &&
      !(fresh.includes(other) && !obeysOverlap(other, claim, context)),
  ).length;
  if (others > 0) violate('I10', `${id}: ${others} other attempts of the job are claimed, none may be`);
}

function obeysOverlap(id: string, claim: Claim, context: CheckContext): boolean {
  if ((definitionOf(context, claim.job).overlap ?? 'queue') === 'allow') return false;
  const [run = ''] = id.split('/');
  const slot = run.slice(run.indexOf(' ') + 1);
  const stored = context.rows.get('run', [claim.job, slot, '']);
  const generation = context.rows.get('generation', [claim.job, slot, '', Number(stored?.['generation'])]);
  return generation !== undefined && generation['plan'] === null;
}

/** Failures of a generation that count, and what its job said about them then. */
interface Counted {
  readonly tries: number;
  readonly endedAt: number;
  readonly retry: RetryDefinition;
}

/** I11: tries that count are as many as the job allows, and rest as long as it says. */
function retries(): Checker {
  const counted = new Map<string, Counted>();
  let kernelMs = 0;
  return {
    onRow(change, commit, context) {
      const { table, key, before, after } = change;
      const now = kernelTimeOf(commit) ?? kernelMs;
      // The database's clock went back: rests that lie before and after that cannot be measured.
      if (now < kernelMs) for (const [g, of] of counted) counted.set(g, { ...of, endedAt: -Infinity });
      kernelMs = now;
      if (table !== 'attempt' || !after) return;
      const g = `${runKeyText(key)}#${after['g']}`;
      if (before === null) return checkRest(g, change, { counted, context });
      if (before['open'] === 0 || after['open'] !== 0) return;
      const counts =
        after['state'] === 'timedOut' || (after['state'] === 'failed' && after['failure'] !== 'host');
      if (!counts) {
        // What does not count is tried again without a rest.
        counted.set(g, {
          retry: {},
          ...counted.get(g),
          tries: counted.get(g)?.tries ?? 0,
          endedAt: -Infinity,
        });
        return;
      }
      const tries = (counted.get(g)?.tries ?? 0) + 1;
      // Clocks differ: both ends of the rest are measured in the kernel's time.
      const { retry = {} } = definitionOf(context, Number(key[0]));
      counted.set(g, { tries, endedAt: kernelTimeOf(commit) ?? context.at, retry });
    },
  };
}

function checkRest(
  g: string,
  { key, after }: RowChange,
  {
    counted,
    context,
  }: {
    readonly counted: ReadonlyMap<string, Counted>;
    readonly context: CheckContext;
  },
): void {
  const known = counted.get(g);
  if (!known || known.tries === 0) return;
  const { attempts = 1, delay = 0, jitter = 0 } = known.retry;
  if (known.tries >= attempts) {
    context.violate('I11', `${g}: attempt ${key[3]} is try ${known.tries + 1} of ${attempts}`);
  }
  const restMs = parseDuration(delay) * (1 - jitter);
  const rested = Number(after?.['claimedAt']) - known.endedAt;
  if (restMs > 0 && known.endedAt > 0 && rested < restMs - CLOCK_SLACK_MS) {
    context.violate('I11', `${g}: attempt ${key[3]} came ${rested} ms after a failure, not ${restMs} ms`);
  }
}

/** Kernel time is in whole ms. */
const CLOCK_SLACK_MS = 2;

/** I15: what was answered is there. */
function answers(): Checker {
  const answered: { request: string; run: string | null; plan: number | null }[] = [];
  return {
    onFact(fact) {
      if (fact.type === 'answered') answered.push(fact);
    },
    atEnd({ rows, violate }) {
      // A job that is deleted and made again has two numbers.
      const numbers = new Map<string, number[]>();
      for (const { key, value } of rows.all('job')) {
        const name = String(value['name']);
        numbers.set(name, [...(numbers.get(name) ?? []), Number(key[0])]);
      }
      for (const { request, run, plan } of answered) {
        if (plan !== null && !rows.get('plan', [plan]))
          violate('I15', `${request}: plan ${plan} is not stored`);
        if (run === null) continue;
        const at = run.indexOf('@');
        const slot = run.slice(at + 1).startsWith('a:') ? run.slice(at + 1) : `t:${run.slice(at + 1)}`;
        const jobs = numbers.get(run.slice(0, at)) ?? [];
        if (!jobs.some((job) => rows.get('run', [job, slot, ''])))
          violate('I15', `${request}: run ${run} is not stored`);
      }
    },
  };
}
