/**
 * The questions put to Quartz: random expressions of every operator, nights on which clocks change, day rules
 * in short months and leap years, and texts that are wrong in small ways. Seeded, so a run can be repeated.
 */
import { WEEKDAYS, oddExpression } from './odd-expressions.js';
import { Random } from './random.js';

export interface Question {
  readonly expression: string;
  readonly zone: string;
  /** Epoch seconds; answers come strictly after it. */
  readonly from: number;
  readonly count: number;
}

/** Makes the questions of a seed; always the same ones. */
export function makeQuestions(seed: number): Question[] {
  const random = new Random(seed);
  const questions: Question[] = [];
  const add = (count: number, make: () => Question) => {
    for (let n = 0; n < count; n++) questions.push(make());
  };
  add(4_200, () => anywhere(random, expression(random)));
  add(2_600, () => nearClockChange(random, nightExpression(random)));
  add(1_400, () => nearClockChange(random, expression(random)));
  add(2_000, () => anywhere(random, dayExpression(random)));
  add(2_200, () => anywhere(random, damaged(random, expression(random))));
  add(1_000, () => anywhere(random, oddExpression(random)));
  return questions;
}

/** Zones whose rules are old news to every version of the zone data in use. */
const ZONES = [
  'UTC',
  'Asia/Shanghai',
  'America/New_York',
  'America/Los_Angeles',
  'Europe/Berlin',
  'Europe/London',
  'Europe/Dublin',
  'Europe/Moscow',
  'Australia/Lord_Howe',
  'Australia/Sydney',
  'America/Santiago',
  'America/Sao_Paulo',
  'America/Havana',
  'America/St_Johns',
  'America/Caracas',
  'America/Nuuk',
  'Atlantic/Azores',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Asia/Tehran',
  'Asia/Beirut',
  'Asia/Amman',
  'Asia/Jerusalem',
  'Asia/Pyongyang',
  'Africa/Cairo',
  'Africa/Casablanca',
  'Antarctica/Troll',
  'Pacific/Apia',
  'Pacific/Auckland',
  'Pacific/Chatham',
];
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAY_SECONDS = 86_400;
const FROM_YEAR = 1985;
const TO_YEAR = 2036;

function anywhere(random: Random, text: string): Question {
  const from = random.between(Date.UTC(FROM_YEAR, 0) / 1000, Date.UTC(TO_YEAR, 0) / 1000);
  return { expression: text, zone: random.pick(ZONES), from, count: random.between(1, 4) };
}

function nearClockChange(random: Random, text: string): Question {
  for (;;) {
    const zone = random.pick(ZONES);
    const changes = clockChanges(zone);
    if (changes.length === 0) continue;
    const from = random.pick(changes) + random.between(-30 * 3600, 6 * 3600);
    const rounded = random.chance(0.5) ? from - (from % 900) : from;
    return { expression: text, zone, from: rounded, count: random.between(2, 6) };
  }
}

const changesByZone = new Map<string, readonly number[]>();

/** Epoch seconds, to the hour, of every clock change of a zone. */
function clockChanges(zone: string): readonly number[] {
  const known = changesByZone.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  const offset = (at: number) => format.format(at * 1000).split('GMT')[1];
  const changes: number[] = [];
  for (let at = Date.UTC(FROM_YEAR, 0) / 1000; at < Date.UTC(TO_YEAR, 0) / 1000; at += DAY_SECONDS) {
    if (offset(at) === offset(at + DAY_SECONDS)) continue;
    let hour = at;
    while (offset(hour) === offset(hour + 3600)) hour += 3600;
    changes.push(hour + 3600);
  }
  changesByZone.set(zone, changes);
  return changes;
}

/** A list, range, step or single value of a numeric field. */
function numeric(random: Random, min: number, max: number): string {
  const value = () => String(random.between(min, max));
  const item = () =>
    random.pick([
      value,
      value,
      value,
      () => `${value()}-${value()}`,
      () => `${value()}/${random.between(1, Math.ceil(max / 2))}`,
      () => `*/${random.between(1, Math.ceil(max / 2))}`,
      () => `${value()}-${value()}/${random.between(1, 9)}`,
      () => `/${random.between(1, 9)}`,
    ])();
  const shape = random.next();
  if (shape < 0.25) return '*';
  if (shape < 0.5) return value();
  if (shape < 0.8) return item();
  return Array.from({ length: random.between(2, 4) }, item).join(',');
}

function month(random: Random): string {
  if (random.chance(0.5)) return '*';
  if (random.chance(0.4)) return numeric(random, 1, 12);
  const name = () => random.pick(MONTHS);
  return random.pick([
    name,
    () => `${name()}-${name()}`,
    () => `${name()},${name()}`,
    () => name().toLowerCase(),
  ])();
}

