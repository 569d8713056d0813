/**
 * Drives the kernel by hand: events in, effects out, with a worker that does what the test says and nothing
 * else. Checks the invariants after every step, and keeps all rows, so that a state can be loaded anew.
 */
import { foretell } from '../../src/forecast/index.js';
import {
  assertInvariants,
  createLoader,
  createState,
  forecastInput,
  nextDeadline,
  step,
} from '../../src/kernel/index.js';
import type {
  Effects,
  KernelEvent,
  KernelOptions,
  Reply,
  Request,
  RequestAnswer,
  SchedulerState,
} from '../../src/kernel/index.js';
import { instant } from '../../src/model/ids.js';
import type { Instant } from '../../src/model/ids.js';
import type { Definitions } from '../../src/model/job.js';
import { rowsToLoad } from '../../src/memory/load.js';
import { rowKeyText } from '../../src/model/tables.js';
import type { Row, RowKey, RowValue, TableName, Write } from '../../src/model/tables.js';
import type { AttemptOutcome } from '../../src/model/run.js';
import type { JournalEntry, WorkerLoad, WorkerProfile } from '../../src/protocol/messages.js';

export interface DriveOptions extends Partial<KernelOptions> {
  readonly at?: string;
  readonly slots?: number;
  readonly workers?: readonly string[];
  readonly profile?: Partial<WorkerProfile>;
  readonly load?: Partial<WorkerLoad>;
}

const OK: AttemptOutcome = { state: 'succeeded', exitCode: 0 };
export const failed = (
  failure: 'user' | 'resource' | 'outside' | 'host' | 'unknown' = 'unknown',
  exitCode = 1,
): AttemptOutcome => ({ state: 'failed', exitCode, failure });

export class Drive {
  state: SchedulerState;
  readonly rows = new Map<TableName, Map<string, Row>>();
  readonly effects: Effects[] = [];
  /** Attempts ordered and not yet ended, in order. */
  readonly ordered: string[] = [];
  readonly killed: string[] = [];
  /** The store is slow: what the kernel asks is not answered. */
  holdReads = false;
  /** What the kernel asked the store and has not been answered. */
  readonly reads: { readonly job: number; readonly from: number; readonly to: number }[] = [];
  /** Up to when a forecast was asked for and not made. */
  #until: Instant | null = null;
  #request = 1;
  #epoch = 1;
  readonly #seq = new Map<string, number>();
  readonly #options: DriveOptions;

  constructor(options: DriveOptions = {}) {
    this.#options = options;
    this.state = createState(options);
    const at = instant(Date.parse(options.at ?? '2026-03-02T00:00:00Z'));
    this.#take(createLoader(this.state).finish(at, { epoch: this.#epoch, holder: 'test' }));
    for (const name of options.workers ?? ['w1']) this.join(name);
  }

  get now(): number {
    return this.state.now;
  }

  join(
    name: string,
    session = 1,
    journal: readonly JournalEntry[] = [],
    own: Partial<WorkerProfile> = {},
  ): void {
    const profile: WorkerProfile = {
      worker: name,
      boot: 'boot',
      slots: this.#options.slots ?? 10,
      pools: ['default', 'etl'],
      labels: {},
      kinds: ['shell'],
      functions: [],
      enrolled: false,
      pid: 1,
      version: '0',
      ...this.#options.profile,
      ...own,
    };
    this.say(name, { type: 'hello', v: 1, session, epoch: 0, profile, can: ['probe'] });
    this.pulse(name, session, journal);
  }

  pulse(name: string, session = 1, journal: readonly JournalEntry[] = []): void {
    this.post(this.#pulseOf(name, session, journal));
  }

  #pulseOf(name: string, session: number, journal: readonly JournalEntry[]): KernelEvent {
    const seq = (this.#seq.get(name) ?? 0) + 1;
    this.#seq.set(name, seq);
    const load = { memoryShare: 0, loadPerCore: 0, memoryFreeBytes: 0, ...this.#options.load };
    const epoch = this.#epoch;
    const message = { type: 'pulse', epoch, session, seq, draining: false, load, journal } as const;
    return { type: 'worker.said', at: this.state.now, worker: name, message };
  }

  say(worker: string, message: Extract<KernelEvent, { type: 'worker.said' }>['message']): void {
    this.post({ type: 'worker.said', at: this.state.now, worker, message });
  }

  post(...batch: KernelEvent[]): Effects {
    const effects = this.#take(step(this.state, batch));
    this.#answerReads();
    this.#foretell();
    return effects;
  }

  /** The forecast that the kernel asked for. */
  #foretell(): void {
    const until = this.#until;
    if (until === null) return;
    this.#until = null;
    const news = foretell(forecastInput(this.state, until));
    this.post({ type: 'forecast.made', at: this.state.now, ...news });
  }

  /** The store's answers to what the kernel asked it. */
  #answerReads(): void {
    if (this.holdReads) return;
    for (const { job, from, to } of this.reads.splice(0)) {
      const rows = this.all('run').filter(({ key, value }) => {
        const at = Number(value['instant']);
        return key[0] === job && at >= from && at <= to;
      });
      this.post({ type: 'verdicts.read', at: this.state.now, job, from, rows });
    }
  }

