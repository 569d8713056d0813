/**
 * I25: a member of a plan runs at most once per plan. One that failed may be begun again, by a person who
 * resumes the plan or the run; one that was left out, and a run that is no member, never are. The counts of a
 * plan are those of its members.
 */
import type { RowKey, RowValue } from '../model/tables.js';
import { runKeyText } from './checkers-history.js';
import type { Checker, CheckContext } from './checkers-history.js';

const BY_PLAN: ReadonlySet<unknown> = new Set(['rerunChain', 'rerun', 'backfill']);
const MAY_FOLLOW: ReadonlySet<unknown> = new Set(['failed', 'canceled']);

export const planCheckers = (): Checker[] => [members()];

function members(): Checker {
  /** Phase of the newest generation that a plan made of a run, by plan and run. */
  const phases = new Map<string, RowValue>();
  let begun: { readonly key: RowKey; readonly value: RowValue }[] = [];
  return {
    onRow({ table, key, before, after }) {
      if (table !== 'generation' || !after || !BY_PLAN.has(after['trigger'])) return;
      if (before === null) begun.push({ key, value: after });
      else phases.set(nameOf(key, after), after);
    },
    onCommitted(_, context) {
      for (const { key, value } of begun) {
        checkBegun(context, { key, value, last: phases.get(nameOf(key, value)) });
        phases.set(nameOf(key, value), context.rows.get('generation', key) ?? value);
      }
      begun = [];
    },
    atEnd(context) {
      for (const { key, value } of context.rows.all('plan')) checkCounts(context, key[0], value);
    },
  };
}

const nameOf = (key: RowKey, value: RowValue) => `${value['plan']} ${runKeyText(key)}`;

function checkBegun(
  context: CheckContext,
  generation: { readonly key: RowKey; readonly value: RowValue; readonly last: RowValue | undefined },
): void {
  const { key, value, last } = generation;
  const name = `${runKeyText(key)}#${key[3]} of plan ${value['plan']}`;
  const [job = 0, slot = '', item = ''] = key;
  const member = context.rows.get('plan_member', [Number(value['plan']), job, slot, item]);
  if (!member || member['state'] === 'excluded') context.violate('I25', `${name} is of no member`);
  else if (Number(member['generation']) < Number(key[3]))
    context.violate('I25', `${name} is not the one its member points at`);
  if (last && !MAY_FOLLOW.has(last['phase']))
    context.violate('I25', `${name} was begun again after one that is ${last['phase']}`);
}

function checkCounts(context: CheckContext, id: RowKey[number] | undefined, plan: RowValue): void {
  const states = [...context.rows.all('plan_member')].filter(
    ({ key, value }) => key[0] === id && value['state'] !== 'excluded',
  );
  const count = (state: string) => states.filter(({ value }) => value['state'] === state).length;
  if (plan['total'] !== states.length) context.violate('I25', `plan ${id} has ${states.length} members`);
  if (plan['state'] === 'succeeded' && count('succeeded') !== states.length)
    context.violate('I25', `plan ${id} succeeded with ${count('succeeded')} of ${states.length} members`);
  if (plan['state'] !== 'canceled' && plan['failed'] !== count('failed'))
    context.violate('I25', `plan ${id} counts ${plan['failed']} failures of ${count('failed')}`);
}
