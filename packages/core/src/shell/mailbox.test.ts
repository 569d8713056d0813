import { describe, expect, it } from 'vitest';
import type { KernelEvent } from '../kernel/index.js';
import type { Instant } from '../model/ids.js';
import type { WorkerMessage } from '../protocol/messages.js';
import { Mailbox, UNTIMED } from './mailbox.js';

const AT = 5 as Instant;
const request = (number: number) =>
  ({
    type: 'request',
    at: UNTIMED,
    request: number,
    actor: 'li',
    key: null,
    body: { type: 'job.delete', job: 'orders' },
  }) as const;
const said = (worker: string, message: WorkerMessage) =>
  ({ type: 'worker.said', at: UNTIMED, worker, message }) as const;
const pulse = (seq: number, session = 1): WorkerMessage => ({
  type: 'pulse',
  epoch: 1,
  session,
  seq,
  draining: false,
  load: { memoryShare: 0, loadPerCore: 0, memoryFreeBytes: 0 },
  journal: [],
});
const report: WorkerMessage = { type: 'report', epoch: 1, session: 1, entries: [] };
const bye: WorkerMessage = { type: 'bye', session: 1 };
const taken = (mailbox: Mailbox) => mailbox.take(AT, 1_000).map(short);

function short(event: KernelEvent): string {
  if (event.type === 'request') return `request ${event.request}`;
  if (event.type !== 'worker.said') return event.type;
  const { message, worker } = event;
  return message.type === 'pulse' ? `${worker} pulse ${message.seq}` : `${worker} ${message.type}`;
}

describe('a mailbox', () => {
  it('gives events in the order they came, all with the time of the taking', () => {
    const mailbox = new Mailbox();
    mailbox.postRequest(request(1));
    mailbox.post({ type: 'time.passed', at: UNTIMED });
    mailbox.postRequest(request(2));
    const batch = mailbox.take(AT, 2);
    expect(batch.map(short)).toEqual(['request 1', 'time.passed']);
    expect(batch.map(({ at }) => at)).toEqual([AT, AT]);
    expect(mailbox.size).toBe(1);
    expect(taken(mailbox)).toEqual(['request 2']);
    expect(mailbox.size).toBe(0);
  });

  it('refuses requests beyond its bound and says when to come again', () => {
    const mailbox = new Mailbox({ requestsMax: 2 });
    mailbox.postRequest(request(1));
    mailbox.postRequest(request(2));
    expect(mailbox.isFull).toBe(true);
    expect(() => mailbox.postRequest(request(3))).toThrow(
      expect.objectContaining({ code: 'OVERLOADED', details: { retryAfterMs: 1_000 } }),
    );
    mailbox.take(AT, 1);
    mailbox.postRequest(request(4));
    expect(taken(mailbox)).toEqual(['request 2', 'request 4']);
  });

  it('keeps facts of the engine however many requests wait', () => {
    const mailbox = new Mailbox({ requestsMax: 0, messagesMax: 0 });
    mailbox.post({ type: 'render.failed', at: UNTIMED, attempt: 'orders@a:k/1', message: 'no such key' });
    mailbox.post({ type: 'worker.disconnected', at: UNTIMED, worker: 'w1' });
    expect(taken(mailbox)).toEqual(['render.failed', 'worker.disconnected']);
  });

  it('needs to be told only once that time has passed', () => {
    const mailbox = new Mailbox();
    mailbox.post({ type: 'time.passed', at: UNTIMED });
    mailbox.post({ type: 'time.passed', at: UNTIMED });
    expect(taken(mailbox)).toEqual(['time.passed']);
    mailbox.post({ type: 'time.passed', at: UNTIMED });
    expect(taken(mailbox)).toEqual(['time.passed']);
  });

  it.each([
    {
      name: 'a newer pulse takes the place of the older one',
      said: [said('w1', pulse(1)), said('w2', pulse(1)), said('w1', report), said('w1', pulse(2))],
      taken: ['w2 pulse 1', 'w1 report', 'w1 pulse 2'],
    },
    {
      name: 'a pulse of another session leaves the older one alone',
      said: [said('w1', pulse(1, 1)), said('w1', pulse(1, 2))],
      taken: ['w1 pulse 1', 'w1 pulse 1'],
    },
    {
      name: 'a pulse after a farewell leaves those before it alone',
      said: [said('w1', pulse(1)), said('w1', bye), said('w1', pulse(2))],
      taken: ['w1 pulse 1', 'w1 bye', 'w1 pulse 2'],
    },
  ])('$name', ({ said: messages, taken: expected }) => {
    const mailbox = new Mailbox();
    for (const message of messages) expect(mailbox.postMessage(message)).toBe(true);
    expect(mailbox.size).toBe(expected.length);
    expect(taken(mailbox)).toEqual(expected);
  });

  it('refuses messages beyond its bound, but takes a newer pulse for an older one', () => {
    const mailbox = new Mailbox({ messagesMax: 2 });
    expect(mailbox.postMessage(said('w1', pulse(1)))).toBe(true);
    expect(mailbox.postMessage(said('w2', report))).toBe(true);
    expect(mailbox.postMessage(said('w2', report))).toBe(false);
    expect(mailbox.postMessage(said('w1', pulse(2)))).toBe(true);
    expect(taken(mailbox)).toEqual(['w2 report', 'w1 pulse 2']);
  });

  it('wakes whoever waits for it', async () => {
    const mailbox = new Mailbox();
    const woken: string[] = [];
    const filled = mailbox.filled().then(() => woken.push('filled'));
    mailbox.postRequest(request(1));
    await filled;
    await mailbox.filled();
    taken(mailbox);
    const nudged = mailbox.filled().then(() => woken.push('nudged'));
    mailbox.nudge();
    await nudged;
    expect(woken).toEqual(['filled', 'nudged']);
  });

  it('keeps, when cleared, only the requests it is told to', () => {
    const mailbox = new Mailbox({ requestsMax: 2 });
    mailbox.postMessage(said('w1', pulse(1)));
    mailbox.postRequest(request(1));
    mailbox.postRequest(request(2));
    mailbox.post({ type: 'time.passed', at: UNTIMED });
    mailbox.clear((number) => number === 2);
    mailbox.postRequest(request(3));
    expect(mailbox.isFull).toBe(true);
    expect(taken(mailbox)).toEqual(['request 2', 'request 3']);
  });

  it('stays small when it never runs empty', () => {
    const mailbox = new Mailbox();
    mailbox.postRequest(request(0));
    for (let number = 1; number <= 25_000; number++) {
      mailbox.postRequest(request(number));
      expect(mailbox.take(AT, 1).map(short)).toEqual([`request ${number - 1}`]);
    }
    expect(mailbox.size).toBe(1);
  });
});
