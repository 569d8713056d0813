import { describe, expect, it } from 'vitest';
import type { AttemptFacts } from '../kernel/index.js';
import { createMemoryStore } from '../memory/memory-store.js';
import type { Store } from '../ports/store.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import { Renderer } from './render.js';
import type { RendererOptions } from './render.js';
import { ResultCache } from './results.js';

const AT = Date.parse('2026-11-23T18:00Z');
const SLOT = {
  key: 't:20261123T180000Z',
  instant: AT,
  interval: { start: AT - 86_400_000, end: AT },
  businessDate: '2026-11-23',
  day: '2026-11-24',
  zone: 'Asia/Shanghai',
};

function facts(changes: Partial<AttemptFacts> = {}): AttemptFacts {
  return {
    claim: {
      attempt: 'report@20261123T180000Z/2',
      jobId: 7,
      job: 'report',
      slotKey: SLOT.key,
      generation: 1,
      number: 2,
      revision: 3,
    },
    definition: { script: 'true' },
    revisionToRead: null,
    sources: [],
    kind: 'shell',
    timeoutMs: 60_000,
    onWorkerLost: 'fence',
    failures: null,
    overlay: {},
    echo: false,
    encoding: 'utf-8',
    slot: SLOT,
    params: {},
    upstream: {},
    ...changes,
  };
}

/** A store that is led, so that rows can be put into it. */
async function storeWith(
  ...rows: readonly [table: 'attempt' | 'job_revision', key: (string | number)[], value: object][]
) {
  const store = createMemoryStore();
  const { epoch, commitNo } = await store.acquireLease('me', 60_000);
  const writes = rows.map(([table, key, value]) => ({ op: 'put', table, key, value: { ...value } }) as const);
  await store.commit({ epoch, commitNo: commitNo + 1, writes });
  return store;
}

function rendererOver(store: Store, options: Partial<RendererOptions> = {}) {
  const results = new ResultCache(store);
  return { results, renderer: new Renderer({ store, results, clock: new VirtualClock(AT), ...options }) };
}

const rendered = (of: AttemptFacts, options: Partial<RendererOptions> = {}) =>
  rendererOver(createMemoryStore(), options).renderer.render(of);

describe('what is at hand', () => {
  it('is rendered at once: dates, config by nearness and area, and parameters', () => {
    const work = rendered(
      facts({
        definition: {
          script: 'load ${db} ${bizdate} ${param.region}',
          params: { region: { type: 'string', default: 'cn' } },
          pre: ['echo ${db}'],
          files: { 'sync.py': 'hdfs:///${db}/sync.py' },
        },
        sources: [
          { origin: 'job report', config: { 'EU.table': 'gmv_eu' }, files: {} },
          {
            origin: 'group dw',
            config: { db: 'dw', table: 'gmv' },
            files: { 'sync.py': 'other', 'lib.py': 'lib' },
          },
        ],
        params: { region: 'eu', other: 'of another job' },
      }),
    );
    expect(work).toMatchObject({
      run: 'report@20261123T180000Z',
      number: 2,
      script: 'load dw 20261123 eu',
      pre: ['echo dw'],
      files: { 'sync.py': 'hdfs:///dw/sync.py', 'lib.py': 'lib' },
      params: { region: 'eu' },
      env: { HERA_PARAM_REGION: 'eu' },
      config: { 'EU.table': 'gmv_eu', db: 'dw', table: 'gmv' },
      secrets: {},
      slot: { start: SLOT.interval.start, end: AT, day: '2026-11-24' },
    });
  });

  it('takes config of its area where no plain key is set', () => {
    const sources = [{ origin: 'group dw', config: { 'EU.db': 'dw_eu' }, files: {} }];
    const of = facts({ definition: { script: '${db}' }, sources });
    expect(rendered(of, { area: 'EU' })).toMatchObject({ script: 'dw_eu' });
    expect(rendered(of)).toMatchObject({ script: '${db}' });
  });

  it('needs no script where the job is a function', () => {
    const work = rendered(
      facts({
        kind: 'function',
        definition: { kind: 'function', params: { n: { type: 'integer' } } },
        sources: [{ origin: 'job report', config: { db: 'dw' }, files: {} }],
        params: { n: '3' },
      }),
    );
    expect(work).toMatchObject({ script: '', env: {}, config: { db: 'dw' }, params: { n: '3' } });
  });

  it.each([
    {
      name: 'two keys that name each other',
      script: '${a}',
      config: { a: '${b}', b: '${a}' },
      code: 'TEMPLATE_LOOP',
    },
    { name: 'a parameter that breaks its rule', script: 'true', config: {}, code: 'PARAMETER_INVALID' },
    { name: 'a file nobody has read', script: { file: 'x.sql' }, config: {}, code: 'TEMPLATE_INVALID' },
  ])('is refused as the fault of its author: $name', ({ script, config, code }) => {
    const params = { day: { type: 'date' } } as const;
    const of = facts({
      definition: { script, ...(code === 'PARAMETER_INVALID' && { params }) },
      sources: [{ origin: 'job report', config, files: {} }],
      params: { day: 'yesterday' },
    });
    expect(() => rendered(of)).toThrow(expect.objectContaining({ code }));
  });
});

