/**
 * What every Transport does on a healthy connection. A list of cases without a test framework: feed each to
 * your own `test(name, run)`. Loss is allowed by the port and not tested for; blocking, throwing, altering
 * and calling back from inside `send` are not allowed.
 */
import type { SchedulerTransport, WorkerTransport } from '../ports/transport.js';
import type { SchedulerMessage, WorkerMessage } from '../protocol/messages.js';
import { expectEqual } from './expect.js';

/** Makes connected ends. */
export interface TransportHarness {
  open(): Promise<TransportEnds>;
}

/** The ends of one carrier. */
export interface TransportEnds {
  readonly scheduler: SchedulerTransport;
  /** A worker's end, not connected yet. */
  worker(name: string): WorkerTransport;
  /** Frees what is left when a case is done. */
  close(): Promise<void>;
}

/** One rule of the ports. */
export interface TransportCase {
  readonly name: string;
  run(harness: TransportHarness): Promise<void>;
}

/** Remembers lines and lets a case wait for them; a line that never comes is the test runner's time-out. */
class Lines {
  readonly all: string[] = [];
  #waiters: (() => void)[] = [];

  add(line: string): void {
    this.all.push(line);
    for (const wake of this.#waiters.splice(0)) wake();
  }

  async until(count: number): Promise<readonly string[]> {
    while (this.all.length < count) await new Promise<void>((wake) => void this.#waiters.push(wake));
    return this.all;
  }
}

interface Play {
  readonly scheduler: SchedulerTransport;
  readonly heard: Lines;
  /** A worker that is connected, and what it hears. */
  join(name: string): Promise<{ readonly transport: WorkerTransport; readonly heard: Lines }>;
  readonly ends: TransportEnds;
}

async function play(harness: TransportHarness, body: (play: Play) => Promise<void>): Promise<void> {
  const ends = await harness.open();
  const heard = new Lines();
  const { scheduler } = ends;
  await scheduler.listen({
    onMessage: (worker, message) => heard.add(`${worker} ${textOf(message)}`),
    onDisconnect: (worker) => heard.add(`${worker} gone`),
  });
  const join = async (name: string) => {
    const transport = ends.worker(name);
    const lines = new Lines();
    await transport.connect({
      onConnect: () => lines.add('connected'),
      onMessage: (message) => lines.add(textOf(message)),
      onDisconnect: () => lines.add('disconnected'),
    });
    await lines.until(1);
    return { transport, heard: lines };
  };
  try {
    await body({ scheduler, heard, join, ends });
  } finally {
    await ends.close();
  }
}

const textOf = (message: SchedulerMessage | WorkerMessage) => JSON.stringify(message);
const bye = (session: number): WorkerMessage => ({ type: 'bye', session });
const fin = (epoch: number, ...attempts: string[]): SchedulerMessage => ({ type: 'fin', epoch, attempts });
/** Says something so that the scheduler knows the worker, and waits until it was heard. */
async function introduce(worker: WorkerTransport, heard: Lines): Promise<void> {
  const count = heard.all.length;
  worker.send([bye(0)]);
  await heard.until(count + 1);
}

/** The rules of `SchedulerTransport` and `WorkerTransport`, each on a carrier of its own. */
export const transportContract: readonly TransportCase[] = [
  {
    name: "a worker's messages arrive whole, in order, under its name",
    run: (harness) =>
      play(harness, async ({ heard, join }) => {
        const one = await join('w1');
        one.transport.send([bye(1), bye(2)]);
        one.transport.send([bye(3)]);
        expectEqual(
          await heard.until(3),
          [1, 2, 3].map((n) => `w1 ${textOf(bye(n))}`),
        );
      }),
  },
  {
    name: 'each worker hears what is sent to it, in order, and nothing else',
    run: (harness) =>
      play(harness, async ({ scheduler, heard, join }) => {
        const one = await join('w1');
        const two = await join('w2');
        await introduce(one.transport, heard);
        await introduce(two.transport, heard);
        scheduler.send('w1', [fin(1, 'a/1'), fin(1, 'b/1')]);
        scheduler.send('w2', [fin(2)]);
        scheduler.send('w1', [fin(3)]);
        expectEqual((await one.heard.until(4)).slice(1), [
          textOf(fin(1, 'a/1')),
          textOf(fin(1, 'b/1')),
          textOf(fin(3)),
        ]);
        expectEqual((await two.heard.until(2)).slice(1), [textOf(fin(2))]);
      }),
  },
  {
    name: 'any text survives, and a message of 256 KiB',
    run: (harness) =>
      play(harness, async ({ scheduler, heard, join }) => {
        const { transport, heard: atWorker } = await join('w1');
        await introduce(transport, heard);
        const texts = ['日报@20261123T020000Z/1', 'a\u0000b\n"\\\u2028', '😀', 'x'.repeat(262_144)];
        scheduler.send('w1', [fin(1, ...texts)]);
        expectEqual((await atWorker.until(2))[1], textOf(fin(1, ...texts)));
      }),
  },
  {
    name: 'a thousand messages of one turn all arrive, in order',
    run: (harness) =>
      play(harness, async ({ heard, join }) => {
        const { transport } = await join('w1');
        for (let n = 0; n < 1_000; n += 1) transport.send([bye(n)]);
        const lines = await heard.until(1_000);
        expectEqual(
          lines.findIndex((line, n) => line !== `w1 ${textOf(bye(n))}`),
          -1,
        );
      }),
  },
  {
    name: 'send never calls a listener before it returns',
    run: (harness) =>
      play(harness, async ({ scheduler, heard, join }) => {
        const { transport, heard: atWorker } = await join('w1');
        transport.send([bye(1)]);
        expectEqual(heard.all.length, 0);
        await heard.until(1);
        scheduler.send('w1', [fin(1)]);
        expectEqual(atWorker.all.length, 1);
        await atWorker.until(2);
      }),
  },
  {
    name: 'what cannot be sent is dropped without an error',
    run: (harness) =>
      play(harness, async ({ scheduler, heard, join, ends }) => {
        scheduler.send('nobody', [fin(1)]);
        ends.worker('w2').send([bye(1)]);
        const { transport } = await join('w1');
        await introduce(transport, heard);
        await transport.close();
        transport.send([bye(2)]);
        scheduler.send('w1', [fin(1)]);
        expectEqual(heard.all[0], `w1 ${textOf(bye(0))}`);
      }),
  },
  {
    name: 'a worker that leaves is reported, after its last words',
    run: (harness) =>
      play(harness, async ({ heard, join }) => {
        const { transport } = await join('w1');
        await introduce(transport, heard);
        transport.send([bye(9)]);
        await transport.close();
        expectEqual((await heard.until(3)).slice(1), [`w1 ${textOf(bye(9))}`, 'w1 gone']);
      }),
  },
];