  request(body: Request, options: { key?: string; actor?: string } = {}): RequestAnswer {
    const reply = this.ask(body, options);
    if (!reply.ok) throw reply.error;
    return reply.value;
  }

  ask(body: Request, options: { key?: string; actor?: string } = {}): Reply {
    const request = this.#request++;
    const effects = this.post({
      type: 'request',
      at: this.state.now,
      request,
      actor: options.actor ?? 'li',
      key: options.key ?? null,
      body,
    });
    const reply = effects.replies.find((each) => each.request === request);
    if (!reply) throw new Error('no reply');
    return reply;
  }

  apply(definitions: Definitions): void {
    this.request({ type: 'definitions.apply', definitions, source: 'test', prune: false });
  }

  /** Moves time on, stopping at every deadline, with the workers pulsing so that none is lost. */
  until(text: string, options: { readonly silent?: boolean } = {}): void {
    const end = Date.parse(text);
    for (;;) {
      const next = Math.min(
        nextDeadline(this.state) ?? end,
        end,
        options.silent ? end : this.state.now + 300_000,
      );
      this.post({ type: 'time.passed', at: instant(Math.max(next, this.state.now)) });
      if (!options.silent) this.keepAlive();
      if (this.state.now >= end) return;
    }
  }

  /** Every worker that is connected says that it has what it was given. */
  keepAlive(): void {
    const pulses = this.state.workerList
      .filter((worker) => worker.connected)
      .map((worker) => {
        const journal = [...worker.attempts].map((live): JournalEntry => ({
          attempt: live.id,
          state: 'running',
          startedAt: live.claimedAt,
        }));
        return this.#pulseOf(worker.name, worker.session, journal);
      });
    if (pulses.length > 0) this.post(...pulses);
  }

  /** Ends an ordered attempt, by name or the first of a job. */
  end(attempt: string, outcome: AttemptOutcome = OK): void {
    const id = this.ordered.find((each) => each === attempt || each.startsWith(`${attempt}@`));
    if (id === undefined) throw new Error(`no ordered attempt ${attempt} among ${this.ordered.join(', ')}`);
    const live = this.state.attempts.get(id);
    const worker = live?.worker.name ?? 'w1';
    this.ordered.splice(this.ordered.indexOf(id), 1);
    const entry: JournalEntry = {
      attempt: id,
      state: 'ended',
      startedAt: this.state.now,
      endedAt: this.state.now,
      outcome,
    };
    this.say(worker, { type: 'report', epoch: this.#epoch, session: live?.session ?? 1, entries: [entry] });
  }

  /** Ends everything that is ordered, and what that brings, until nothing is. */
  endAll(): void {
    while (this.ordered.length > 0) this.end(this.ordered[0] ?? '');
  }

  phase(run: string): string {
    const [job = '', slot = ''] = run.split('@');
    const id = this.state.jobsByName.get(job)?.id ?? -1;
    const slotKey = slot.startsWith('a:') ? slot : `t:${slot}`;
    const value = this.row('run', [id, slotKey, '']);
    return value ? `${value['phase']}${value['reason'] ? ` ${value['reason']}` : ''}` : 'absent';
  }

  row(table: TableName, key: RowKey): RowValue | undefined {
    return this.rows.get(table)?.get(rowKeyText(key))?.value;
  }

  all(table: TableName): Row[] {
    return [...(this.rows.get(table)?.values() ?? [])];
  }

  /** A new leader: everything in memory is gone, the rows are not. */
  failover(): void {
    const at = this.state.now;
    this.#epoch++;
    this.state = createState(this.#options);
    const loader = createLoader(this.state);
    const rowsOf = (table: TableName) => this.all(table).sort((a, b) => compareKeys(a.key, b.key));
    for (const row of rowsToLoad(rowsOf, at - this.state.options.reachMs)) loader.row(row);
    this.#take(loader.finish(at, { epoch: this.#epoch, holder: 'test' }));
  }

  #take(effects: Effects): Effects {
    for (const write of effects.writes) this.#write(write);
    for (const command of effects.commands) {
      if (command.type === 'attempt.exec' && !this.ordered.includes(command.attempt.attempt))
        this.ordered.push(command.attempt.attempt);
      if (command.type === 'verdicts.read') this.reads.push(command);
      if (command.type === 'forecast.make') this.#until = command.until;
      if (command.type === 'attempt.kill') this.killed.push(command.attempt);
    }
    this.effects.push(effects);
    assertInvariants(this.state);
    return effects;
  }

  #write(write: Write): void {
    const table = this.rows.get(write.table) ?? new Map<string, Row>();
    this.rows.set(write.table, table);
    const name = rowKeyText(write.key);
    const before = table.get(name)?.value ?? {};
    if (write.op === 'delete') table.delete(name);
    else if (write.op === 'put')
      table.set(name, { table: write.table, key: write.key, value: { ...before, ...write.value } });
    else
      table.set(name, {
        table: write.table,
        key: write.key,
        value: { ...before, [write.field]: Number(before[write.field] ?? 0) + write.by },
      });
  }
}

function compareKeys(a: RowKey, b: RowKey): number {
  for (let i = 0; i < a.length; i++) {
    const left = a[i] ?? '';
    const right = b[i] ?? '';
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}
