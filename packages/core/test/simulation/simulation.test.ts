/**
 * Goal: whatever fails, nothing of the promise is broken, and once all is healed everything moves on.
 * Method: worlds of random estates, people and faults, each from one seed; see testing/world.ts. The seeds
 * of all faults found before are run always, then SIM_SEEDS more (default 200). SIM_SEED=n runs one and
 * prints everything that happens in it.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { failureOf } from '../../src/testing/world-failure.js';
import { FAULT_KINDS, optionsOfSeed } from '../../src/testing/world-options.js';
import { runWorld } from '../../src/testing/world.js';
import type { WorldResult } from '../../src/testing/world.js';

const SEEDS_PER_TEST = 10;
const only = process.env['SIM_SEED'];
const count = Number(process.env['SIM_SEEDS'] ?? 200);
const known = readFileSync(new URL('../seeds.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => /^\d/.test(line))
  .map((line) => Number.parseInt(line, 10));

const expectSound = (result: WorldResult) => {
  expect(result.violations.length === 0 ? null : failureOf(result)).toBeNull();
};

/** A world as one text: every fact in its order. Names of tries to lead are drawn, and left out. */
const transcriptOf = ({ facts }: WorldResult) =>
  facts.map((fact) => JSON.stringify(fact).replaceAll(/(s\d)\/[a-z0-9]+/g, '$1'));

if (only !== undefined) {
  test(`seed ${only}`, async () => {
    const trace = (line: string) => process.stdout.write(`${line}\n`);
    expectSound(await runWorld(Number(only), { trace }));
  });
} else {
  test.each(known)('what seed %i showed once is mended', async (seed) => {
    expectSound(await runWorld(seed));
  });

  const starts = Array.from(
    { length: Math.ceil(count / SEEDS_PER_TEST) },
    (_, index) => 1 + index * SEEDS_PER_TEST,
  );
  test.each(starts)('worlds from seed %i on keep the promise', async (from) => {
    for (let seed = from; seed < Math.min(from + SEEDS_PER_TEST, count + 1); seed += 1) {
      expectSound(await runWorld(seed));
    }
  });

  describe('the simulator itself', () => {
    test.each([3, 11])('gives one history for seed %i, event by event', async (seed) => {
      const [first, second] = [await runWorld(seed), await runWorld(seed)];
      expect(transcriptOf(second)).toEqual(transcriptOf(first));
      expect(second.events).toBe(first.events);
    });

    test('throws every kind of fault, and in its worlds something happens', async () => {
      const seeds = Array.from({ length: 40 }, (_, index) => index + 1);
      const thrown = new Set(seeds.flatMap((seed) => optionsOfSeed(seed).faults));
      expect([...thrown].sort()).toEqual([...FAULT_KINDS].sort());
      const { runs, attempts } = await runWorld(2);
      expect(runs).toBeGreaterThan(20);
      expect(attempts).toBeGreaterThan(10);
    });
  });
}
