/**
 * A store that lives in memory: the default of an embedded engine, the store of the simulator, and the proof
 * of how small a Store is. Rows are never changed in place, a write replaces them, so that what `read` and
 * `load` gave stays as it was. Nothing outlives the process.
 */
import { SchedulerError } from '../model/errors.js';
import { TABLE_NAMES } from '../model/tables.js';
import type { Row, TableName } from '../model/tables.js';
import type { Commit, DocumentChange, Range, Store, StoredCommand } from '../ports/store.js';
import { rowsToLoad } from './load.js';
import { createMemoryLease } from './memory-lease.js';
import type { MemoryLease } from './memory-lease.js';
import { createMemoryTable } from './memory-table.js';
import type { MemoryTable } from './memory-table.js';

/** Nobody else can reach it, so no one waits for the lease. */
const LEASE_MS = 60_000;

/** Settings of a memory store. */
export interface MemoryStoreOptions {
  /** The store's clock, epoch ms: judges leases. Default the wall clock. */
  readonly now?: () => number;
}

/** An empty store. All its methods answer in the order they were called. */
export function createMemoryStore(options: MemoryStoreOptions = {}): Store {
  const lease = createMemoryLease(options.now ?? Date.now);
  const tables = new Map(TABLE_NAMES.map((table) => [table, createMemoryTable(table)]));
  let isClosed = false;

  const assertOpen = (): void => {
    if (isClosed) throw new SchedulerError('STOPPED', 'the store is closed', { what: 'store' });
  };
  const tableOf = (name: TableName): MemoryTable => {
    assertOpen();
    const table = tables.get(name);
    if (!table) throw new Error(`no table "${name}" in the catalogue`);
    return table;
  };

  return {
    leaseMs: LEASE_MS,
    ...guarded(lease, assertOpen),

    async *load(since) {
      yield* rowsToLoad((table) => tableOf(table).all(), since);
    },

    async commit({ epoch, commitNo, writes }: Commit) {
      assertOpen();
      if (!lease.canCommit(epoch, commitNo)) return 'fenced';
      // All are looked at before the first is applied: a bad one must not leave half a commit behind.
      for (const write of writes) tableOf(write.table).assertFits(write);
      for (const write of writes) tableOf(write.table).apply(write);
      lease.committed(commitNo);
      return 'applied';
    },

    async read(table: TableName, range: Range) {
      return tableOf(table).read(range);
    },

    changeDocuments: async (changes) => changeDocuments(tableOf('document'), changes),

    async putCommand({ id, request, at }: StoredCommand) {
      const command = tableOf('command');
      if (command.get([id])) return;
      command.apply({ op: 'put', table: 'command', key: [id], value: { request, at, open: 1 } });
    },

    async commands(limit) {
      const rows = tableOf('command').read({ index: 'command_open', prefix: [1], limit });
      return rows.map(storedCommand);
    },

    async close() {
      isClosed = true;
      for (const table of tables.values()) table.clear();
    },
  };
}

/** The lease's part of the port, refused once the store is closed. */
function guarded(lease: MemoryLease, assertOpen: () => void): Omit<MemoryLease, 'canCommit' | 'committed'> {
  return {
    async acquireLease(holder, ttlMs) {
      assertOpen();
      return lease.acquireLease(holder, ttlMs);
    },
    async renewLease(epoch, ttlMs) {
      assertOpen();
      return lease.renewLease(epoch, ttlMs);
    },
    async readLease() {
      assertOpen();
      return lease.readLease();
    },
    async releaseLease(epoch) {
      assertOpen();
      return lease.releaseLease(epoch);
    },
  };
}

function storedCommand({ key, value }: Row): StoredCommand {
  return { id: String(key[0]), request: String(value['request']), at: Number(value['at']) };
}

function changeDocuments(table: MemoryTable, changes: readonly DocumentChange[]): boolean {
  const versionOf = ({ kind, id }: DocumentChange) => table.get([kind, id])?.value['version'] ?? 0;
  if (changes.some((change) => versionOf(change) !== change.version)) return false;
  for (const { kind, id, version, body } of changes) {
    const row = { table: 'document', key: [kind, id] } as const;
    if (body === null) table.apply({ op: 'delete', ...row });
    else table.apply({ op: 'put', ...row, value: { version: version + 1, body } });
  }
  return true;
}
