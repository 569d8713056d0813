import { describe, expect, test } from 'vitest';
import { definitionWarnings, validateDefinitions } from './index.js';

/** One row per rule: what is wrong, and the problem it must become. Each definition has exactly one fault. */
const WRONG: readonly (readonly [name: string, definitions: unknown, path: string, message: RegExp])[] = [
  ['not a map', [], '', /^the file is a list; it must be definitions/],
  ['an unknown section', { job: {} }, 'job', /unknown key; did you mean "jobs"\?/],
  ['an unknown key', job({ shedule: '0 2 * * *' }), 'jobs.a.shedule', /did you mean "schedule"\?/],
  ['an unknown key like none', job({ colour: 'red' }), 'jobs.a.colour', /is an unknown key$/],
  ['a name with a space', { jobs: { 'a b': {} } }, 'jobs["a b"]', /must be the name of a job/],
  ['a name that is too long', { jobs: { ['x'.repeat(129)]: {} } }, `jobs.${'x'.repeat(129)}`, /at most 128/],
  ['a group path with a hole', { groups: { 'a//b': {} } }, 'groups.a//b', /path of a group/],
  ['a name that is a trap', JSON.parse('{"jobs":{"__proto__":{}}}'), 'jobs.__proto__', /not a valid name/],
  ['a list of jobs', { jobs: [] }, 'jobs', /is a list; it must be jobs by name/],
  ['a job that is empty text', { jobs: { a: null } }, 'jobs.a', /is empty; it must be a job/],
  ['a kind of another type', job({ kind: 3 }), 'jobs.a.kind', /is 3; it must be a name without spaces/],
  ['attempts below 1', job({ retry: { attempts: 0 } }), 'jobs.a.retry.attempts', /from 1 to 100/],
  [
    'attempts that are no number',
    job({ retry: { attempts: '3' } }),
    'jobs.a.retry.attempts',
    /is "3"; it must/,
  ],
  ['a class of failures', job({ retry: { on: ['usr'] } }), 'jobs.a.retry.on[0]', /did you mean "user"\?/],
  ['a class twice', job({ retry: { on: ['user', 'user'] } }), 'jobs.a.retry.on[1]', /repeats "user"/],
  [
    'a duration without unit',
    job({ timeout: '10' }),
    'jobs.a.timeout',
    /is "10"; it must be a duration such as/,
  ],
  ['a duration in words', job({ timeout: '2 hours' }), 'jobs.a.timeout', /such as 30s, 10m, 2h or 1d/],
  ['a duration below 0', job({ timeout: -1 }), 'jobs.a.timeout', /is -1; it must be at least 0/],
  ['memory in apples', job({ needs: { memory: '4 apples' } }), 'jobs.a.needs.memory', /512MiB or 4GiB/],
  ['an unknown overlap', job({ overlap: 'forbit' }), 'jobs.a.overlap', /did you mean "forbid"\?/],
  ['an end that is no time', job({ expect: { end: '25:00' } }), 'jobs.a.expect.end', /such as "06:00"/],
  ['a config value that is a list', job({ config: { k: [1] } }), 'jobs.a.config.k', /\{ secret: name \}/],
  [
    'a secret with another key',
    job({ config: { k: { sekret: 'x' } } }),
    'jobs.a.config.k.sekret',
    /did you mean "secret"/,
  ],
  [
    'a script of two forms',
    job({ script: { path: 'x' } }),
    'jobs.a.script.path',
    /unknown key; known keys: file/,
  ],

  ['a cron field out of range', job({ schedule: '61 * * * *' }), 'jobs.a.schedule', /minute .*0.59/],
  [
    'a cron of four fields',
    job({ schedule: '* * * *' }),
    'jobs.a.schedule',
    /"\* \* \* \*": it must have 5 fields/,
  ],
  ['a quartz cron', job({ schedule: { cron: '0 0 25 * * ?' } }), 'jobs.a.schedule.cron', /hour .*0.23/],
  [
    'a schedule without a kind',
    job({ schedule: { misfire: 'all' } }),
    'jobs.a.schedule',
    /one of cron, every, at/,
  ],
  [
    'an unknown misfire',
    job({ schedule: { cron: '0 2 * * *', misfire: 'some' } }),
    'jobs.a.schedule.misfire',
    /all, latest, none/,
  ],
  ['every nothing', job({ schedule: { every: '0s' } }), 'jobs.a.schedule.every', /longer than 0/],
  [
    'an instant without offset',
    job({ schedule: { at: '2026-11-24T08:00' } }),
    'jobs.a.schedule.at',
    /with its offset/,
  ],
  [
    'an instant that never was',
    job({ schedule: { at: '2026-02-30T08:00Z' } }),
    'jobs.a.schedule.at',
    /is no time/,
  ],
  ['no instants', job({ schedule: { at: [] } }), 'jobs.a.schedule.at', /must not be empty/],
  ['an unknown zone', job({ zone: 'Asia/Peking' }), 'jobs.a.zone', /"Asia\/Peking", which is no time zone/],
  ['an unknown zone of a group', { groups: { g: { zone: 'X' } } }, 'groups.g.zone', /no time zone/],
  [
    'an unknown zone of a schedule',
    job({ schedule: { every: '1h', zone: 'Mars' } }),
    'jobs.a.schedule.zone',
    /no time zone/,
  ],
  [
    'a pace beside a schedule',
    job({ schedule: '0 2 * * *', pace: 'coarsest' }),
    'jobs.a.pace',
    /job with a schedule/,
  ],
  ['a pace that is no upstream', job({ pace: 'coarset' }), 'jobs.a.pace', /did you mean "coarsest"\?/],

  [
    'an unknown upstream',
    jobs({ orders: {}, b: { after: { ordres: 'same' } } }),
    'jobs.b.after.ordres',
    /does not exist; did you mean "orders"\?/,
  ],
  ['an unknown selector', edge('sam'), 'jobs.b.after.a', /did you mean "same"\?/],
  [
    'an unknown option',
    edge({ same: true, whenEmty: 'block' }),
    'jobs.b.after.a.whenEmty',
    /did you mean "whenEmpty"\?/,
  ],
  ['two selectors', edge({ same: true, allIn: 'day' }), 'jobs.b.after.a', /same and allIn; at most one/],
  ['an unknown window', edge({ allIn: 'days' }), 'jobs.b.after.a.allIn', /did you mean "day"\?/],
  ['an offset of 0', edge({ offset: 0 }), 'jobs.b.after.a.offset', /from 1 to/],
  ['self on another job', edge({ self: 1 }), 'jobs.b.after.a', /allowed only on the job itself/],
  ['itself without self', jobs({ b: { after: { b: 'same' } } }), 'jobs.b.after.b', /only \{ self: n \}/],
  ['a self of 0', jobs({ b: { after: { b: { self: 0 } } } }), 'jobs.b.after.b.self', /from 1 to/],
  ['atLeast without a window', edge({ atLeast: { n: 2 } }), 'jobs.b.after.a.atLeast', /needs the key "in"/],
  ['accept nothing', edge({ same: true, accept: [] }), 'jobs.b.after.a.accept', /must not be empty/],
  [
    'a cycle of three',
    jobs({ a: { after: { c: 'same' } }, b: { after: { a: 'same' } }, c: { after: { b: 'same' } } }),
    'jobs.b.after.a',
    /a cycle: a -> b -> c -> a /,
  ],

  [
    'an unknown calendar',
    job({ calendar: 'cn' }, { calendars: { 'cn-days': {} } }),
    'jobs.a.calendar',
    /"cn", which does not exist/,
  ],
  [
    'an unknown calendar of a schedule',
    job({ schedule: { cron: '0 2 * * *', calendar: 'x' } }),
    'jobs.a.schedule.calendar',
    /does not exist/,
  ],
  [
    'an unknown calendar of a group',
    { groups: { g: { defaults: { calendar: 'x' } } } },
    'groups.g.defaults.calendar',
    /does not exist/,
  ],
  [
    'a day that never was',
    { calendars: { c: { holidays: { '2026-02-30': 'x' } } } },
    'calendars.c.holidays.2026-02-30',
    /date/,
  ],
  [
    'a range the wrong way round',
    { calendars: { c: { holidays: { '2026-10-08..2026-10-01': 'x' } } } },
    'calendars.c.holidays["2026-10-08..2026-10-01"]',
    /./,
  ],
  [
    'a key that is no date',
    { calendars: { c: { holidays: { soon: 'x' } } } },
    'calendars.c.holidays.soon',
    /a date, or from\.\.to/,
  ],

  [
    'a default of another type',
    param({ type: 'integer', default: 'x' }),
    'jobs.a.params.p.default',
    /"x" is no integer/,
  ],
  [
    'a default out of range',
    param({ type: 'number', max: 3, default: 4 }),
    'jobs.a.params.p.default',
    /4 is more than 3/,
  ],
  [
    'a default outside its enum',
    param({ type: 'string', enum: ['cn', 'eu'], default: 'us' }),
    'jobs.a.params.p.default',
    /none of cn, eu/,
  ],
  [
    'a default that does not match',
    param({ type: 'string', pattern: '[a-z]+', default: 'ab1' }),
    'jobs.a.params.p.default',
    /does not match \[a-z\]\+/,
  ],
  [
    'an enum value of another type',
    param({ type: 'date', enum: ['tomorrow'] }),
    'jobs.a.params.p.enum[0]',
    /is no date/,
  ],
  [
    'a pattern that does not compile',
    param({ type: 'string', pattern: '(' }),
    'jobs.a.params.p.pattern',
    /no regular expression/,
  ],
  [
    'bounds of a date',
    param({ type: 'date', min: 1 }),
    'jobs.a.params.p.min',
    /no meaning for a parameter of type date/,
  ],
  [
    'bounds the wrong way round',
    param({ type: 'number', min: 3, max: 2 }),
    'jobs.a.params.p.min',
    /more than max/,
  ],
  ['a parameter without a type', param({ default: 1 }), 'jobs.a.params.p', /needs the key "type"/],
  [
    'a parameter with a dash',
    { jobs: { a: { params: { 'x-y': { type: 'string' } } } } },
    'jobs.a.params.x-y',
    /letters, digits and _/,
  ],

  ['a former name in use', jobs({ a: {}, b: { was: 'a' } }), 'jobs.b.was', /is a job of these definitions/],
  [
    'a former name claimed twice',
    jobs({ a: { was: 'old' }, b: { was: 'old' } }),
    'jobs.b.was',
    /which jobs.a was too/,
  ],
  ['a number twice', jobs({ a: { id: 7 }, b: { id: 7 } }), 'jobs.b.id', /is 7, the number of jobs.a/],
  ['a limit that is no number', { concurrency: { k: 'many' } }, 'concurrency.k', /a whole number/],
  [
    'an unknown strategy',
    { pools: { p: { strategy: 'best' } } },
    'pools.p.strategy',
    /leastLoaded, roundRobin, random/,
  ],
];

