import { describe, expect, it } from 'vitest';
import { createState } from '../kernel/index.js';
import type { Command, Effects, KernelEvent, Reply } from '../kernel/index.js';
import type { Instant } from '../model/ids.js';
import type { Write } from '../model/tables.js';
import { silentObserver } from '../ports/observer.js';
import type { Commit, Lease, Store } from '../ports/store.js';
import { nextTurn, VirtualClock } from '../testing/virtual-clock.js';
import { LeaderLease } from './leader-lease.js';
import { LeaderLoop } from './leader-loop.js';
import { Mailbox, UNTIMED } from './mailbox.js';

const START = Date.parse('2026-11-24T00:00Z');
const LEASE_MS = 10_000;
const RETRY_MS = 500;
const EPOCH = 3;
const FIRST = 7;

type Answer =
  | 'applied'
  | 'fenced'
  /** It does not know, and the commit came through, or did not. */
  | { readonly lost: 'applied' | 'dropped' }
  /** It does not answer before the test lets it. */
  | { readonly after: Promise<'applied' | 'fenced'> };

/** A store that answers commits as it is told, and keeps what came of them. */
class ScriptedStore {
  readonly commits: Commit[] = [];
  answers: Answer[] = [];
  lease: Pick<Lease, 'epoch' | 'commitNo'> = { epoch: EPOCH, commitNo: FIRST - 1 };
  isDown = false;
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  async commit(commit: Commit): Promise<'applied' | 'fenced'> {
    this.commits.push(commit);
    const answer = this.answers.shift() ?? 'applied';
    const isCurrent = this.lease.epoch === commit.epoch && this.lease.commitNo === commit.commitNo - 1;
    if (answer === 'fenced' || !isCurrent) return 'fenced';
    const result = typeof answer === 'object' && 'after' in answer ? await answer.after : 'applied';
    const isDropped = typeof answer === 'object' && 'lost' in answer && answer.lost === 'dropped';
    if (result === 'applied' && !isDropped) this.lease = { ...this.lease, commitNo: commit.commitNo };
    if (typeof answer === 'object' && 'lost' in answer) throw new Error('connection lost');
    return result;
  }

  async readLease(): Promise<Lease> {
    if (this.isDown) throw new Error('connection refused');
    return this.#answer();
  }

  async renewLease(epoch: number): Promise<Lease | null> {
    if (this.isDown) throw new Error('connection refused');
    return epoch === this.lease.epoch ? this.#answer() : null;
  }

  #answer(): Lease {
    const nowMs = this.#clock.wallMs();
    return { ...this.lease, name: 'scheduler', holder: 'me', nowMs, expiresAtMs: nowMs + LEASE_MS };
  }
}

const NOTHING: Effects = { writes: [], events: [], replies: [], commands: [] };
const WRITE: Write = { op: 'delete', table: 'worker', key: ['w1'] };

/** A kernel that answers each request, and writes, says and orders something unless told otherwise. */
function stubStep(what: Partial<Record<'writes' | 'events' | 'commands', boolean>> = {}) {
  const { writes = true, events = false, commands = true } = what;
  return (batch: readonly KernelEvent[]): Effects => ({
    writes: writes ? [WRITE] : [],
    events: events ? [{ type: 'leader.elected', epoch: EPOCH, holder: 'me' }] : [],
    replies: batch.flatMap((event): Reply[] =>
      event.type === 'request' ? [{ request: event.request, ok: true, value: {} }] : [],
    ),
    commands: commands ? [{ type: 'worker.welcome', worker: 'w1' }] : [],
  });
}

