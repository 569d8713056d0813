import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSchedulerError } from '../model/errors.js';
import {
  decodeSchedulerFrame,
  decodeSchedulerMessage,
  decodeWorkerFrame,
  decodeWorkerMessage,
  encodeFrame,
} from './codec.js';
import { PROTOCOL_VERSION } from './messages.js';
import type { AttemptWork, SchedulerMessage, WorkerMessage } from './messages.js';

const WORK: AttemptWork = {
  attempt: 'orders@20261123T020000Z/2',
  job: 'orders',
  run: 'orders@20261123T020000Z',
  generation: 1,
  number: 2,
  kind: 'shell',
  script: 'echo <<secret:db>>',
  secrets: { '<<secret:db>>': 'hush' },
  env: { HERA_PARAM_REGION: 'cn' },
  files: { 'sync.py': 'hdfs:///etl/sync.py' },
  pre: ['true'],
  post: [],
  timeoutMs: 43_200_000,
  graceMs: 10_000,
  onWorkerLost: 'fence',
  echo: false,
  encoding: 'utf-8',
  slot: {
    key: 't:20261123T020000Z',
    instant: 1,
    start: -1,
    end: 1,
    businessDate: '2026-11-22',
    day: '2026-11-23',
    zone: 'UTC',
  },
  params: { region: 'cn' },
  config: { db: 'dw' },
  upstream: { raw: { value: '{"rows":42}', values: [null, '{"rows":42}'] } },
};

const WORKER_MESSAGES: readonly WorkerMessage[] = [
  {
    type: 'hello',
    v: PROTOCOL_VERSION,
    session: 3,
    epoch: 2,
    profile: {
      worker: 'w1',
      boot: 'b',
      slots: 4,
      pools: ['default'],
      labels: { disk: 'ssd' },
      kinds: ['shell'],
      functions: [],
      enrolled: true,
      pid: 77,
      version: '0.1.0',
    },
  },
  {
    type: 'pulse',
    epoch: 2,
    session: 3,
    seq: 9,
    draining: false,
    load: { memoryShare: 0.5, loadPerCore: 0.25, memoryFreeBytes: 1e9 },
    journal: [
      { attempt: 'a@a:k/1', state: 'accepted' },
      { attempt: 'b@a:k/1', state: 'running', startedAt: 5 },
      {
        attempt: 'c@a:k/1',
        state: 'ended',
        startedAt: null,
        endedAt: 6,
        outcome: {
          state: 'failed',
          exitCode: null,
          signal: 'SIGKILL',
          failure: 'host',
          message: 'no space left',
          killComplete: false,
        },
      },
    ],
  },
  { type: 'report', epoch: 2, session: 3, entries: [{ attempt: 'a@a:k/1', state: 'accepted' }] },
  { type: 'bye', session: 3 },
];

const SCHEDULER_MESSAGES: readonly SchedulerMessage[] = [
  { type: 'welcome', v: PROTOCOL_VERSION, epoch: 2, leader: 'hera/1', leaseMs: 600_000 },
  { type: 'exec', epoch: 2, session: 3, work: [WORK] },
  { type: 'kill', epoch: 2, attempts: ['a@a:k/1'] },
  { type: 'fin', epoch: 2, attempts: [] },
  { type: 'ack', epoch: 2, session: 3, seq: 9 },
];

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('a message', () => {
  it.each(WORKER_MESSAGES)('of a worker comes back as it was: $type', (message) => {
    expect(decodeWorkerMessage(plain(message))).toEqual(message);
  });

  it.each(SCHEDULER_MESSAGES)('of a scheduler comes back as it was: $type', (message) => {
    expect(decodeSchedulerMessage(plain(message))).toEqual(message);
  });

  it('travels with others in one frame', () => {
    expect(decodeWorkerFrame(encodeFrame(WORKER_MESSAGES))).toEqual(WORKER_MESSAGES);
    expect(decodeSchedulerFrame(encodeFrame(SCHEDULER_MESSAGES))).toEqual(SCHEDULER_MESSAGES);
  });

  it('loses fields that this version does not know', () => {
    expect(decodeWorkerMessage({ type: 'bye', session: 3, mood: 'glad' })).toEqual({
      type: 'bye',
      session: 3,
    });
  });
});

describe('what is no message', () => {
  it.each([
    { name: 'a number', value: 7, details: { path: '', expected: 'an object' } },
    {
      name: 'an unknown type',
      value: { type: 'hi' },
      details: { path: 'type', expected: 'one of hello, probed, pulse, report, bye' },
    },
    {
      name: 'a type that every object has',
      value: { type: 'toString' },
      details: { path: 'type', expected: 'one of hello, probed, pulse, report, bye' },
    },
    {
      name: 'a missing field',
      value: { type: 'bye' },
      details: { path: 'session', expected: 'a whole number of at least 0' },
    },
    {
      name: 'a wrong field deep inside',
      value: {
        type: 'report',
        epoch: 1,
        session: 1,
        entries: [{ attempt: 'a', state: 'running', startedAt: '5' }],
      },
      details: { path: 'entries[0].startedAt', expected: 'a whole number' },
    },
  ])('is refused, with its place: $name', ({ value, details }) => {
    expect(() => decodeWorkerMessage(value)).toThrow(
      expect.objectContaining({ code: 'MESSAGE_INVALID', details }),
    );
  });

  it.each([0, PROTOCOL_VERSION + 1])('is refused by its version: %s', (v) => {
    const details = { version: v, supported: PROTOCOL_VERSION };
    const error = expect.objectContaining({ code: 'PROTOCOL_UNSUPPORTED', details }) as Error;
    expect(() => decodeWorkerMessage({ type: 'hello', v, profile: 'of the future' })).toThrow(error);
    expect(() => decodeSchedulerMessage({ type: 'welcome', v })).toThrow(error);
  });

  it('is refused with no other error, whatever it is', () => {
    const decoders = [decodeWorkerMessage, decodeSchedulerMessage];
    const spoiled = fc
      .tuple(fc.constantFrom<unknown>(...WORKER_MESSAGES, ...SCHEDULER_MESSAGES), fc.string(), fc.jsonValue())
      .map(([message, key, value]) => spoil(message, key, value));
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), spoiled), fc.constantFrom(...decoders), (value, decode) => {
        try {
          const message = decode(value);
          expect(decode(plain(message))).toEqual(message);
        } catch (error) {
          expect(
            isSchedulerError(error, 'MESSAGE_INVALID') || isSchedulerError(error, 'PROTOCOL_UNSUPPORTED'),
          ).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('is refused as a frame that is no JSON', () => {
    expect(() => decodeWorkerFrame('[')).toThrow(expect.objectContaining({ code: 'MESSAGE_INVALID' }));
    expect(() => decodeSchedulerFrame('{}')).toThrow(expect.objectContaining({ code: 'MESSAGE_INVALID' }));
  });
});

/** The message with one of its fields, chosen by `key`, replaced by `value`. */
function spoil(message: unknown, key: string, value: unknown): unknown {
  const fields = Object.entries(message as object);
  const place = key.length % fields.length;
  return Object.fromEntries(
    fields.map(([name, field], index) => [name, index === place ? value : (field as unknown)]),
  );
}
