/**
 * Golden scenarios: each file says what is done and, below each line, all that came of it. SCENARIOS=update
 * writes what the engine says now; only keep that if you understand what changed it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runScenario } from '../../src/testing/scenario.js';

const here = new URL('.', import.meta.url);
const files = readdirSync(here).filter((name) => name.endsWith('.txt'));

test.each(files)('%s', (name) => {
  const file = new URL(name, here);
  const golden = readFileSync(file, 'utf8');
  const transcript = runScenario(golden);
  if (process.env['SCENARIOS'] === 'update') writeFileSync(file, transcript);
  else expect(transcript).toBe(golden);
});
