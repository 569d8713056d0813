/** Commands for the gates of runs: a person's approval, and events. */
import { parseDuration, parseTime } from '@hera/core';
import type { Duration } from '@hera/core';
import type { CommandFunction } from '../../terminal/command.js';
import { CliError, EXIT } from '../../terminal/exit.js';
import { connect } from '../../terminal/remote.js';

interface ApproveFlags {
  readonly gate?: string;
  readonly reason?: string;
}

export const approve: CommandFunction<ApproveFlags> = async (context, { args: [run = ''], options }) => {
  const client = await connect(context);
  const body = {
    ...(options.gate !== undefined && { gate: options.gate }),
    ...(options.reason !== undefined && { reason: options.reason }),
  };
  const { gates } = await client.approveRun({ params: { run }, body });
  const { terminal } = context;
  if (terminal.isForPrograms) terminal.list(gates, [{ title: 'gate', cell: (gate) => gate }]);
  else terminal.line(terminal.texts.approved(run, gates.join(', ')));
};

interface EventFlags {
  readonly for?: string;
  readonly date?: string;
  readonly payload?: string;
  readonly keep?: string;
}

export const postEvent: CommandFunction<EventFlags> = async (context, { args: [name = ''], options }) => {
  const client = await connect(context);
  const { for: slot, date, payload, keep } = options;
  const { runs } = await client.postEvent({
    body: {
      name,
      ...(slot !== undefined && { slot: parseTime(slot) }),
      ...(date !== undefined && { businessDate: date }),
      ...(payload !== undefined && { payload: jsonOf(payload) }),
      ...(keep !== undefined && { keepMs: parseDuration(keep as Duration) }),
    },
  });
  const { terminal } = context;
  if (terminal.isForPrograms) terminal.list(runs, [{ title: 'run', cell: (run) => run }]);
  else {
    terminal.line(terminal.texts.posted(name, runs.length));
    for (const run of runs) terminal.line(`  ${run}`);
  }
};

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new CliError(EXIT.usage, `--payload: "${text}" is not JSON`);
  }
}
