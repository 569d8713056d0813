/** `hera incidents`, `hera ack`, `hera worker release`: what the one who is called does first. */
import type { Incident } from '@hera/api';
import { parseDuration } from '@hera/core';
import type { CommandFunction } from '../../terminal/command.js';
import { CliError, EXIT } from '../../terminal/exit.js';
import { connect } from '../../terminal/remote.js';
import { localText } from '../../terminal/times.js';

export const incidents: CommandFunction<{ readonly all?: true }> = async (context, { options }) => {
  const { terminal } = context;
  const client = await connect(context);
  const { items } = await client.listIncidents({ query: { limit: 100, all: options.all === true } });
  if (items.length === 0 && !terminal.isForPrograms) terminal.line(terminal.texts.noIncidents);
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  terminal.list<Incident>(items, [
    { title: 'id', cell: ({ id }) => String(id) },
    { title: 'opened', cell: ({ openedAt }) => localText(openedAt, zone) },
    { title: 'cause', cell: ({ cause }) => cause },
    { title: 'failure', cell: ({ failure, pattern }) => pattern ?? failure ?? '' },
    { title: 'failed', cell: ({ failed }) => String(failed) },
    { title: 'blocked', cell: ({ blocked }) => String(blocked) },
    { title: 'state', cell: (incident) => stateOf(incident, terminal.texts.incidentStates) },
    { title: 'assignee', cell: ({ assignee, acknowledgedBy }) => assignee ?? acknowledgedBy ?? '' },
    { title: 'message', cell: ({ message }) => message ?? '' },
  ]);
};

function stateOf({ closedAt, acknowledgedAt }: Incident, words: Record<'open' | 'seen' | 'closed', string>) {
  if (closedAt !== null) return words.closed;
  return acknowledgedAt === null ? words.open : words.seen;
}

interface AckFlags {
  readonly note?: string;
  readonly assign?: string;
  readonly snooze?: string;
}

export const acknowledge: CommandFunction<AckFlags> = async (context, { args: [text = ''], options }) => {
  const incident = Number(text);
  if (!Number.isInteger(incident) || incident < 1)
    throw new CliError(EXIT.usage, `"${text}" is no number of an incident`, 'hera incidents');
  const client = await connect(context);
  const params = { incident };
  const { note = '', assign, snooze } = options;
  await client.acknowledgeIncident({ params, body: { note } });
  if (assign !== undefined) await client.assignIncident({ params, body: { assignee: assign } });
  if (snooze !== undefined) {
    const until = Date.now() + parseDuration(snooze as Parameters<typeof parseDuration>[0]);
    await client.snoozeIncident({ params, body: { until } });
  }
  context.terminal.show({ incident }, () => context.terminal.texts.acknowledged(incident));
};

export const releaseWorker: CommandFunction<object> = async (context, { args: [worker = ''] }) => {
  const client = await connect(context);
  await client.releaseWorker({ params: { worker } });
  context.terminal.show({ worker }, () => context.terminal.texts.released(worker));
};