function harness(step: (batch: readonly KernelEvent[]) => Effects = stubStep()) {
  const clock = new VirtualClock(START);
  const store = new ScriptedStore(clock);
  const mailbox = new Mailbox();
  const lease = new LeaderLease(
    { ...store.lease, name: 'scheduler', holder: 'me', nowMs: START, expiresAtMs: START + LEASE_MS },
    clock.monotonicMs(),
    {
      store: store as unknown as Store,
      clock,
      leaseMs: LEASE_MS,
      onJump: () => undefined,
      onLeap: () => undefined,
    },
  );
  const left: string[] = [];
  const batches: string[][] = [];
  const kernel = { deadline: null as number | null };
  const loop = new LeaderLoop({
    state: createState(),
    store: store as unknown as Store,
    lease,
    mailbox,
    clock,
    observer: silentObserver,
    retryMs: RETRY_MS,
    kernel: {
      step: (_state, batch) => {
        batches.push(batch.map((event) => (event.type === 'request' ? `${event.request}` : event.type)));
        return step(batch);
      },
      nextDeadline: () => kernel.deadline as Instant | null,
    },
    sinks: {
      onLeading: () => void left.push('leading'),
      beforeCommit: () => [],
      onCommitted: ({ commitNo }) => void left.push(`commit ${commitNo}`),
      onReplies: (replies) => void left.push(...replies.map(({ request }) => `reply ${request}`)),
      onCommands: (commands) => void left.push(...commands.map((command: Command) => command.type)),
    },
  });
  let ended: string | null = null;
  const end = loop.run(NOTHING).then(
    (reason) => (ended = reason),
    (error: unknown) => (ended = `failed: ${String(error)}`),
  );
  return {
    clock,
    store,
    mailbox,
    loop,
    batches,
    kernel,
    end,
    ended: () => ended,
    /** What has left since the last call. */
    left: () => left.splice(0),
    ask: (...requests: number[]) => {
      for (const request of requests) {
        const body = { type: 'job.delete', job: 'orders' } as const;
        mailbox.postRequest({ type: 'request', at: UNTIMED, request, actor: 'li', key: null, body });
      }
    },
    pass: (ms: number) => clock.advanceTo(clock.wallMs() + ms),
  };
}

