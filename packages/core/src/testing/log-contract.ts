/**
 * What every LogSink does together with the LogStore that reads it. A list of cases without a test
 * framework: feed each to your own `test(name, run)`.
 */
import type { LogAck, LogPiece, LogSink, LogStore } from '../ports/logs.js';
import { expectEqual } from './expect.js';

/** Opens stores of logs over one place. */
export interface LogSinkHarness {
  /** A store over an empty place. */
  open(): Promise<LogSink & LogStore>;
  /** The same place as another server sees it, or the same server after a restart. */
  reopen(store: LogSink & LogStore): Promise<LogSink & LogStore>;
}

/** One rule of the ports. */
export interface LogSinkCase {
  readonly name: string;
  run(harness: LogSinkHarness): Promise<void>;
}

const ATTEMPT = 'etl/日报@20261123T020000Z/1';
const bytesOf = (text: string) => new TextEncoder().encode(text);

const piece = (offset: number, text: string, last = false, attempt = ATTEMPT): LogPiece => ({
  attempt,
  offset,
  bytes: bytesOf(text),
  last,
});

const ack = (stored: number, complete = false, attempt = ATTEMPT): LogAck => ({ attempt, stored, complete });

/** Latin letters only: one byte each. */
async function textOf(store: LogStore, offset = 0, bytesMax = 1_000_000, attempt = ATTEMPT): Promise<string> {
  const { bytes } = await store.read(attempt, offset, bytesMax);
  return new TextDecoder().decode(bytes);
}

async function sizeOf(store: LogStore, attempt = ATTEMPT) {
  const { size, complete } = await store.read(attempt, 0, 1);
  return { size, complete };
}

/** The rules of `LogSink` and `LogStore`, each on a place of its own. */
export const logSinkContract: readonly LogSinkCase[] = [
  {
    name: 'an attempt without a log has an empty one',
    run: async (harness) => {
      const store = await harness.open();
      expectEqual(await sizeOf(store), { size: 0, complete: false });
      expectEqual(await textOf(store), '');
    },
  },
  {
    name: 'bytes are read as they were sent, from any offset and to any length',
    run: async (harness) => {
      const store = await harness.open();
      expectEqual(await store.append([piece(0, 'abc')]), [ack(3)]);
      expectEqual(await store.append([piece(3, 'def'), piece(6, 'ghi')]), [ack(9)]);
      expectEqual(await textOf(store), 'abcdefghi');
      expectEqual(await textOf(store, 4, 3), 'efg');
      expectEqual(await textOf(store, 9), '');
      expectEqual(await sizeOf(store), { size: 9, complete: false });
    },
  },
  {
    name: 'what is repeated is stored once, and overlap is cut',
    run: async (harness) => {
      const store = await harness.open();
      await store.append([piece(0, 'abcd')]);
      expectEqual(await store.append([piece(0, 'abcd')]), [ack(4)]);
      expectEqual(await store.append([piece(2, 'cdef')]), [ack(6)]);
      expectEqual(await textOf(store), 'abcdef');
    },
  },
  {
    name: 'a piece beyond the end is not taken, and the ack says where the log ends',
    run: async (harness) => {
      const store = await harness.open();
      await store.append([piece(0, 'abc')]);
      expectEqual(await store.append([piece(5, 'fgh'), piece(8, 'i', true)]), [ack(3)]);
      expectEqual(await textOf(store), 'abc');
    },
  },
  {
    name: 'an empty piece asks, and stores nothing',
    run: async (harness) => {
      const store = await harness.open();
      expectEqual(await store.append([piece(7, '')]), [ack(0)]);
      await store.append([piece(0, 'abc')]);
      expectEqual(await store.append([piece(0, '')]), [ack(3)]);
      expectEqual(await sizeOf(store), { size: 3, complete: false });
    },
  },
  {
    name: 'the last piece completes the log, also an empty one, and nothing comes after it',
    run: async (harness) => {
      const store = await harness.open();
      expectEqual(await store.append([piece(0, 'abc', true)]), [ack(3, true)]);
      expectEqual(await store.append([piece(3, 'more')]), [ack(3, true)]);
      expectEqual(await sizeOf(store), { size: 3, complete: true });
      expectEqual(await store.append([piece(0, 'x', false, 'b@a:1/1')]), [ack(1, false, 'b@a:1/1')]);
      expectEqual(await store.append([piece(1, '', true, 'b@a:1/1')]), [ack(1, true, 'b@a:1/1')]);
      expectEqual(await store.append([piece(0, '', true, 'c@a:1/1')]), [ack(0, true, 'c@a:1/1')]);
    },
  },
  {
    name: 'a last piece that comes too early completes nothing',
    run: async (harness) => {
      const store = await harness.open();
      expectEqual(await store.append([piece(4, '', true)]), [ack(0)]);
      expectEqual(await sizeOf(store), { size: 0, complete: false });
    },
  },
  {
    name: 'what is acknowledged is read by others, and after a restart',
    run: async (harness) => {
      const store = await harness.open();
      await store.append([piece(0, 'abc')]);
      const other = await harness.reopen(store);
      expectEqual(await textOf(other), 'abc');
      expectEqual(await other.append([piece(3, 'def', true)]), [ack(6, true)]);
      expectEqual(await textOf(await harness.reopen(store)), 'abcdef');
      expectEqual(await sizeOf(await harness.reopen(store)), { size: 6, complete: true });
    },
  },
  {
    name: 'bytes are bytes: no text is broken, whatever the pieces cut',
    run: async (harness) => {
      const store = await harness.open();
      const bytes = new Uint8Array([...bytesOf('日志🦉'), 0, 255, 192, 13, 10]);
      for (let at = 0; at < bytes.length; at += 2) {
        await store.append([
          { attempt: ATTEMPT, offset: at, bytes: bytes.subarray(at, at + 2), last: false },
        ]);
      }
      const { bytes: found } = await store.read(ATTEMPT, 0, 1_000);
      expectEqual([...found], [...bytes]);
    },
  },
  {
    name: 'a log of a megabyte comes back whole, and many at once do not mix',
    run: async (harness) => {
      const store = await harness.open();
      const names = Array.from({ length: 8 }, (_, n) => `many-${n}@a:1/1`);
      const block = (n: number) => new Uint8Array(65_536).fill(65 + n);
      for (let round = 0; round < 2; round += 1) {
        const offset = round * 65_536;
        await Promise.all(
          names.map((attempt, n) => store.append([{ attempt, offset, bytes: block(n), last: round === 1 }])),
        );
      }
      for (const [n, attempt] of names.entries()) {
        const { bytes, size, complete } = await store.read(attempt, 0, 1_000_000);
        const isRight = bytes.length === 131_072 && bytes.every((byte) => byte === 65 + n);
        expectEqual({ size, complete, isRight }, { size: 131_072, complete: true, isRight: true });
      }
    },
  },
  {
    name: 'a watcher is told of new bytes and of the end',
    run: async (harness) => {
      const store = await harness.open();
      let wake: () => void = () => undefined;
      const told = () => new Promise<void>((resolve) => void (wake = resolve));
      const stop = store.watch(ATTEMPT, () => wake());
      const first = told();
      await store.append([piece(0, 'abc')]);
      await first;
      const second = told();
      await store.append([piece(3, '', true)]);
      await second;
      stop();
    },
  },
];
