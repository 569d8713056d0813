/** Random estates and random days, for properties: small enough to shrink to a story. */
import fc from 'fast-check';
import type { EdgeDefinition } from '../../src/model/edge.js';
import type { Definitions, JobDefinition } from '../../src/model/job.js';
import type { Drive } from './drive.js';
import { failed } from './drive.js';
import { instant } from '../../src/model/ids.js';
import { isSchedulerError } from '../../src/model/errors.js';
import type { AttemptOutcome } from '../../src/model/run.js';
import { planRequest } from '../../src/kernel/index.js';
import type { Request } from '../../src/kernel/index.js';

const SCHEDULES = [
  '0 2 * * *',
  '30 3 * * *',
  '0 */6 * * *',
  '0 */8 * * *',
  '15 1 * * 1',
  '0 0 1 * *',
] as const;

const edgeOptions = (timeouts: boolean) =>
  fc.record(
    {
      whenEmpty: fc.constantFrom('block', 'skipRun', 'vacuous'),
      rule: fc.constantFrom('success', 'done', 'failed'),
      generation: fc.constantFrom('latest', 'any'),
      onUpstreamFailed: fc.constantFrom('wait', 'fail', 'skip', 'proceed'),
      onUpstreamRerun: fc.constantFrom('markStale', 'rerun', 'ignore'),
      accept: fc.constantFrom(
        ['scheduled', 'recover', 'backfill'],
        ['scheduled'],
        ['scheduled', 'recover', 'manual'],
      ),
      ...(timeouts && { timeout: fc.constantFrom('1h', '7h') }),
      freshness: fc.constantFrom('1d', '3d'),
    },
    { requiredKeys: [] },
  );

const selector = fc.constantFrom(
  {},
  {},
  {},
  { same: true },
  { latestAtOrBefore: true },
  { nearest: true },
  { allIn: 'day' },
  { anyIn: 'interval' },
  { atLeast: { n: 2, in: 'day' } },
  { offset: 1 },
  { index: true },
  { overlap: true },
);

const edge = (timeouts: boolean) =>
  fc
    .tuple(selector, fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, edgeOptions(timeouts)))
    .map(([chosen, options]) => ({ ...chosen, ...options }));

const policy = fc.record(
  {
    overlap: fc.constantFrom('queue', 'allow', 'forbid', 'replace'),
    onWorkerLost: fc.constantFrom('fence', 'hold', 'rerun'),
    retry: fc.constantFrom(
      { attempts: 2, delay: '10m' },
      { attempts: 3, delay: '1m', backoff: 'exponential' },
    ),
    priority: fc.constantFrom(30, 70),
    expect: fc.constantFrom({ duration: '20m' }, { end: '04:00' }),
    compat: fc.constant('hera'),
    areas: fc.constant(['eu']),
    needs: fc.constantFrom({ concurrency: ['k'] }, { slots: 2 }),
  },
  { requiredKeys: [] },
);

/** Jobs `j0` to `j7`; edges lead from lower to higher numbers only. */
export const estate = (timeouts: boolean): fc.Arbitrary<Definitions> =>
  fc
    .array(
      fc.record({
        schedule: fc.option(fc.constantFrom(...SCHEDULES), { nil: undefined }),
        ups: fc.array(fc.tuple(fc.nat(6), edge(timeouts)), { maxLength: 2 }),
        self: fc.option(fc.constantFrom({ self: 1 }, { self: 2, whenEmpty: 'block' }), {
          nil: undefined,
          freq: 8,
        }),
        policy,
      }),
      { minLength: 2, maxLength: 6 },
    )
    .map((drafts) => {
      const jobs: Record<string, JobDefinition> = {};
      drafts.forEach((draft, i) => {
        const after: Record<string, EdgeDefinition> = {};
        for (const [up, definition] of draft.ups) if (i > 0) after[`j${up % i}`] = definition;
        if (draft.self) after[`j${i}`] = draft.self;
        const schedule = draft.schedule ?? (i === 0 ? SCHEDULES[0] : undefined);
        jobs[`j${i}`] = {
          ...(draft.policy as JobDefinition),
          ...(schedule !== undefined && { schedule }),
          ...(Object.keys(after).length > 0 && { after }),
        };
      });
      const commitments = { last: { jobs: `j${drafts.length - 1}`, due: '04:30' } };
      return { jobs, concurrency: { k: 1 }, commitments };
    });

