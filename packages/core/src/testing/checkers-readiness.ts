/**
 * I8 and I9: a run starts only when what it waits for has come, and then it does start. Readiness is worked
 * out here from the stored bindings and generations, in the plainest way there is.
 */
import type { EdgeDefinition, EdgeOptionsDefinition } from '../model/edge.js';
import type { JobDefinition, PoolDefinition } from '../model/job.js';
import { timeSlotKey, instant } from '../model/ids.js';
import type { RowKey, RowValue } from '../model/tables.js';
import { kernelTimeOf, runKeyText } from './checkers-history.js';
import type { Checker, CheckContext, ReplayedRows, RowChange } from './checkers-history.js';

/** Fresh checkers for one history. */
export const readinessCheckers = (options: {
  readonly quietSince: number;
  readonly endedAt: number;
}): Checker[] => [starts(), quiet(options)];

/** Rows of runs and generations by job, so that looking one up does not read all. */
class RunIndex {
  readonly #generations = new Map<string, Map<number, RowValue>>();
  readonly #runs = new Map<number, Map<string, RowValue>>();
  /** Definitions of jobs when their runs were bound. */
  readonly #boundAs = new Map<string, unknown>();

  note({ table, key, after }: RowChange, rows: ReplayedRows): void {
    if (table === 'binding' || (table === 'run' && !this.#boundAs.has(runKeyText(key)))) {
      this.#boundAs.set(runKeyText(key), rows.get('job', [Number(key[0])])?.['definition']);
    }
    if (!after) return;
    if (table === 'run') this.#of(this.#runs, Number(key[0])).set(String(key[1]), after);
    if (table === 'generation') this.#of(this.#generations, runKeyText(key)).set(Number(key[3]), after);
  }

  /** Whether the run is bound by its job's present edges: one that was claimed before an edit is not. */
  isBoundAsNow(key: RowKey, rows: ReplayedRows): boolean {
    return this.#boundAs.get(runKeyText(key)) === rows.get('job', [Number(key[0])])?.['definition'];
  }

  /** Generations of a run, newest first. */
  generations(job: number, slot: string): (readonly [g: number, value: RowValue])[] {
    return [...(this.#generations.get(`${job} ${slot}`) ?? [])].sort(([a], [b]) => b - a);
  }

  runs(job: number): ReadonlyMap<string, RowValue> {
    return this.#runs.get(job) ?? new Map();
  }

  #of<K, K2, V>(map: Map<K, Map<K2, V>>, key: K): Map<K2, V> {
    const known = map.get(key);
    if (known) return known;
    const made = new Map<K2, V>();
    map.set(key, made);
    return made;
  }
}

/** Everything a look at one run's readiness needs. */
interface Look {
  readonly rows: ReplayedRows;
  readonly index: RunIndex;
}

/** I9, first half: no claim before the bindings are met. */
function starts(): Checker {
  const index = new RunIndex();
  const claims: { key: RowKey; g: number }[] = [];
  return {
    onRow(change, _, { rows }) {
      index.note(change, rows);
      const { table, key, before, after } = change;
      if (table === 'attempt' && before === null && after) claims.push({ key, g: Number(after['g']) });
    },
    onCommitted(_, { rows, violate }) {
      for (const { key, g } of claims) {
        const generation = rows.get('generation', [...key.slice(0, 3), g]);
        if (generation?.['track'] !== 'main' || generation['gates'] !== 'obey') continue;
        if (!index.isBoundAsNow(key, rows)) continue;
        const unmet = unmetBindings({ rows, index }, key, generation);
        if (unmet.length > 0)
          violate('I9', `${runKeyText(key)}/${key[3]} was claimed before ${unmet.join(', ')}`);
      }
      claims.length = 0;
    },
  };
}

/** What the run still waits for, in words; empty when it may start. */
function unmetBindings(look: Look, key: RowKey, generation: RowValue): string[] {
  const [job = 0, slot = ''] = key;
  const definition = JSON.parse(String(look.rows.get('job', [job])?.['definition'])) as JobDefinition;
  const unmet: string[] = [];
  for (const [upstream, edge] of Object.entries(definition.after ?? {})) {
    const up = jobNamed(look.rows, upstream);
    const binding = up === null ? undefined : look.rows.get('binding', [job, slot, '', up, 0]);
    if (up === null || !binding || isWaived(look, key, up)) continue;
    const options = optionsOf(edge);
    const isEmpty = ['adHocKey', 'instants', 'fromInstant'].every(
      (field) => (binding[field] ?? null) === null,
    );
    if (isEmpty) {
      // An edge that selects nothing is waited for unless nothing was needed of it.
      if (Number(binding['need'] ?? 0) > 0) unmet.push(`${upstream} (no slot)`);
      continue;
    }
    // Slots of a retired job that nobody touched are done, and have no row: what is met cannot be counted.
    if (isRetired(look, up)) continue;
    const keys = boundSlots(look, up, binding);
    const met = keys.filter((upSlot) =>
      isMet(look, { job: up, slot: upSlot, options, plan: generation['plan'] }),
    );
    const need = Number(binding['need'] ?? keys.length);
    if (met.length < need) unmet.push(`${upstream} (${met.length} of ${need})`);
  }
  return unmet;
}

/** Whether an open waive lets the run go without the upstream. */
function isWaived({ rows }: Look, key: RowKey, up: number): boolean {
  for (const { value } of rows.all('waive')) {
    const of = value['open'] === 1 && value['upstreamSlot'] === null && value['upstream'] === up;
    if (of && value['job'] === key[0] && value['slot'] === key[1]) return true;
  }
  return false;
}

const isRetired = ({ rows }: Look, job: number) => rows.get('job', [job])?.['state'] === 'retired';

function hasRetiredUpstream(look: Look, key: RowKey): boolean {
  const definition = JSON.parse(
    String(look.rows.get('job', [Number(key[0])])?.['definition']),
  ) as JobDefinition;
  return Object.keys(definition.after ?? {}).some((name) => {
    const up = jobNamed(look.rows, name);
    return up !== null && isRetired(look, up);
  });
}

function jobNamed(rows: ReplayedRows, name: string): number | null {
  for (const { key, value } of rows.all('job')) {
    if (value['name'] === name && value['state'] !== 'deleted') return Number(key[0]);
  }
  return null;
}

function optionsOf(edge: EdgeDefinition): EdgeOptionsDefinition & { readonly self?: number } {
  const options = typeof edge === 'string' ? {} : edge;
  const isSelf = 'self' in options && options.self !== undefined;
  return { ...(isSelf && { whenEmpty: 'vacuous' as const }), ...options };
}

function boundSlots({ index }: Look, up: number, binding: RowValue): string[] {
  if (typeof binding['adHocKey'] === 'string') return [`a:${binding['adHocKey']}`];
  if (typeof binding['instants'] === 'string') {
    return (JSON.parse(binding['instants']) as number[]).map((at) => timeSlotKey(instant(at)));
  }
  const from = Number(binding['fromInstant']);
  const to = Number(binding['toInstant']);
  if (from === to) return [timeSlotKey(instant(from))];
  return [...index.runs(up)]
    .filter(([slot, run]) => slot.startsWith('t:') && run['generation'] !== 0)
    .filter(([, run]) => Number(run['instant']) >= from && Number(run['instant']) <= to)
    .map(([slot]) => slot);
}

interface Bound {
  readonly job: number;
  readonly slot: string;
  readonly options: EdgeOptionsDefinition;
  readonly plan: unknown;
}

const CLASSES: Readonly<Record<string, string>> = {
  schedule: 'scheduled',
  upstream: 'scheduled',
  graph: 'scheduled',
  resume: 'recover',
  force: 'recover',
  rerunChain: 'recover',
  rerun: 'recover',
  backfill: 'backfill',
  runNow: 'manual',
};
const OPEN: ReadonlySet<unknown> = new Set(['waiting', 'queued', 'running', 'backoff']);
const VACUOUS: ReadonlySet<unknown> = new Set(['area', 'retired', 'pass']);

function isMet(look: Look, bound: Bound): boolean {
  const { job, slot, options, plan } = bound;
  const generations = look.index.generations(job, slot);
  const member = typeof plan === 'number' ? look.rows.get('plan_member', [plan, job, slot, '']) : undefined;
  if (member?.['state'] === 'excluded') return true;
  if (member) {
    const mains = generations.filter(([, { track }]) => track === 'main');
    const [g, newest] = mains[0] ?? [0, undefined];
    const own = Number(member['generation']);
    return newest !== undefined && own > 0 && g >= own && endIsMet(look, bound, newest);
  }
  const accept: readonly string[] = options.accept ?? ['scheduled', 'recover', 'backfill'];
  // Forced without release is a word about the run that satisfies nobody.
  const accepted = generations.filter(
    ([, { trigger, releases }]) =>
      accept.includes(CLASSES[String(trigger)] ?? '') && !(trigger === 'force' && releases === 0),
  );
  const isAny = options.generation === 'any';
  for (const [, generation] of accepted) {
    if (generation['phase'] === 'canceled' && options.onUpstreamFailed !== 'proceed') continue;
    if (!OPEN.has(generation['phase']) && endIsMet(look, bound, generation)) return true;
    if (!isAny) return false;
  }
  return accepted.length === 0 && look.rows.get('job', [job])?.['state'] === 'retired';
}

function endIsMet(look: Look, bound: Bound, { phase, reason }: RowValue): boolean {
  const { rule = 'success', onUpstreamFailed } = bound.options;
  switch (phase) {
    case 'succeeded':
      return rule !== 'failed';
    case 'failed':
      return rule !== 'success' || onUpstreamFailed === 'proceed';
    case 'canceled':
      return onUpstreamFailed === 'proceed';
    case 'skipped': {
      if (VACUOUS.has(reason)) return rule !== 'failed';
      const by = look.rows.get('run', [bound.job, bound.slot, ''])?.['coveredBy'];
      if (reason === 'covered' && typeof by === 'string') return isMet(look, { ...bound, slot: by });
      return rule === 'done' || onUpstreamFailed === 'proceed';
    }
    default:
      return false;
  }
}

/** What may be open for so long at the end, ms. */
const SETTLED_MS = 300_000;

/** I8, and the second half of I9: in the quiet phase everything that can move has moved. */
function quiet({ quietSince, endedAt }: { readonly quietSince: number; readonly endedAt: number }): Checker {
  const index = new RunIndex();
  const alive = new Set<string>();
  /** Deadlines are the kernel's, whose clock may be behind true time: what it had surely reached. */
  let kernelMs = endedAt - SETTLED_MS;
  return {
    onFact(fact) {
      if (fact.type === 'started') alive.add(fact.attempt);
      if (fact.type === 'dead') alive.delete(fact.attempt);
    },
    onRow(change, _, { rows }) {
      index.note(change, rows);
    },
    onCommitted(commit) {
      if (commit.at <= endedAt - SETTLED_MS) kernelMs = kernelTimeOf(commit) ?? kernelMs;
    },
    atEnd(context) {
      if (endedAt - quietSince < SETTLED_MS) return;
      const look = { rows: context.rows, index };
      const settled = Math.min(endedAt - SETTLED_MS, kernelMs);
      for (const { key, value } of context.rows.all('generation')) {
        checkOpen(context, { key, value, look, settled });
      }
      for (const { key, value } of context.rows.all('attempt')) {
        if (value['open'] !== 1 || Number(value['claimedAt']) > settled) continue;
        const job = context.rows.get('job', [Number(key[0])])?.['name'];
        const slot = String(key[1]);
        const id = `${job}@${slot.startsWith('t:') ? slot.slice(2) : slot}/${key[3]}`;
        if (!alive.has(id))
          context.violate('I8', `attempt ${id} is still ${value['state']}, and nothing of it lives`);
      }
    },
  };
}

interface OpenGeneration {
  readonly key: RowKey;
  readonly value: RowValue;
  readonly look: Look;
  readonly settled: number;
}

function checkOpen(context: CheckContext, { key, value, look, settled }: OpenGeneration): void {
  const name = `${runKeyText(key)}#${key[3]}`;
  const createdAt = Number(value['createdAt']);
  if (createdAt > settled) return;
  const planText =
    typeof value['plan'] === 'number' ? look.rows.get('plan', [value['plan']])?.['state'] : 'running';
  switch (value['phase']) {
    case 'backoff':
      if (Number(value['retryAt']) < settled)
        context.violate('I8', `${name} was to be tried again at ${value['retryAt']}`);
      return;
    case 'queued':
      if (Number(value['queuedAt']) < settled && planText === 'running' && hasRoom(look, key)) {
        context.violate('I8', `${name} is queued since ${value['queuedAt']}, and there is room`);
      }
      return;
    case 'waiting': {
      if (look.rows.get('job', [Number(key[0])])?.['state'] !== 'enabled') return;
      const instantMs = Number(look.rows.get('run', key.slice(0, 3))?.['instant']);
      if (instantMs > settled || planText !== 'running' || !look.index.isBoundAsNow(key, look.rows)) return;
      if (value['gates'] === 'bypass') context.violate('I8', `${name} waits though it bypasses its gates`);
      else if (!hasRetiredUpstream(look, key) && unmetBindings(look, key, value).length === 0)
        context.violate('I9', `${name} waits though all has come`);
      return;
    }
    default:
      return;
  }
}

/** Whether nothing that is claimed stands in the way of the run. */
function hasRoom({ rows }: Look, key: RowKey): boolean {
  const open = [...rows.all('attempt')].filter(({ value }) => value['open'] === 1);
  const jobOf = (job: unknown) =>
    JSON.parse(String(rows.get('job', [Number(job)])?.['definition'])) as JobDefinition;
  if (rows.get('job', [Number(key[0])])?.['state'] !== 'enabled') return false;
  const own = jobOf(key[0]);
  const pool = own.pool ?? 'default';
  const poolOf = (attempt: { readonly key: RowKey; readonly value: RowValue }) =>
    (JSON.parse(String(attempt.value['terms'] ?? '{}')) as { readonly pool?: string }).pool ??
    jobOf(attempt.key[0]).pool ??
    'default';
  const inPool = open.filter((attempt) => poolOf(attempt) === pool).length;
  const { runningMax = Infinity } = JSON.parse(
    String(rows.get('pool', [pool])?.['definition'] ?? '{}'),
  ) as PoolDefinition;
  if (inPool >= runningMax) return false;
  if ((own.overlap ?? 'queue') !== 'allow' && open.some(({ key: [job] }) => job === key[0])) return false;
  for (const name of own.needs?.concurrency ?? []) {
    const held = open.filter(
      ({ key: [job] }) => jobOf(job).needs?.concurrency?.includes(name) === true,
    ).length;
    if (held >= Number(rows.get('concurrency', [name])?.['holdersMax'] ?? 1)) return false;
  }
  const needed = own.needs?.slots ?? 1;
  return [...rows.all('worker')].some(({ key: [worker], value }) => {
    const pools = JSON.parse(String(value['pools'])) as string[];
    if (value['state'] !== 'joined' || value['drain'] === 1 || !pools.includes(pool)) return false;
    const used = open.filter((attempt) => attempt.value['worker'] === worker);
    const usedSlots = used.reduce((sum, { key: [job] }) => sum + (jobOf(job).needs?.slots ?? 1), 0);
    return Number(value['slots']) - usedSlots >= needed;
  });
}