function job(fields: object, more: object = {}): unknown {
  return { jobs: { a: fields }, ...more };
}
function jobs(all: Readonly<Record<string, object>>): unknown {
  return { jobs: all };
}
function edge(definition: unknown): unknown {
  return { jobs: { a: {}, b: { after: { a: definition } } } };
}
function param(declaration: object): unknown {
  return { jobs: { a: { params: { p: declaration } } } };
}

describe('validateDefinitions', () => {
  test.each(WRONG)('refuses %s', (_name, definitions, path, message) => {
    const problems = validateDefinitions(definitions);
    expect(problems.map((problem) => problem.path)).toEqual([path]);
    expect(problems[0]!.message).toMatch(message);
  });

  test('takes the example of the reference page whole', () => {
    expect(validateDefinitions(EXAMPLE)).toEqual([]);
    expect(definitionWarnings(EXAMPLE)).toEqual([]);
  });

  test('takes upstreams and calendars of the estate the definitions are added to', () => {
    const added = { jobs: { b: { after: { a: 'same' as const }, calendar: 'c' } } };
    expect(validateDefinitions(added).map(({ rule }) => rule)).toEqual(['calendar', 'upstream']);
    expect(validateDefinitions(added, { estate: { calendars: { c: {} }, jobs: { a: {} } } })).toEqual([]);
  });

  test('sees a cycle that closes through the estate', () => {
    const estate = { jobs: { a: { after: { b: 'same' as const } } } };
    const problems = validateDefinitions({ jobs: { b: { after: { a: 'same' } } } }, { estate });
    expect(problems).toMatchObject([{ rule: 'cycle' }]);
  });

  test('reports every problem at once', () => {
    const problems = validateDefinitions(jobs({ a: { zone: 'X' }, b: { after: { c: 'same' } } }));
    expect(problems.map(({ path }) => path)).toEqual(['jobs.a.zone', 'jobs.b.after.c']);
  });

  test('survives a value nested beyond all reason', () => {
    let config: unknown = 1;
    for (let depth = 0; depth < 100_000; depth += 1) config = [config];
    expect(validateDefinitions(job({ config: { k: config } }))).toHaveLength(1);
  });

  test('is not fooled by names that objects have from birth', () => {
    expect(validateDefinitions(jobs({ b: { after: { constructor: 'same' } } }))).toMatchObject([
      { rule: 'upstream' },
    ]);
    expect(validateDefinitions(job({ toString: 1 }))).toMatchObject([{ rule: 'unknownKey' }]);
  });
});

