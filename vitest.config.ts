import { defineConfig } from 'vitest/config';

const TEST_TIMEOUT_MS = 60_000;

/** The projects of CONTRIBUTING.md: `unit` is the inner loop; the others take longer. */
export default defineConfig({
  test: {
    testTimeout: TEST_TIMEOUT_MS,
    hookTimeout: TEST_TIMEOUT_MS,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'packages/*/src/**/*.test.ts',
            'packages/*/test/**/*.test.ts',
            'tools/**/*.test.{ts,mjs}',
          ],
          exclude: ['packages/core/test/simulation/**'],
        },
      },
      {
        extends: true,
        test: { name: 'simulation', include: ['packages/core/test/simulation/**/*.test.ts'] },
      },
      { extends: true, test: { name: 'e2e', include: ['e2e/**/*.test.ts'], fileParallelism: false } },
    ],
  },
});