export interface Act {
  readonly type: string;
  readonly a: number;
  readonly b: number;
}

const WEIGHTED: readonly (readonly [string, number])[] = [
  ['time', 6],
  ['ok', 8],
  ['fail', 3],
  ['host', 1],
  ['notNow', 1],
  ['start', 2],
  ['cancel', 2],
  ['resume', 2],
  ['force', 1],
  ['now', 2],
  ['adHoc', 1],
  ['chain', 2],
  ['backfill', 2],
  ['plan', 2],
  ['jobState', 2],
  ['edit', 1],
  ['lose', 1],
  ['restart', 1],
  ['silence', 1],
  ['failover', 2],
  ['resolve', 1],
  ['submit', 1],
];

export const acts = (without: readonly string[] = []): fc.Arbitrary<Act[]> =>
  fc.array(
    fc.record({
      type: fc.oneof(
        ...WEIGHTED.filter(([type]) => !without.includes(type)).map(([type, weight]) => ({
          weight,
          arbitrary: fc.constant(type),
        })),
      ),
      a: fc.nat(1000),
      b: fc.nat(1000),
    }),
    { minLength: 5, maxLength: 30 },
  );

/** Carries out one act; a request that is refused for good reason changes nothing and is fine. */
export function play(drive: Drive, act: Act, other: Definitions): void {
  try {
    playOne(drive, act, other);
  } catch (error) {
    if (!isSchedulerError(error)) throw error;
  }
}

