/** Commitments over simulated nights: foreseen early, by whose fault, and without crying wolf. */
import { expect, test } from 'vitest';
import { parseTime } from '../../src/calendar/time.js';
import type { DomainEvent } from '../../src/model/events.js';
import { VirtualEngine } from '../../src/simulator/virtual-engine.js';
import { nightEstate } from '../../src/testing/nights.js';
import type { NightEstate } from '../../src/testing/nights.js';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const BEGIN = parseTime('2026-03-01T12:00:00Z');
/** Nights from which durations are learned before anything is promised. */
const LEARNED = 5;
const FIRST_SLOT = '0 4 * * *';

interface Told {
  readonly at: number;
  readonly event: DomainEvent;
}

interface Life {
  readonly told: readonly Told[];
  /** When the report was done, by night. */
  readonly ends: readonly number[];
}

/** Learns for some nights, then promises the report by a time and lives so many more. */
function live(
  estate: NightEstate,
  { due, nights }: { readonly due: string; readonly nights: number },
  extraMs: (job: string) => number = () => 0,
): Life {
  const told: Told[] = [];
  const ends: number[] = [];
  const learned = BEGIN + LEARNED * DAY_MS;
  const engine: VirtualEngine = new VirtualEngine({
    from: BEGIN,
    workers: [{ name: 'w1', slots: 40 }],
    foretells: true,
    fate: ({ job }) => {
      const durationMs = estate.durationMs(job) + (engine.now < learned ? 0 : extraMs(job));
      return { durationMs, outcome: { state: 'succeeded', exitCode: 0 } };
    },
    onStep: ({ at, effects }) => {
      for (const event of effects.events) {
        told.push({ at, event });
        const isEnd = event.type === 'generation.phase' && event.phase === 'succeeded';
        if (isEnd && event.job === 'report' && at > learned) ends.push(at);
      }
    },
  });
  const apply = (definitions: object) =>
    engine.request({ type: 'definitions.apply', definitions, source: 'test', prune: false });
  apply(estate.definitions);
  engine.run(learned);
  apply({ commitments: { ceo: { jobs: 'report', due, owner: 'li' } } });
  engine.run(learned + nights * DAY_MS);
  return { told, ends };
}

const alarms = ({ told }: Life, code: string) =>
  told.flatMap(({ at, event }) => (event.type === 'alarm' && event.code === code ? [{ at, ...event }] : []));
const dueOf = (night: number, minute: number) =>
  BEGIN + (LEARNED + night) * DAY_MS + 20 * HOUR_MS + minute * MINUTE_MS;

test('a job that takes 40 minutes longer is named at least half an hour before the promise breaks', () => {
  const estate = nightEstate({ seed: 1, schedule: FIRST_SLOT });
  const slow = estate.critical(5);
  const life = live(estate, { due: '08:00', nights: 1 }, (job) => (job === slow ? 40 * MINUTE_MS : 0));
  const [end = 0] = life.ends;
  expect(end).toBeGreaterThan(dueOf(0, 0));
  const [risk, ...more] = alarms(life, 'COMMITMENT_AT_RISK');
  expect(risk?.at).toBeLessThanOrEqual(dueOf(0, 0) - 30 * MINUTE_MS);
  expect(risk?.message).toContain(slow);
  expect(more).toEqual([]);
  expect(alarms(life, 'COMMITMENT_BREACHED')).toMatchObject([
    { at: dueOf(0, 0), subject: 'ceo', message: expect.stringContaining(slow) as string },
  ]);
  const states = life.told.flatMap(({ event }) => (event.type === 'commitment.state' ? [event] : []));
  expect(states.map(({ state, culprit }) => `${state} ${culprit}`)).toEqual([
    `atRisk ${slow}`,
    `breached ${slow}`,
    'met null',
  ]);
});

test('on 30 nights at most two alarms are false, and no breach comes unforeseen', () => {
  const life = live(nightEstate({ seed: 2, schedule: FIRST_SLOT }), { due: '08:30', nights: 30 });
  const kept = life.ends.map((end, night) => end <= dueOf(night, 30));
  const nightOf = (at: number) => Math.floor((at - BEGIN) / DAY_MS) - LEARNED;
  const risks = alarms(life, 'COMMITMENT_AT_RISK').map(({ at }) => nightOf(at));
  expect(life.ends.length).toBe(30);
  expect(risks.filter((night) => kept[night]).length).toBeLessThanOrEqual(2);
  kept.forEach((isKept, night) => {
    if (!isKept) expect(risks).toContain(night);
  });
}, 120_000);
