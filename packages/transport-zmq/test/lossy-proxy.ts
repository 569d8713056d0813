/**
 * Stands between workers and a server and passes their frames on badly: some are lost, some come twice, some
 * are overtaken. It knows nothing of what is in them. Over `ipc`, since a proxy cannot look into CURVE.
 */
import { Context, Dealer, Router } from 'zeromq';

/** How badly, as shares of 1. */
export interface Badness {
  readonly lost: number;
  readonly doubled: number;
  readonly delayed: number;
  /** The same in every run. */
  readonly random: () => number;
}

/** A proxy at work. */
export interface LossyProxy {
  readonly counts: { passed: number; lost: number; doubled: number; delayed: number };
  close(): void;
}

const TURNS_MAX = 40;

/** Listens at `listen` and passes on to `target`. */
export async function openLossyProxy(listen: string, target: string, badness: Badness): Promise<LossyProxy> {
  const context = new Context();
  context.blocky = false;
  const router = new Router({ context, linger: 0 });
  await router.bind(listen);
  const counts = { passed: 0, lost: 0, doubled: 0, delayed: 0 };
  const behind = new Map<string, ReturnType<typeof sender>>();
  const toWorkers = sender((parts) => router.send(parts));
  const dealers: Dealer[] = [];

  const pass = (push: (parts: Buffer[]) => void, parts: Buffer[]): void => {
    const { lost, doubled, delayed, random } = badness;
    const dice = random();
    if (dice < lost) return void (counts.lost += 1);
    const times = dice < lost + doubled ? 2 : 1;
    counts.doubled += times - 1;
    for (let n = 0; n < times; n += 1) {
      const turns = random() < delayed ? Math.ceil(random() * TURNS_MAX) : 0;
      counts.delayed += turns > 0 ? 1 : 0;
      counts.passed += 1;
      later(turns, () => push(parts));
    }
  };

  const wayOf = (route: Buffer) => {
    const key = route.toString('hex');
    const known = behind.get(key);
    if (known) return known;
    const dealer = new Dealer({ context, linger: 0 });
    dealer.connect(target);
    dealers.push(dealer);
    const way = sender((parts) => dealer.send(parts));
    behind.set(key, way);
    void read(dealer, (parts) => pass(toWorkers, [route, ...parts]));
    return way;
  };
  void read(router, ([route, ...parts]) => {
    if (route) pass(wayOf(route), parts);
  });
  return {
    counts,
    close() {
      router.close();
      for (const dealer of dealers) dealer.close();
    },
  };
}

/** One send at a time; what fails is lost. */
function sender(send: (parts: Buffer[]) => Promise<void>): (parts: Buffer[]) => void {
  let last = Promise.resolve();
  return (parts) => {
    last = last.then(() => send(parts)).catch(() => undefined);
  };
}

async function read(socket: Dealer | Router, take: (parts: Buffer[]) => void): Promise<void> {
  try {
    for await (const parts of socket) take(parts);
  } catch {
    // Closed.
  }
}

/** Some turns of the event loop later. */
function later(turns: number, run: () => void): void {
  if (turns === 0) run();
  else setImmediate(() => later(turns - 1, run));
}