function playOne(drive: Drive, act: Act, other: Definitions): void {
  const { a, b } = act;
  const runs = drive.all('run').map(({ key }) => {
    const job = drive.row('job', [key[0] ?? 0])?.['name'];
    const slot = String(key[1]);
    return `${job}@${slot.startsWith('t:') ? slot.slice(2) : slot}`;
  });
  const run = runs[a % Math.max(1, runs.length)] ?? 'j0@20260302T020000Z';
  const names = [...drive.state.jobsByName.keys()];
  const job = names[a % names.length] ?? 'j0';
  const ask = (body: Request) => void drive.request(body, { actor: 'mei' });
  switch (act.type) {
    case 'time':
      return drive.until(new Date(drive.now + [5, 70, 400, 1500][b % 4]! * 60_000).toISOString());
    case 'silence':
      return drive.until(new Date(drive.now + [1, 12][b % 2]! * 60_000).toISOString(), { silent: true });
    case 'ok':
      return endOne(drive, a, { state: 'succeeded', exitCode: 0 });
    case 'fail':
      return endOne(drive, a, failed((['user', 'unknown', 'outside'] as const)[b % 3]));
    case 'host':
      return endOne(drive, a, failed('host'));
    case 'notNow':
      return endOne(drive, a, failed('unknown', 38));
    case 'start':
      return drive.keepAlive();
    case 'cancel':
      return ask({ type: 'run.cancel', run, reason: 'r' });
    case 'resume':
      return ask({ type: 'run.resume', run, revision: 'newest', params: b % 2 ? { x: '1' } : {} });
    case 'force':
      return ask({
        type: 'run.force',
        run,
        verdict: b % 2 ? 'succeeded' : 'failed',
        release: b % 4 > 1,
        reason: 'r',
      });
    case 'now': {
      const slot = drive.row('run', runKey(drive, run))?.['instant'];
      return ask({
        type: 'run.now',
        job: run.split('@')[0] ?? '',
        slot: { by: 'instant', instant: instant(Number(slot ?? drive.now) + (b % 3 === 0 ? 86_400_000 : 0)) },
        params: {},
      });
    }
    case 'adHoc':
      return ask({
        type: 'run.now',
        job,
        slot: { by: 'adHoc', key: `k${b % 2}`, asOf: drive.state.now },
        params: {},
      });
    case 'submit':
      return ask({
        type: 'graph.submit',
        jobs: names.slice(a % names.length),
        submission: `s${b % 2}`,
        asOf: drive.state.now,
        params: {},
      });
    case 'chain':
      return ask({
        type: 'plan.create',
        reason: 'r',
        start: b % 4 !== 0,
        plan: planRequest('rerunChain', {
          runs: [{ run, up: b % 5 === 0 ? 1 : 0, down: null }],
          exclude: b % 3 === 0 ? [runs[b % runs.length] ?? ''] : [],
          onFailure: b % 7 === 0 ? 'stop' : 'goRound',
          downstream: b % 2 === 0,
        }),
      });
    case 'backfill':
      return ask({
        type: 'plan.create',
        reason: 'r',
        start: b % 4 !== 0,
        plan: planRequest(b % 5 === 0 ? 'rerun' : 'backfill', {
          select: b % 3 === 0 ? `${job}+` : job,
          span: {
            by: 'instant',
            from: instant(drive.now - (2 + (b % 5)) * 86_400_000),
            to: drive.state.now,
          },
          only: (['missing', 'failed', 'all'] as const)[b % 3] ?? 'all',
          parallel: 1 + (b % 3),
          runningMax: b % 4 === 0 ? 1 : null,
          onFailure: b % 7 === 0 ? 'stop' : 'goRound',
          downstream: b % 2 === 0,
        }),
      });
    case 'plan': {
      const ids = [...drive.state.plans.keys()];
      const verb = (['start', 'pause', 'resume', 'cancel'] as const)[b % 4] ?? 'start';
      return ask({ type: 'plan.control', plan: ids[a % Math.max(1, ids.length)] ?? 0, verb });
    }
    case 'jobState':
      return ask({
        type: 'job.state',
        job,
        state: (['enabled', 'disabled', 'enabled', 'retired'] as const)[b % 4] ?? 'enabled',
      });
    case 'edit': {
      const jobs = Object.entries(other.jobs ?? {}).slice(0, 1 + (a % 3));
      return ask({
        type: 'definitions.apply',
        definitions: { ...other, jobs: Object.fromEntries(jobs) },
        source: 'test',
        prune: false,
      });
    }
    case 'lose': {
      const worker = drive.state.workerList[a % drive.state.workerList.length];
      if (worker) drive.post({ type: 'worker.disconnected', at: drive.state.now, worker: worker.name });
      return;
    }
    case 'restart': {
      const worker = drive.state.workerList[a % drive.state.workerList.length];
      if (worker) drive.join(worker.name, worker.session + 1);
      return;
    }
    case 'resolve': {
      const unknown = [...drive.state.attempts.values()].find((live) => live.state === 'unknown');
      const as = (['dead', 'succeeded', 'failed'] as const)[b % 3] ?? 'dead';
      return ask({ type: 'attempt.resolve', attempt: unknown?.id ?? 'x', as, reason: 'r' });
    }
    default:
      throw new Error(`no act ${act.type}`);
  }
}

function runKey(drive: Drive, run: string): [number, string, string] {
  const [job = '', slot = ''] = run.split('@');
  return [drive.state.jobsByName.get(job)?.id ?? -1, slot.startsWith('a:') ? slot : `t:${slot}`, ''];
}

/** Ends one of the live attempts whose worker is heard. */
function endOne(drive: Drive, a: number, outcome: AttemptOutcome): void {
  const live = [...drive.state.attempts.values()];
  const chosen = live[a % Math.max(1, live.length)];
  if (!chosen?.worker.connected || chosen.session !== chosen.worker.session) return;
  if (!drive.ordered.includes(chosen.id)) drive.ordered.push(chosen.id);
  drive.end(chosen.id, chosen.cancel ? { state: 'canceled', exitCode: null } : outcome);
}
