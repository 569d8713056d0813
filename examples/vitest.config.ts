import { defineConfig } from 'vitest/config';

/** The tests of the examples, as an application would have them; `npm test` runs them through e2e. */
export default defineConfig({ test: { include: ['examples/*/*.test.ts'] } });
