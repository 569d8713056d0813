import { defineConfig } from 'vitest/config';

const TEST_TIMEOUT_MS = 60_000;
const HEAVY_TIMEOUT_MS = 600_000;

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
          exclude: ['packages/core/test/simulation/**', 'packages/store-mysql/test/**'],
        },
      },
      {
        extends: true,
        test: { name: 'simulation', include: ['packages/core/test/simulation/**/*.test.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'mysql',
          include: ['packages/store-mysql/test/*.test.ts'],
          globalSetup: ['packages/store-mysql/test/start-mariadb.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'mysql-heavy',
          include: ['packages/store-mysql/test/heavy/*.test.ts'],
          testTimeout: HEAVY_TIMEOUT_MS,
          fileParallelism: false,
        },
      },
      { extends: true, test: { name: 'e2e', include: ['e2e/**/*.test.ts'], fileParallelism: false } },
    ],
  },
});
