// @ts-check
/**
 * Imports that must never exist, each with its reason; the reason is the message. Targets are written as
 * the path of the imported file, or as `node:NAME`, `npm:NAME`, `@hera/PACKAGE/ENTRY`. The order within
 * core is strictly downward: testing > shell > ports > kernel > { calendar, graph, config } > model.
 *
 * @typedef {object} ImportRule
 * @property {string} name
 * @property {readonly string[]} from Patterns of the importing file.
 * @property {readonly string[]} [notFrom] Files the rule leaves alone.
 * @property {readonly string[]} to Patterns of what it must not import.
 * @property {readonly string[]} [notTo] Targets that are allowed all the same.
 * @property {'types' | 'lazy' | 'own'} [allow] `types`: only a value counts; `lazy`: `import()` and types are
 *   fine; `own`: the importer's own package is fine.
 * @property {string} because
 */

const PURE = 'packages/core/src/{model,calendar,graph,config,kernel,protocol}/**';
const SCIENCES = ['calendar', 'graph', 'config'];
const TESTS = ['**/*.test.ts', 'packages/*/test/**'];
/** Programs around the test tools, which read arguments and print; nothing imports them. */
const TEST_PROGRAMS = 'packages/core/src/testing/run-*.ts';
const BROWSER_SEAM = 'packages/web-components/src/sources/engine.ts';

/** @type {readonly ImportRule[]} */
export const IMPORT_RULES = [
  {
    name: 'pure-packages',
    from: [PURE, 'packages/core/src/ports/**'],
    notFrom: TESTS,
    to: ['npm:**'],
    because: 'the deciding code has no hidden behaviour, so it imports no package',
  },
  {
    name: 'core-node',
    from: ['packages/core/src/**'],
    notFrom: [...TESTS, TEST_PROGRAMS],
    to: ['node:**'],
    because: 'core embeds anywhere, a browser included, and is simulated: no Node built-in',
  },
  {
    name: 'core-packages',
    from: ['packages/core/src/**'],
    notFrom: TESTS,
    to: ['npm:**', '@hera/**'],
    notTo: ['npm:{eventemitter3,p-queue,cron-parser,@dagrejs/graphlib}', '@hera/core{,/**}'],
    because: 'core depends on eventemitter3, p-queue, cron-parser and @dagrejs/graphlib only',
  },
  {
    name: 'pure-io',
    from: [PURE],
    notFrom: TESTS,
    to: ['packages/core/src/{ports,shell,embed,memory,simulator,testing}/**', 'packages/core/src/*'],
    because: 'decisions know nothing of I/O',
  },
  {
    name: 'model-first',
    from: ['packages/core/src/model/**'],
    notFrom: TESTS,
    to: ['packages/core/src/**'],
    notTo: ['packages/core/src/model/**'],
    because: 'model says what things are and stands below everything else',
  },
  ...SCIENCES.map((science) => ({
    name: `leaf-${science}`,
    from: [`packages/core/src/${science}/**`],
    notFrom: TESTS,
    to: ['packages/core/src/**'],
    notTo: [`packages/core/src/{model,${science}}/**`],
    because: 'calendar, graph and config are leaf sciences: they import model and nothing else',
  })),
  {
    name: 'one-door',
    from: ['**'],
    notFrom: ['packages/core/**', 'benchmarks/**'],
    to: ['packages/core/{src,dist}/kernel/**', '@hera/core/kernel{,/**}', '@hera/core/{src,dist}/**'],
    because: 'the kernel has one door, the entry points of @hera/core',
  },
  {
    name: 'testing-stays-home',
    from: ['packages/*/src/**', 'examples/**'],
    notFrom: ['packages/core/src/testing/**', ...TESTS],
    to: ['@hera/core/testing', 'packages/core/src/testing/**'],
    because: 'test tools are not shipped code',
  },
  {
    name: 'foreign-source',
    from: ['packages/**', 'examples/**', 'e2e/**'],
    to: ['packages/*/{src,dist,test}/**', '@hera/*/{src,dist,test}/**'],
    allow: 'own',
    because: "only a package's exports are public, not the files of its src or dist",
  },
  {
    name: 'adapters',
    from: ['packages/{store-sqlite,store-mysql,transport-zmq}/**'],
    to: ['@hera/**'],
    notTo: ['@hera/core{,/**}'],
    because: 'adapters are replaceable: they know core and none of their siblings',
  },
  {
    name: 'worker',
    from: ['packages/worker/**'],
    to: ['@hera/**'],
    notTo: ['@hera/core{,/**}', '@hera/transport-zmq'],
    because: 'a worker runs on hosts that have no server and no database',
  },
  {
    name: 'api-is-types',
    from: ['packages/api/src/**'],
    notFrom: TESTS,
    to: ['@hera/**'],
    allow: 'types',
    because: 'api is the contract on the wire and takes types from core, no code',
  },
  {
    name: 'api-browser',
    from: ['packages/api/src/**'],
    notFrom: TESTS,
    to: ['node:**', 'npm:**'],
    notTo: ['npm:typebox', 'npm:typebox/**'],
    because: 'api runs in a browser and depends on typebox only',
  },
  {
    name: 'elements-server',
    from: ['packages/web-components/src/**'],
    notFrom: TESTS,
    to: ['node:**', '@hera/{server,worker,store-sqlite,store-mysql,transport-zmq}{,/**}'],
    because: 'web-components is a browser package',
  },
  {
    name: 'elements-core',
    from: ['packages/web-components/src/**'],
    notFrom: [...TESTS, BROWSER_SEAM],
    to: ['@hera/core{,/**}'],
    because: `elements get data from their source; only ${BROWSER_SEAM} knows core`,
  },
  {
    name: 'elements-core-lazy',
    from: [BROWSER_SEAM],
    to: ['@hera/core{,/**}'],
    allow: 'lazy',
    because: 'the engine is loaded when it is asked for, by import(), so that pages without it stay small',
  },
  {
    name: 'server-elements',
    from: ['packages/server/src/**'],
    to: ['@hera/web-components{,/**}'],
    because: "server serves web-components' files and runs none of its code",
  },
  {
    name: 'routes',
    from: ['packages/server/src/routes/**'],
    to: ['@hera/{store-sqlite,store-mysql,transport-zmq}{,/**}', '@hera/core/kernel{,/**}'],
    because: 'routes speak to services only',
  },
  {
    name: 'services',
    from: ['packages/server/src/services/**'],
    to: ['npm:fastify{,/**}', 'npm:@fastify/**'],
    because: 'services are testable without HTTP',
  },
];
