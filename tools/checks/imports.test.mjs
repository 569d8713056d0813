// @ts-check
/** Every row of the table of forbidden imports bites, and what is allowed beside it passes. */
import { describe, expect, test } from 'vitest';
import { IMPORT_RULES } from './import-rules.mjs';
import { checkImports } from './imports.mjs';
import { complaints } from './temporary-tree.mjs';

const CORE = 'packages/core/src';
const ENGINE = 'packages/web-components/src/sources/engine.ts';

/**
 * One violation and one neighbour that is allowed for each rule: file, statement.
 * @type {Readonly<Record<string, { bad: [string, string], good: [string, string] }>>}
 */
const CASES = {
  'pure-packages': {
    bad: [`${CORE}/calendar/a.ts`, `import { CronExpressionParser } from 'cron-parser';`],
    good: [`${CORE}/calendar/a.test.ts`, `import fc from 'fast-check';`],
  },
  'core-node': {
    bad: [`${CORE}/shell/a.ts`, `import { readFileSync } from 'node:fs';`],
    good: [`${CORE}/testing/run-seeds.ts`, `import { parseArgs } from 'node:util';`],
  },
  'core-packages': {
    bad: [`${CORE}/shell/a.ts`, `import { x } from 'lodash';`],
    good: [`${CORE}/graphlib.ts`, `import graphlib from '@dagrejs/graphlib';`],
  },
  'pure-io': {
    bad: [`${CORE}/kernel/a.ts`, `import type { Store } from '../ports/store.js';`],
    good: [`${CORE}/kernel/a.test.ts`, `import { aJob } from '../testing/builders.js';`],
  },
  'model-first': {
    bad: [`${CORE}/model/a.ts`, `export { walk } from '../graph/walk.js';`],
    good: [`${CORE}/model/a.ts`, `import type { JobName } from './ids.js';`],
  },
  'leaf-calendar': {
    bad: [`${CORE}/calendar/a.ts`, `import { render } from '../config/render.js';`],
    good: [`${CORE}/calendar/a.ts`, `import { assert } from '../model/assert.js';`],
  },
  'leaf-graph': {
    bad: [`${CORE}/graph/a.ts`, `import { step } from '../kernel/step.js';`],
    good: [`${CORE}/graph/a.ts`, `import { b } from './b.js';`],
  },
  'leaf-config': {
    bad: [`${CORE}/config/a.ts`, `const zone: import('../calendar/zone.js').Zone = 1;`],
    good: [`${CORE}/config/a.ts`, `import { assert } from '../model/assert.js';`],
  },
  'one-door': {
    bad: ['packages/server/src/a.ts', `import { step } from '@hera/core/kernel/step.js';`],
    good: ['benchmarks/step.mjs', `import { step } from '../packages/core/dist/kernel/step.js';`],
  },
  'testing-stays-home': {
    bad: ['packages/worker/src/a.ts', `import { aJob } from '@hera/core/testing';`],
    good: ['packages/worker/src/a.test.ts', `import { aJob } from '@hera/core/testing';`],
  },
  'foreign-source': {
    bad: ['packages/server/src/a.ts', `import { client } from '../../api/src/client.js';`],
    good: ['packages/server/test/a.test.ts', `import { app } from '../src/app.js';`],
  },
  adapters: {
    bad: ['packages/store-mysql/src/a.ts', `import { rows } from '@hera/store-sqlite';`],
    good: ['packages/store-mysql/src/a.ts', `import type { Store } from '@hera/core';`],
  },
  worker: {
    bad: ['packages/worker/src/a.ts', `import { routes } from '@hera/api';`],
    good: ['packages/worker/src/a.ts', `import { dial } from '@hera/transport-zmq';`],
  },
  'api-is-types': {
    bad: ['packages/api/src/a.ts', `import { createHera } from '@hera/core';`],
    good: ['packages/api/src/a.ts', `import type { RunPhase } from '@hera/core';`],
  },
  'api-browser': {
    bad: ['packages/api/src/a.ts', `import { Buffer } from 'buffer';`],
    good: ['packages/api/src/a.ts', `import { Type } from 'typebox';`],
  },
  'elements-server': {
    bad: ['packages/web-components/src/a.ts', `import { app } from '@hera/server';`],
    good: ['packages/web-components/src/a.ts', `import { html } from 'lit';`],
  },
  'elements-core': {
    bad: ['packages/web-components/src/a.ts', `const core = await import('@hera/core');`],
    good: [ENGINE, `export const load = () => import('@hera/core');`],
  },
  'elements-core-lazy': {
    bad: [ENGINE, `import { createHera } from '@hera/core';`],
    good: [ENGINE, `import type { Hera } from '@hera/core';`],
  },
  'server-elements': {
    bad: ['packages/server/src/a.ts', `import { HeraDag } from '@hera/web-components';`],
    good: ['packages/server/src/a.ts', `const page = import.meta.resolve('@hera/web-components');`],
  },
  routes: {
    bad: ['packages/server/src/routes/runs.ts', `import { open } from '@hera/store-sqlite';`],
    good: ['packages/server/src/main.ts', `import { open } from '@hera/store-sqlite';`],
  },
  services: {
    bad: ['packages/server/src/services/runs.ts', `import type { FastifyRequest } from 'fastify';`],
    good: ['packages/server/src/routes/runs.ts', `import type { FastifyRequest } from 'fastify';`],
  },
};

