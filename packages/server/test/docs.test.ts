/** The reference pages say what the code does: their example loads, their tables name what there is. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFINITIONS_SCHEMA } from '@hera/core';
import type { JsonSchema } from '@hera/core';
import { PLACES } from '@hera/api';
import { afterAll, describe, expect, test } from 'vitest';
import { VARIABLES } from '../src/config.js';
import { loadDefinitions } from '../src/definitions/load.js';
import { EXIT } from '../src/terminal/exit.js';

const page = (name: string) =>
  readFileSync(new URL(`../../../docs/reference/${name}`, import.meta.url), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'hera-docs-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('docs/reference', () => {
  test('the example of the definition files is valid', async () => {
    const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(page('definitions.md')) ?? [];
    writeFileSync(join(folder, 'a.hera.yaml'), example);
    writeFileSync(join(folder, 'dws_gmv.sql'), 'select 1');
    const { problems, warnings, definitions } = await loadDefinitions([folder]);
    expect([...problems, ...warnings]).toEqual([]);
    expect(Object.keys(definitions.jobs ?? {})).toEqual(['ods_order', 'dws_gmv']);
  });

  test('the page of the definition files names every key of a job and of an edge', () => {
    const text = page('definitions.md');
    const job = DEFINITIONS_SCHEMA.properties?.['jobs']?.additionalProperties as JsonSchema;
    const after = job.properties?.['after']?.additionalProperties as JsonSchema;
    const edge = after.anyOf?.find(({ type }) => type === 'object');
    // A plug-in's selector and an importer's are described where those are.
    const elsewhere = ['custom', 'heraNearest'];
    const keys = [...Object.keys(job.properties ?? {}), ...Object.keys(edge?.properties ?? {})];
    const missing = keys.filter((key) => !new RegExp(`\`${key}\\b`).test(text));
    expect(missing.filter((key) => !elsewhere.includes(key))).toEqual([]);
  });

  test('the page of the command line names every exit code and every variable', () => {
    const text = page('cli.md');
    const codes = [...text.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
    expect(codes).toEqual(Object.values(EXIT).sort((a, b) => a - b));
    for (const name of Object.keys(VARIABLES)) expect(text).toContain(`\`${name}\``);
  });

  test('the page of the HTTP interface names every route', () => {
    const text = page('http.md');
    const missing = Object.values(PLACES).filter(({ path }) => !text.includes(path));
    expect(missing).toEqual([]);
  });
});
