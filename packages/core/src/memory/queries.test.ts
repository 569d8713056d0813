import { describe, it } from 'vitest';
import { queriesContract } from '../testing/queries-contract.js';
import { createMemoryStore } from './memory-store.js';
import { createQueries } from './queries.js';

describe('the default queries', () => {
  it.each(queriesContract)('$name', async ({ run }) => {
    const store = createMemoryStore();
    await run({ store, queries: createQueries(store) });
  });
});
