/** `hera simulate`: a day of the jobs in an instant, with the engine itself and nothing started. */
import type { Duration } from '@hera/core';
import { simulate } from '@hera/core/simulate';
import type { SimulatedRun } from '@hera/core/simulate';
import { loadValid } from '../../terminal/load-valid.js';
import type { CommandFunction } from '../../terminal/command.js';
import { durationText, localText, parseTimeFlag } from '../../terminal/times.js';

interface SimulateFlags {
  readonly from?: string;
  readonly until?: string;
  readonly past: string;
  readonly zone: string;
  readonly area?: string;
  readonly workers: number;
  readonly seed: number;
}

const DAY_MS = 86_400_000;

export const simulateDay: CommandFunction<SimulateFlags> = async (
  context,
  { args: [path = '.'], options },
) => {
  const { terminal } = context;
  const { zone, area, workers, seed, past } = options;
  const { definitions } = await loadValid([path]);
  const now = Date.now();
  const from = parseTimeFlag(options.from ?? localText(now, zone).slice(0, 10), zone, now);
  const until = options.until === undefined ? from + DAY_MS : parseTimeFlag(options.until, zone, now);
  const { runs } = await simulate(definitions, {
    from,
    until,
    past: past as Duration,
    zone,
    workers,
    seed,
    ...(area !== undefined && { area }),
  });
  const inOrder = [...runs].sort((a, b) => (a.start ?? Infinity) - (b.start ?? Infinity));
  const time = (at: number | null) => (at === null ? '' : localText(at, zone).slice(5, 16));
  terminal.list<SimulatedRun>(inOrder, [
    { title: 'job', cell: ({ job }) => job },
    { title: 'date', cell: ({ businessDate }) => businessDate },
    { title: 'slot', cell: ({ slot }) => time(slot.instant) },
    { title: 'start', cell: ({ start }) => time(start) },
    { title: 'end', cell: ({ end }) => time(end) },
    {
      title: 'took',
      cell: ({ start, end }) => (start === null || end === null ? '' : durationText(end - start)),
    },
    { title: 'phase', cell: ({ phase }) => terminal.texts.phases[phase] },
    {
      title: 'why',
      cell: ({ reason, blockers: [first] }) =>
        first === undefined ? (reason ?? '') : `${first.code} ${first.subject}`.trim(),
    },
  ]);
};