describe('results of upstreams', () => {
  const upstream = {
    orders: [
      { job: 1, slotKey: 't:20261122T180000Z' },
      { job: 1, slotKey: 't:20261123T180000Z' },
    ],
  };
  const of = facts({ definition: { script: '${upstream.orders.rows} rows' }, upstream });

  it('are read from the store, the newest success of each run, and then known', async () => {
    const store = await storeWith(
      ['attempt', [1, 't:20261122T180000Z', '', 1], { state: 'succeeded', result: '{"rows":1}' }],
      ['attempt', [1, 't:20261123T180000Z', '', 1], { state: 'succeeded', result: '{"rows":2}' }],
      ['attempt', [1, 't:20261123T180000Z', '', 2], { state: 'succeeded', result: '{"rows":3}' }],
      ['attempt', [1, 't:20261123T180000Z', '', 3], { state: 'failed', result: null }],
    );
    const { renderer } = rendererOver(store);
    const first = renderer.render(of);
    expect(first).toBeInstanceOf(Promise);
    expect(await first).toMatchObject({
      script: '3 rows',
      upstream: { orders: { value: '{"rows":3}', values: ['{"rows":1}', '{"rows":3}'] } },
    });
    expect(renderer.render(of)).toMatchObject({ script: '3 rows' });
  });

  it('come from the commits that store them', () => {
    const { renderer, results } = rendererOver(createMemoryStore());
    const succeeded = (slot: string, n: number, result: string | null) =>
      ({
        op: 'put',
        table: 'attempt',
        key: [1, slot, '', n],
        value: { state: 'succeeded', result },
      }) as const;
    results.keep([
      succeeded('t:20261122T180000Z', 1, null),
      succeeded('t:20261123T180000Z', 1, '{"rows":4}'),
    ]);
    expect(renderer.render(of)).toMatchObject({
      script: '4 rows',
      upstream: { orders: { values: [null, '{"rows":4}'] } },
    });
  });
});

describe('an older revision', () => {
  const of = facts({
    definition: { script: 'new', config: { db: 'new' } },
    revisionToRead: 2,
    sources: [
      { origin: 'job report', config: { db: 'new' }, files: {} },
      { origin: 'group dw', config: { table: 'gmv' }, files: {} },
    ],
  });

  it('brings its own script and config, and the groups as they are now', async () => {
    const definition = JSON.stringify({ script: 'old ${db} ${table}', config: { db: 'old' } });
    const store = await storeWith(['job_revision', [7, 2], { definition }]);
    expect(await rendererOver(store).renderer.render(of)).toMatchObject({ script: 'old old gmv' });
  });

  it('that is gone is an error', async () => {
    await expect(rendered(of)).rejects.toMatchObject({ code: 'STATE_CONFLICT' });
  });
});

describe('secrets', () => {
  const sources = [{ origin: 'group dw', config: { password: { secret: 'dw-password' } }, files: {} }];
  const keeper = { secrets: (name: string) => Promise.resolve(`text of ${name}`) };

  it('keep their place in the script and travel beside it', async () => {
    const work = await rendered(facts({ definition: { script: 'login ${password}' }, sources }), keeper);
    const [[placeholder = '', text] = []] = Object.entries(work.secrets);
    expect(text).toBe('text of dw-password');
    expect(work.script).toBe(`login ${placeholder}`);
    expect(work.config).toEqual({ password: placeholder });
    expect(JSON.stringify({ ...work, secrets: {} })).not.toContain('text of');
  });

  it('are in the config of a function, which has no script to put them into', async () => {
    const work = await rendered(facts({ kind: 'function', definition: {}, sources }), keeper);
    expect(work).toMatchObject({ config: { password: 'text of dw-password' }, secrets: {} });
  });

  it('fail the attempt when nobody keeps them', async () => {
    const of = facts({ definition: { script: '${password}' }, sources });
    await expect(rendered(of)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    const broken = { secrets: () => Promise.reject(new Error('vault sealed')) };
    await expect(rendered(of, broken)).rejects.toThrow('vault sealed');
  });
});