test('definitionWarnings names what is probably a slip', () => {
  const problems = definitionWarnings({
    groups: { 'dw/dws': {} },
    pools: { etl: {} },
    concurrency: { metastore: 8 },
    jobs: {
      a: { group: 'dw', pool: 'etl', needs: { concurrency: ['yarn:etl', 'metastor'] } },
      b: { group: 'dw/dw', pool: 'elt' },
    },
  });
  expect(problems.map(({ message }) => message)).toEqual([
    'jobs.a.needs.concurrency[1] names the concurrency key "metastor", which has no limit; did you mean "metastore"?',
    'jobs.b.pool names the pool "elt", which no file declares; did you mean "etl"?',
    'jobs.b.group names the group "dw/dw", which no file declares; did you mean "dw/dws"?',
  ]);
});

const EXAMPLE = {
  calendars: {
    'cn-workdays': {
      weekdays: ['mon', 'tue', 'wed', 'thu', 'fri'],
      holidays: { '2026-10-01..2026-10-08': '国庆' },
      workdays: { '2026-10-10': '调休' },
    },
  },
  pools: { etl: { runningMax: 40 } },
  concurrency: { metastore: 8 },
  groups: {
    dw: {
      title: '数据仓库',
      zone: 'Asia/Shanghai',
      followers: ['li', 'team:dw'],
      config: { db: 'dw', 'EU.db': 'dw_eu', password: { secret: 'dw-password' } },
      defaults: { kind: 'shell', pool: 'etl', timeout: '2h', retry: { attempts: 3, delay: '10m' } },
    },
    'dw/dws': { config: { db: 'dws' } },
  },
  jobs: {
    ods_click: { group: 'dw', schedule: '0 * * * *' },
    dim_rate: { group: 'dw', schedule: '@weekly' },
    ods_order: {
      group: 'dw',
      schedule: {
        cron: '0 30 1 * * ?',
        calendar: 'cn-workdays',
        misfire: 'latest',
        within: '6h',
        period: 'day',
        shift: -1,
      },
      files: { 'sync.py': 'hdfs:///etl/sync.py' },
      script: 'python3 sync.py --day ${yesterday} --db ${db}\n',
    },
    dws_gmv: {
      was: 'dws_gmv_old',
      group: 'dw/dws',
      kind: 'hive',
      schedule: '0 0 3 * * ?',
      after: {
        ods_order: 'same',
        ods_click: { allIn: 'day' },
        dim_rate: { latestAtOrBefore: { maxAge: '14d' }, whenEmpty: 'block', onUpstreamFailed: 'wait' },
        dws_gmv: { self: 1 },
      },
      params: { region: { type: 'string', enum: ['cn', 'eu'], default: 'cn' } },
      retry: {
        attempts: 4,
        delay: '10m',
        backoff: 'exponential',
        delayMax: '1h',
        jitter: 0.2,
        on: ['outside', 'resource'],
      },
      expect: { duration: '40m', end: '06:00' },
      needs: { slots: 1, memory: '4GiB', labels: { disk: 'ssd' }, concurrency: ['metastore'] },
      priority: 70,
      areas: ['cn', 'eu'],
      overlap: 'forbid',
      onWorkerLost: 'hold',
      script: { file: 'dws_gmv.sql' },
    },
  },
} as const;
