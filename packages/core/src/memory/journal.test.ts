/** The memory journal keeps the contract; its "disk" is the object itself. */
import { describe, it } from 'vitest';
import { journalContract } from '../testing/journal-contract.js';
import { createMemoryJournal } from './journal.js';

describe('the memory journal', () => {
  it.each(journalContract)('$name', async ({ run }) => {
    await run({
      open: () => Promise.resolve(createMemoryJournal()),
      reopen: (journal) => Promise.resolve(journal),
    });
  });
});
