/** Pieces of rows that several tables show: times, links, reasons, and walking rows by arrow keys. */
import type { Run } from '@hera/api';
import type { TemplateResult } from 'lit';
import { html, nothing } from 'lit';
import { formatDuration, formatTime, formatTimeLong } from './format.js';
import { runHref } from './navigate.js';
import { translate, translateCode } from './translate.js';

/** A time in the short form, whole in its tooltip; a dash when there is none. */
export const timeCell = (at: number | null): TemplateResult =>
  at === null
    ? html`<span class="quiet">–</span>`
    : html`<time datetime=${new Date(at).toISOString()} title=${formatTimeLong(at)}>${formatTime(at)}</time>`;

/** From its creation to its end, or until now; a dash for one that was skipped or only ran on the side. */
export const elapsedOf = (run: Pick<Run, 'phase' | 'createdAt' | 'endedAt'>, now = Date.now()) =>
  run.phase === 'skipped' || run.phase === 'none'
    ? '–'
    : formatDuration((run.endedAt ?? now) - run.createdAt);

/** The phase of a run as a badge. A run that only ran on the side has none, and is not called "not run". */
export const phaseBadge = ({ phase, attempts }: Pick<Run, 'phase' | 'attempts'>) =>
  html`<hera-status
    state=${phase}
    label=${phase === 'none' && attempts > 0 ? translate('track.side') : ''}
  ></hera-status>`;

/** A link to a run with the text given. */
export const runLink = (run: string, text: string) => html`<a href=${runHref(run)}>${text}</a>`;

/** Why a run ended or waits, in words. That a success came from its exit code goes without saying. */
export const reasonText = ({ phase, reason }: { readonly phase: string; readonly reason: string | null }) =>
  reason === null || (phase === 'succeeded' && reason === 'exit') ? nothing : translateCode('reason', reason);

/** The slot of a run as the time it is for, or the key of an ad hoc one. */
export function slotText(run: string): string {
  const slot = run.slice(run.indexOf('@') + 1);
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)/.exec(slot);
  if (!match) return slot.replace(/^a:/, '');
  const [, year, month, day, hour, minute, second] = match;
  return formatTime(Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`));
}

/** Moves the focus to the first link of the row above or below; Home and End go to the ends. */
export function walkRows(event: KeyboardEvent): void {
  const target = event.target instanceof Element ? event.target : null;
  const row = target?.closest('tr');
  const body = row?.closest('tbody');
  if (!row || !body || target?.matches('input, select')) return;
  const rows = [...body.rows];
  const at = rows.indexOf(row);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
  const link = next === undefined ? null : rows[next]?.querySelector<HTMLElement>('a, button');
  if (!link) return;
  event.preventDefault();
  link.focus();
}
