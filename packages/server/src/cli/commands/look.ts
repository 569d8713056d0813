/** Commands that ask a server: why a run waits, and what an attempt printed. */
import type { Blocker, Client, Start } from '@hera/api';
import { blockerWords } from '../../terminal/blocker-words.js';
import type { CommandFunction } from '../../terminal/command.js';
import { CliError, EXIT } from '../../terminal/exit.js';
import { connect } from '../../terminal/remote.js';
import type { Terminal } from '../../terminal/terminal.js';
import { localText } from '../../terminal/times.js';

export const why: CommandFunction<object> = async (context, { args: [id = ''] }) => {
  const { terminal } = context;
  const client = await connect(context);
  const run = await runOf(client, id);
  if (run !== id) terminal.note(run);
  const { blockers } = await client.getWhy({ params: { run } });
  if (blockers.length === 0 && !terminal.isForPrograms) {
    terminal.line(terminal.texts.nothingBlocks);
    const { starts } = await client.getRun({ params: { run } });
    for (const start of starts) tellStart(terminal, start);
    return;
  }
  terminal.list<Blocker>(blockers, [
    { title: 'blocker', cell: ({ code }) => code },
    { title: 'text', cell: (each) => blockerWords(each, terminal.language).text },
    { title: 'until', cell: ({ until }) => (until === null ? '' : localText(until, localZone())) },
    { title: 'unblock', cell: (each) => blockerWords(each, terminal.language).cure },
  ]);
};

/** Why a generation of the past started when and where it did. */
function tellStart(terminal: Terminal, start: Start): void {
  const { texts } = terminal;
  const at = (time: number) => localText(time, localZone());
  terminal.line(texts.startedOn(start.g, at(start.claimedAt), start.worker));
  terminal.line(`  ${texts.began(at(start.createdAt))}`);
  if (start.lastUpstream)
    terminal.line(`  ${texts.afterRun(start.lastUpstream.run, at(start.lastUpstream.at))}`);
  for (const { gate, at: opened, by } of start.gates)
    terminal.line(`  ${texts.gateOpened(gate, at(opened), by)}`);
  if (start.queuedAt !== null) terminal.line(`  ${texts.ready(at(start.queuedAt))}`);
}

/** How long one request waits for more output. */
const FOLLOW_WAIT_MS = 20_000;

export const logs: CommandFunction<{ readonly follow?: true }> = async (
  context,
  { args: [id = ''], options },
) => {
  const client = await connect(context);
  const attempt = id.includes('/') ? id : await newestAttempt(client, await runOf(client, id));
  const decoder = new TextDecoder();
  let offset = 0;
  for (;;) {
    const waitMs = options.follow ? FOLLOW_WAIT_MS : 0;
    const piece = await client.readLog({ params: { attempt }, query: { offset, waitMs } });
    context.terminal.raw(decoder.decode(piece.bytes, { stream: true }));
    offset = piece.offset + piece.bytes.byteLength;
    const isAll = offset >= piece.size;
    if (isAll && (piece.complete || !options.follow)) return;
  }
};

/** The run itself, or the newest run of a job. */
async function runOf(client: Client, id: string): Promise<string> {
  if (id.includes('@')) return id;
  await client.getJob({ params: { job: id } });
  const { items } = await client.listRuns({ query: { job: id, limit: 1 } });
  const [newest] = items;
  if (newest === undefined) throw new CliError(EXIT.notFound, `${id} has no run yet`);
  return newest.id;
}

async function newestAttempt(client: Client, run: string): Promise<string> {
  const { attemptList } = await client.getRun({ params: { run } });
  const newest = attemptList.reduce<(typeof attemptList)[number] | undefined>(
    (best, attempt) => (best === undefined || attempt.n > best.n ? attempt : best),
    undefined,
  );
  if (newest === undefined) throw new CliError(EXIT.notFound, `${run} has no attempt yet`, `hera why ${run}`);
  return newest.id;
}

const localZone = () => new Intl.DateTimeFormat().resolvedOptions().timeZone;
