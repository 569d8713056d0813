/** How elements say that something could not be loaded: what, why, and a button to try again. */
import type { TemplateResult } from 'lit';
import { html, nothing } from 'lit';
import { formatTime } from './format.js';
import type { LoadState } from './loader.js';
import { codeOf } from './source.js';
import { translate } from './translate.js';

/** A strip above what is shown, or nothing when the last load went well. Errors never replace data. */
export function problemStrip(loader: LoadState): TemplateResult | typeof nothing {
  const { error } = loader;
  if (error === undefined) return nothing;
  const isUnreachable = codeOf(error) === 'UNREACHABLE';
  const text = isUnreachable
    ? translate('error.unreachable')
    : error instanceof Error
      ? error.message
      : codeOf(error);
  return html`<div class="strip" role="alert" part="error">
    <strong>
      ${
        loader.value === undefined
          ? translate('error.title')
          : translate('error.stale', { time: formatTime(loader.loadedAt) })
      }
    </strong>
    <span>${text}</span>
    ${requestIdOf(error)}
    <button type="button" @click=${() => loader.reload()}>${translate('error.retry')}</button>
  </div>`;
}

function requestIdOf(error: unknown): TemplateResult | typeof nothing {
  if (typeof error !== 'object' || error === null || !('requestId' in error)) return nothing;
  const id = error.requestId;
  return typeof id === 'string'
    ? html`<span class="quiet mono">${translate('error.request', { id })}</span>`
    : nothing;
}

/** Grey lines in the size of what will be there. */
export function skeleton(rows: number): TemplateResult {
  return html`<div class="late" aria-busy="true" role="status">
    <span class="hidden">${translate('list.loading')}</span>
    ${Array.from(
      { length: rows },
      (_, row) => html`<div class="empty"><div class="skeleton" part="skeleton-${row}"></div></div>`,
    )}
  </div>`;
}