function deferred<T>() {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

describe('the leader loop', () => {
  it('lets nothing leave before the commit is durable, and steps what comes meanwhile', async () => {
    const t = harness();
    await nextTurn();
    expect(t.left()).toEqual(['leading']);
    const slow = deferred<'applied'>();
    t.store.answers = [{ after: slow.promise }];
    t.ask(1);
    await nextTurn();
    t.ask(2);
    t.ask(3);
    await nextTurn();
    expect(t.left()).toEqual([]);
    expect(t.batches).toEqual([['1'], ['2', '3']]);
    expect(t.store.commits.map(({ commitNo }) => commitNo)).toEqual([7]);
    slow.resolve('applied');
    await nextTurn();
    expect(t.left()).toEqual([
      'commit 7',
      'reply 1',
      'worker.welcome',
      'commit 8',
      'reply 2',
      'reply 3',
      'worker.welcome',
    ]);
    expect(t.batches).toEqual([['1'], ['2', '3']]);
  });

  it('stores the events of a step as one row of its commit', async () => {
    const t = harness(stubStep({ events: true }));
    await nextTurn();
    await t.pass(250);
    t.ask(1);
    await nextTurn();
    expect(t.store.commits).toEqual([
      {
        epoch: EPOCH,
        commitNo: FIRST,
        writes: [
          WRITE,
          {
            op: 'put',
            table: 'event',
            key: [FIRST],
            value: { at: START + 250, events: '[{"type":"leader.elected","epoch":3,"holder":"me"}]' },
          },
        ],
      },
    ]);
  });

  it('commits nothing for a step that writes nothing, and answers at once', async () => {
    const t = harness(stubStep({ writes: false, commands: false }));
    t.ask(1);
    await nextTurn();
    expect(t.left()).toEqual(['leading', 'reply 1']);
    expect(t.store.commits).toEqual([]);
  });

  it('stops when it is fenced, and nothing leaves', async () => {
    const t = harness();
    t.store.answers = ['fenced'];
    t.ask(1);
    expect(await t.end).toBe('deposed');
    expect(t.left()).toEqual(['leading']);
  });

  it('stops on a bug of the kernel', async () => {
    const t = harness(() => {
      throw new Error('invariant violated: time goes forward');
    });
    t.ask(1);
    expect(await t.end).toBe('failed: Error: invariant violated: time goes forward');
    expect(t.left()).toEqual(['leading']);
  });

  it('ends, when it is stopped, after all that had arrived', async () => {
    const t = harness();
    await nextTurn();
    const slow = deferred<'applied'>();
    t.store.answers = [{ after: slow.promise }];
    t.ask(1);
    await nextTurn();
    t.ask(2, 3);
    t.loop.stop();
    slow.resolve('applied');
    expect(await t.end).toBe('stopped');
    expect(t.batches).toEqual([['1'], ['2', '3']]);
    expect(t.left().filter((what) => what.startsWith('reply'))).toEqual(['reply 1', 'reply 2', 'reply 3']);
  });

  it('lets readers wait until the store has everything', async () => {
    const t = harness();
    await nextTurn();
    const slow = deferred<'applied'>();
    t.store.answers = [{ after: slow.promise }];
    t.ask(1);
    await nextTurn();
    const read: string[] = [];
    t.loop.whenSettled(() => read.push(...t.left()));
    expect(read).toEqual([]);
    slow.resolve('applied');
    await nextTurn();
    expect(read).toEqual(['leading', 'commit 7']);
    t.loop.whenSettled(() => read.push('at once'));
    expect(read.at(-1)).toBe('at once');
  });
});

describe('a commit of which the store does not know', () => {
  it('counts as applied when the lease row has its number', async () => {
    const t = harness();
    t.store.answers = [{ lost: 'applied' }];
    t.ask(1);
    await nextTurn();
    expect(t.left()).toEqual(['leading', 'commit 7', 'reply 1', 'worker.welcome']);
    expect(t.store.commits).toHaveLength(1);
    t.ask(2);
    await nextTurn();
    expect(t.left()).toEqual(['commit 8', 'reply 2', 'worker.welcome']);
  });

  it('is repeated unchanged while the row has the number before', async () => {
    const t = harness();
    t.store.answers = [{ lost: 'dropped' }, { lost: 'dropped' }, 'applied'];
    t.ask(1);
    await nextTurn();
    t.ask(2);
    await t.pass(RETRY_MS);
    expect(t.left()).toEqual([
      'leading',
      'commit 7',
      'reply 1',
      'worker.welcome',
      'commit 8',
      'reply 2',
      'worker.welcome',
    ]);
    const [first, second, third] = t.store.commits;
    expect(second).toBe(first);
    expect(third).toBe(first);
  });

  it('counts as applied when its repetition is fenced by the first try', async () => {
    const t = harness();
    const late = deferred<'applied'>();
    t.store.answers = [{ lost: 'dropped' }, { after: late.promise }];
    t.ask(1);
    await nextTurn();
    t.store.lease = { ...t.store.lease, commitNo: FIRST };
    late.resolve('fenced' as 'applied');
    await nextTurn();
    expect(t.left()).toEqual(['leading', 'commit 7', 'reply 1', 'worker.welcome']);
  });

  it.each([
    {
      name: 'somebody else leads, and had begun after the commit before',
      commitNo: FIRST - 1,
      end: 'deposed',
    },
    { name: 'somebody else leads, and has committed since', commitNo: FIRST + 2, end: 'unknown' },
  ])('ends the leadership when $name', async ({ commitNo, end }) => {
    const t = harness();
    t.store.answers = [{ lost: 'dropped' }];
    t.ask(1);
    t.store.lease = { epoch: EPOCH, commitNo: FIRST - 1 };
    const { commit } = t.store;
    t.store.commit = async (...args) => {
      try {
        return await commit.apply(t.store, args);
      } finally {
        t.store.lease = { epoch: EPOCH + 1, commitNo };
      }
    };
    expect(await t.end).toBe(end);
    expect(t.left()).toEqual(['leading']);
  });

  it('stays unknown when the store does not come back while the lease holds', async () => {
    const t = harness();
    await nextTurn();
    t.store.answers = [{ lost: 'applied' }];
    t.store.isDown = true;
    t.ask(1);
    await t.pass(8_500);
    expect(t.ended()).toBeNull();
    await t.pass(1_000);
    expect(t.ended()).toBe('unknown');
    expect(t.left()).toEqual(['leading']);
  });

  it('stays unknown when leadership is lost before the store answers', async () => {
    const t = harness();
    await nextTurn();
    t.store.answers = [{ after: new Promise(() => undefined) }];
    t.ask(1);
    await nextTurn();
    t.loop.depose();
    expect(await t.end).toBe('unknown');
    expect(t.left()).toEqual(['leading']);
  });
});

describe('a leader that was asleep past its lease', () => {
  it('asks whether it still leads, and goes on if it does', async () => {
    const t = harness();
    await nextTurn();
    await t.pass(60_000);
    t.ask(1);
    await nextTurn();
    expect(t.left()).toEqual(['leading', 'commit 7', 'reply 1', 'worker.welcome']);
  });

  it.each([
    {
      name: 'somebody else leads',
      change: (store: ScriptedStore) => (store.lease = { epoch: 4, commitNo: 6 }),
    },
    { name: 'the store does not answer', change: (store: ScriptedStore) => (store.isDown = true) },
  ])('takes no step when $name', async ({ change }) => {
    const t = harness();
    await nextTurn();
    await t.pass(60_000);
    change(t.store);
    t.ask(1);
    expect(await t.end).toBe('deposed');
    expect(t.batches).toEqual([]);
  });

  it('sends nothing after a commit that outlasted its leadership, though its answer is true', async () => {
    const t = harness();
    await nextTurn();
    const slow = deferred<'applied'>();
    t.store.answers = [{ after: slow.promise }];
    t.ask(1);
    await t.pass(60_000);
    t.store.isDown = true;
    slow.resolve('applied');
    expect(await t.end).toBe('deposed');
    expect(t.left()).toEqual(['leading', 'commit 7', 'reply 1']);
  });
});

describe('deadlines of the kernel', () => {
  it('wake the loop once each, at their moment', async () => {
    const t = harness(stubStep({ writes: false, commands: false }));
    t.kernel.deadline = START + 5_000;
    t.ask(1);
    await nextTurn();
    await t.pass(4_999);
    expect(t.batches).toEqual([['1']]);
    await t.pass(1);
    expect(t.batches).toEqual([['1'], ['time.passed']]);
    t.kernel.deadline = null;
    t.ask(2);
    await t.pass(60_000);
    expect(t.batches.filter(([first]) => first === 'time.passed')).toHaveLength(1);
  });

  it('that come earlier than the one it waits for are not missed', async () => {
    const t = harness(stubStep({ writes: false, commands: false }));
    t.kernel.deadline = START + 5_000;
    t.ask(1);
    await nextTurn();
    t.kernel.deadline = START + 1_000;
    t.ask(2);
    await nextTurn();
    await t.pass(1_000);
    expect(t.batches.at(-1)).toEqual(['time.passed']);
  });

  it('that were put off do not step the kernel', async () => {
    const t = harness(stubStep({ writes: false, commands: false }));
    t.kernel.deadline = START + 1_000;
    t.ask(1);
    await nextTurn();
    t.kernel.deadline = START + 9_000;
    await t.pass(8_000);
    expect(t.batches).toEqual([['1']]);
    await t.pass(1_000);
    expect(t.batches).toEqual([['1'], ['time.passed']]);
  });
});