test('every rule has its cases', () => {
  expect(Object.keys(CASES).sort()).toEqual(IMPORT_RULES.map(({ name }) => name).sort());
});

describe.each(IMPORT_RULES)('$name', ({ name, because }) => {
  const { bad, good } = CASES[name] ?? { bad: ['', ''], good: ['', ''] };
  test(`refuses ${bad[1]}`, () => {
    const said = complaints(checkImports, { [bad[0]]: `// The first line.\n${bad[1]}` });
    expect(said).toContainEqual(expect.stringMatching(new RegExp(`^${bad[0]}:2: imports .*`)));
    expect(said.join('\n')).toContain(because);
  });
  test(`allows ${good[1]}`, () => {
    expect(complaints(checkImports, { [good[0]]: good[1] })).toEqual([]);
  });
});

test('a package that package.json does not name', () => {
  const manifest = JSON.stringify({ name: '@hera/worker', dependencies: { 'p-queue': '9.3.5' } });
  const said = complaints(checkImports, {
    'packages/worker/package.json': manifest,
    'packages/worker/src/a.ts': `import PQueue from 'p-queue';\nimport x from 'execa/lib/x.js';`,
  });
  expect(said).toEqual([
    'packages/worker/src/a.ts:2: imports execa, which packages/worker/package.json does not name as a dependency',
  ]);
});

test('a cycle between folders, even of types', () => {
  const said = complaints(checkImports, {
    [`${CORE}/ports/a.ts`]: `import type { B } from '../shell/b.js';`,
    [`${CORE}/shell/b.ts`]: `import type { A } from '../ports/c.js';`,
    [`${CORE}/ports/c.ts`]: '',
  });
  expect(said).toEqual([
    `${CORE}/shell/b.ts:1: closes a cycle of folders: ${CORE}/ports > ${CORE}/shell > ${CORE}/ports`,
  ]);
});

test('a cycle between files, unless an edge of it is of types', () => {
  const files = { [`${CORE}/kernel/a.ts`]: `import { b } from './b.js';` };
  const closing = { [`${CORE}/kernel/b.ts`]: `import { a } from './a.js';` };
  const ofTypes = { [`${CORE}/kernel/b.ts`]: `import type { A } from './a.js';` };
  expect(complaints(checkImports, { ...files, ...closing })).toHaveLength(1);
  expect(complaints(checkImports, { ...files, ...ofTypes })).toEqual([]);
});
