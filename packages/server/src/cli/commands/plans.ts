/** Commands for plans: rerun, rerun-chain and backfill make one and show it; `plan` lists and moves them. */
import type { Client, Plan, PlanOrder } from '@hera/api';
import { formatDuration } from '@hera/core';
import type { CommandContext, CommandFunction } from '../../terminal/command.js';
import { CliError, EXIT } from '../../terminal/exit.js';
import { connect } from '../../terminal/remote.js';

/** Flags of the commands that make a plan. */
export interface PlanFlags {
  readonly from?: string;
  readonly to?: string;
  readonly for?: string;
  readonly exclude?: readonly string[];
  readonly only?: 'missing' | 'failed' | 'all';
  readonly parallel?: number;
  readonly max?: number;
  readonly hours?: string;
  readonly zone?: string;
  readonly stop?: true;
  readonly downstream?: true;
  readonly param: Readonly<Record<string, string>>;
  readonly reason?: string;
  readonly start?: true;
}

/** Runs that are shown of a plan, from its beginning. */
const SHOWN = 10;

const maker =
  (type: PlanOrder['type']): CommandFunction<PlanFlags> =>
  async (context, { args, options }) => {
    const client = await connect(context);
    const plan = await client.createPlan({ body: orderOf(type, args.join(' '), options) });
    await show(context, client, plan);
    const { terminal } = context;
    if (plan.state === 'draft' && !terminal.isForPrograms)
      terminal.line(terminal.texts.planStartHint(plan.id));
  };

export const rerun = maker('rerun');
export const rerunChain = maker('rerunChain');
export const backfill = maker('backfill');

function orderOf(type: PlanOrder['type'], select: string, flags: PlanFlags): PlanOrder {
  const { from = flags.for, to, exclude = [], only, parallel, max, reason } = flags;
  return {
    type,
    select,
    params: flags.param,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(exclude.length > 0 && { exclude }),
    ...(only !== undefined && { only }),
    ...(parallel !== undefined && { parallel }),
    ...(max !== undefined && { runningMax: max }),
    ...(flags.hours !== undefined && { hours: hoursOf(flags.hours, flags.zone) }),
    ...(flags.stop && { onFailure: 'stop' as const }),
    ...(flags.downstream && { downstream: true }),
    ...(reason !== undefined && { reason }),
    ...(flags.start && { start: true }),
  };
}

function hoursOf(text: string, zone: string | undefined): NonNullable<PlanOrder['hours']> {
  const [, from = '', to = ''] = /^(\d\d:\d\d)-(\d\d:\d\d)$/.exec(text) ?? [];
  if (from === '') throw new CliError(EXIT.usage, `--hours: "${text}" is not like 22:00-06:00`);
  return { from, to, ...(zone !== undefined && { zone }) };
}

/** The plan, with what it will do as long as it has not ended. */
async function show({ terminal }: CommandContext, client: Client, plan: Plan): Promise<void> {
  const hasEnded = plan.state === 'succeeded' || plan.state === 'canceled';
  if (terminal.isForPrograms) return terminal.list<Plan>([plan], columns(terminal.texts.planStates));
  const { texts } = terminal;
  terminal.line(texts.planState(plan.id, texts.planStates[plan.state]));
  if (plan.state !== 'draft') terminal.line(texts.planProgress(plan.succeeded, plan.failed, plan.total));
  if (hasEnded) return;
  const where = { params: { plan: plan.id } };
  const preview = await client.previewPlan({ ...where, query: { runs: SHOWN } });
  const { total, dates, excluded, estimate } = preview;
  terminal.line(texts.planMade(plan.id, total, excluded, dates.length));
  if (estimate.unknown < total) {
    const { spanMs, workMs, unknown } = estimate;
    terminal.line(texts.planEstimate(lengthText(spanMs), lengthText(workMs), unknown));
  }
  for (const run of preview.runs) terminal.line(`  ${run}`);
  if (total > preview.runs.length) terminal.line(`  ${texts.planMore(total - preview.runs.length)}`);
  if (plan.failed === 0) return;
  const { runs } = await client.listFailedMembers(where);
  for (const run of runs) terminal.line(texts.failedRun(run, texts.planStates.failed));
}

/** To the second, or the minute where it is long. */
function lengthText(ms: number): string {
  const unit = ms >= 3_600_000 ? 60_000 : 1_000;
  return formatDuration(Math.max(1, Math.round(ms / unit)) * unit);
}

const columns = (states: Readonly<Record<Plan['state'], string>>) => [
  { title: 'plan', cell: ({ id }: Plan) => String(id) },
  { title: 'type', cell: ({ type }: Plan) => type },
  { title: 'state', cell: ({ state }: Plan) => states[state] },
  { title: 'members', cell: ({ total }: Plan) => String(total) },
  { title: 'succeeded', cell: ({ succeeded }: Plan) => String(succeeded) },
  { title: 'failed', cell: ({ failed }: Plan) => String(failed) },
  { title: 'actor', cell: ({ actor }: Plan) => actor },
  { title: 'reason', cell: ({ reason }: Plan) => reason },
];

export const planList: CommandFunction<object> = async (context) => {
  const client = await connect(context);
  const { items } = await client.listPlans({ query: {} });
  context.terminal.list<Plan>(items, columns(context.terminal.texts.planStates));
};

export const planShow: CommandFunction<object> = async (context, { args: [id = ''] }) => {
  const client = await connect(context);
  await show(context, client, await client.getPlan({ params: { plan: numberOf(id) } }));
};

/** Starts, pauses, resumes or cancels one. */
export const planControl =
  (verb: 'start' | 'pause' | 'resume' | 'cancel'): CommandFunction<object> =>
  async (context, { args: [id = ''] }) => {
    const client = await connect(context);
    const { plan, state } = await client.controlPlan({ params: { plan: numberOf(id) }, body: { verb } });
    const { terminal } = context;
    terminal.line(terminal.texts.planState(plan, terminal.texts.planStates[state]));
  };

function numberOf(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new CliError(EXIT.usage, `"${text}" is not the number of a plan`, 'hera plan list');
}