function day(random: Random): string {
  const n = random.between(1, 31);
  return random.pick([
    () => numeric(random, 1, 31),
    () => numeric(random, 1, 31),
    () => 'L',
    () => 'LW',
    () => `${n}W`,
    () => `L-${random.between(0, 30)}`,
    () => `${random.pick([1, 2, 28, 29, 30, 31])}W`,
    () => `${random.between(28, 31)}`,
  ])();
}

function weekday(random: Random): string {
  const name = () => random.pick(WEEKDAYS);
  const n = random.between(1, 7);
  const k = random.between(1, 5);
  return random.pick([
    () => numeric(random, 1, 7),
    name,
    () => `${name()}-${name()}`,
    () => `${name()},${name()}`,
    () => `${n}L`,
    () => `${name()}L`,
    () => `${n}#${k}`,
    () => `${name()}#${k}`,
    () => 'L',
  ])();
}

function year(random: Random): string {
  const start = random.between(FROM_YEAR, TO_YEAR + 30);
  return random.pick([
    '',
    '',
    '',
    '',
    ' *',
    ` ${start}`,
    ` ${start}-${start + random.between(0, 20)}`,
    ` ${start}/${random.between(1, 9)}`,
    ` */${random.between(1, 9)}`,
    ` ${start},${start + random.between(1, 9)}`,
  ]);
}

const days = (random: Random) =>
  random.chance(0.5) ? `${day(random)} ${month(random)} ?` : `? ${month(random)} ${weekday(random)}`;

function expression(random: Random): string {
  const second = random.chance(0.7) ? '0' : numeric(random, 0, 59);
  return `${second} ${numeric(random, 0, 59)} ${numeric(random, 0, 23)} ${days(random)}${year(random)}`;
}

/** Times of the small hours, when clocks change. */
function nightExpression(random: Random): string {
  const minute = random.pick(['0', '30', '0/15', '0/30', '*/20', '15,45', '59', '*', '45', '1', '10-50/10']);
  const hour = random.pick([
    '0',
    '1',
    '2',
    '3',
    '23',
    '22',
    '0-4',
    '1,2',
    '2,3',
    '*',
    '0/2',
    '1/2',
    '22-3',
    '*/3',
    '4',
  ]);
  const when = random.pick([
    '* * ?',
    '* * ?',
    '* * ?',
    '? * *',
    '? * SUN',
    '? * SAT,SUN',
    'L * ?',
    '? 3,10 1L',
    '1 * ?',
  ]);
  return `${random.pick(['0', '0', '30', '*/20'])} ${minute} ${hour} ${when}`;
}

/** Days that depend on the month: its end, its weekdays, leap years. */
function dayExpression(random: Random): string {
  const first = random.pick(['0 0 0', '0 30 23', '0 0 12', '0 0 9,18', '0 0/20 8']);
  const special = random.chance(0.5) ? dayOfMonth(random) : dayOfWeek(random);
  return `${first} ${special}${year(random)}`;
}

function dayOfMonth(random: Random): string {
  const shapes = [
    'L',
    'LW',
    `L-${random.between(0, 30)}`,
    `${random.between(1, 31)}W`,
    '29',
    '30',
    '31',
    '29,30',
  ];
  return `${random.pick(shapes)} ${month(random)} ?`;
}

function dayOfWeek(random: Random): string {
  const when = month(random);
  const last = `${random.between(1, 7)}L`;
  const nth = `${random.between(1, 7)}#${random.between(1, 5)}`;
  return `? ${when} ${random.pick([last, nth, `${random.pick(WEEKDAYS)}#5`, 'L'])}`;
}

/** An expression with one small thing changed, mostly into something wrong. */
function damaged(random: Random, text: string): string {
  const at = random.between(0, text.length - 1);
  const noise = random.pick([
    ...'0123456789*?/-,#LW ',
    'MON',
    'JAN',
    'X',
    '60',
    '24',
    '32',
    '13',
    '8',
    '99',
    '-1',
    '/0',
    ',,',
  ]);
  return random.pick([
    () => text.slice(0, at) + noise + text.slice(at),
    () => text.slice(0, at) + text.slice(at + 1),
    () => text.slice(0, at) + noise + text.slice(at + 1),
    () => text.split(' ').slice(0, random.between(3, 5)).join(' '),
    () => text.replace('?', random.pick(['*', '1', '??', '?X', '?XX', '?,5', '*,?'])),
  ])();
}
