/** `hera cron`: the next times of an expression, and the expression in words. */
import { cron } from '@hera/core/cron';
import type { CommandFunction } from '../../terminal/command.js';
import { localText, parseTimeFlag } from '../../terminal/times.js';

interface CronFlags {
  readonly zone: string;
  readonly dialect?: 'unix' | 'quartz';
  readonly dst?: 'standard' | 'quartz';
}

const optionsOf = ({ zone, dialect, dst }: CronFlags) => ({
  zone,
  ...(dialect !== undefined && { dialect }),
  ...(dst !== undefined && { dst }),
});

export const cronNext: CommandFunction<
  CronFlags & { readonly count: number; readonly after?: string }
> = async ({ terminal }, { args: [expression = ''], options }) => {
  const schedule = cron(expression, optionsOf(options));
  const after = parseTimeFlag(options.after ?? 'now', options.zone, Date.now());
  const times = schedule.next(after, options.count).map((at) => ({
    at: at.toISOString(),
    local: localText(at.getTime(), options.zone),
    zone: options.zone,
  }));
  if (times.length === 0) terminal.note(terminal.texts.never(expression));
  terminal.list(times, [
    { title: options.zone, cell: ({ local }) => local },
    { title: 'UTC', cell: ({ at }) => at.replace('.000Z', 'Z') },
  ]);
};

export const cronExplain: CommandFunction<CronFlags> = async (
  { terminal },
  { args: [expression = ''], options },
) => {
  const text = cron(expression, optionsOf(options)).describe(terminal.language);
  terminal.show({ expression, zone: options.zone, text }, () => text);
};
