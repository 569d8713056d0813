/** Expressions that Quartz reads in its own way, or refuses for small reasons; blanks part the shapes. */
import type { Random } from './random.js';

export const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** One odd expression. */
export function oddExpression(random: Random): string {
  const name = random.pick(WEEKDAYS);
  const n = random.between(1, 31);
  const days = dayShapes(random, n);
  const weekdays = weekdayShapes(random, name);
  const time = random.pick(TIMES);
  const plain = random.chance(0.75) ? '0 0 12' : time;
  const tail = random.chance(0.15) ? ` ${random.pick(YEARS)}` : '';
  const shape = random.next();
  if (shape < 0.35) return `${plain} ${random.pick(days)} * ?${tail}`;
  if (shape < 0.75) return `${plain} ? * ${random.pick(weekdays)}${tail}`;
  if (shape < 0.85) return `${plain} 1 ${random.pick(MONTHS)} ?${tail}`;
  if (shape < 0.93) return `${time} * * ?${tail}`;
  if (shape < 0.97) return `0 0 12 1 1 ? ${random.pick(YEARS)}`;
  return random.pick(WHOLE);
}

function dayShapes(random: Random, n: number): string[] {
  const [a, b, c, d, e] = [31, 31, 40, 40, 9].map((max, at) => random.between(at === 3 ? 8 : 1, max));
  const f = random.between(20, 90);
  const shapes =
    `L-${n}W L-W L- L-${n}X ${n}W,${a} ${b},${n}W 1-${n}W ${n}WX ${n}-3 29-3 *${n} *-${n} /${c} ${n}/${d} ` +
    `${n}/1X ${n}/10X ${n}X ?,5 5,? *,? 0W ${n}-0 */+${e} 1-9/${f}`;
  return shapes.split(' ');
}

function weekdayShapes(random: Random, name: string): string[] {
  const other = random.pick(WEEKDAYS);
  const shapes =
    `${name}X ${name}/2 ${name}-FRI/2 ${name}- ${name}-X ${name}# ${name}#0 ${name}#6 ${name}#+2 ` +
    `${name}#02 6#2,3 3,6#2 ${name}#1,${other} 6L,2 LW L-3 2-4L 1-5#2 ${name}LX 1L#2 0#1 8#1 0L 8L 7-1 ` +
    '6-2 1-0 SAT-MON 3-3 L3 MO ?,2 2,? *,2 2/3 */7 */8 2#1#2';
  return shapes.split(' ');
}

const MONTHS =
  'JANX DEC-FEB DEC-FEB/2 JUN-JAN 11-2 11-2/2 JAN/2 0 13 1/13 1/12 L ? FOO JA 10-3/4 12-12'.split(' ');
const YEARS = [
  ...[
    '1969',
    '1960-2040/7',
    '2030-2020',
    '2150',
    '2199',
    '2200',
    '2030/2',
    '2100/5',
    '*/50',
    '0/7',
    'L',
    '?',
  ],
  ...['99999999999', '2030X', '2030-2040/0', '1/100'],
];
const TIMES = [
  ...['0 0 12', '0 0 0', '30 15 3', '0 0/120 1', '0 0/60 1', '0 */59 1', '60 0 0', '0 60 0', '0 0 24'],
  ...['0 0 0/24', '0 0 0/23', 'L 0 0', '0 L 0', '0 0 L', '? 0 0', '0 0 23-1', '50-10 0 0', '0 55-5/5 0'],
  ...['10-0 0 0', '*/-5 0 0', '*/0 0 0', '0/0 0 0', '5-10/0 0 0', '/ 0 0', '*/ 0 0', '*/X 0 0', '5-/2 0 0'],
  ...['5--3 0 0', '5-10/X 0 0', '5,,6 0 0', ',5 0 0', '5, 0 0', '0  0  0', '1W 0 0', '1#1 0 0'],
];
const WHOLE = [
  ...['0 0 12 * * ? * *', '0 0 12 * * ? 2030 X', '0\t0\t12\t*\t*\t?', ' 0 0 12 * * ? ', '0 0 12 * *', ''],
  ...['0 0 12 ? * mon-fri', '0 0 12 L jan ?'],
];
