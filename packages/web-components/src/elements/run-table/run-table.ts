/** Runs, newest slot first, with filters by job and phase. */
import type { HeraEvent, Phase, Run } from '@hera/api';
import { PHASES } from '@hera/api';
import { css, html, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { HeraElement, Ticker } from '../../base.js';
import { Loader } from '../../loader.js';
import { announceNavigation, jobHref } from '../../navigate.js';
import { problemStrip, skeleton } from '../../problem.js';
import { elapsedOf, phaseBadge, reasonText, runLink, timeCell, walkRows } from '../../rows.js';
import type { Source } from '../../source.js';
import { base, controls, panels, tables } from '../../styles.js';
import { translate, translateCode } from '../../translate.js';

const PAGE_SIZE = 100;
const FILTER_PHASES = PHASES.filter((phase) => phase !== 'none');
const STILL: readonly Phase[] = ['none', 'succeeded', 'failed', 'canceled', 'skipped'];

/**
 * A table of runs. With a `source` it loads, follows the events and offers filters; without one it shows
 * `data`. Arrow keys walk the rows.
 *
 * @fires {HeraNavigateEvent} hera-navigate - A run or job was chosen; cancelable.
 * @fires {HeraFilterEvent} hera-filter - The reader changed the filters, which are already in effect.
 * @csspart filters - The filters.
 * @csspart table - The table.
 * @csspart error - The strip that says what could not be loaded.
 */
export class HeraRunTable extends HeraElement {
  static override styles = [
    base,
    controls,
    panels,
    tables,
    css`
      :host {
        display: grid;
        gap: 12px;
      }
      form {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 6px;
      }
      form input {
        inline-size: 220px;
        margin-inline-end: 6px;
      }
      form button {
        padding: 0 9px;
      }
      footer {
        display: flex;
        align-items: center;
        gap: 12px;
        padding: 8px 12px;
        border-block-start: 1px solid var(--hera-line);
      }
    `,
  ];

  /** Where the runs come from. */
  @property({ attribute: false }) source: Source | undefined;

  /** The runs to show when there is no source. */
  @property({ attribute: false }) data: readonly Run[] | undefined;

  /** Only runs of this job. */
  @property() job = '';

  /** Only runs in these phases; none means all. */
  @property({ attribute: false }) phases: readonly Phase[] = [];

  /** Leaves out the filters and the columns that only help in long lists. */
  @property({ type: Boolean }) compact = false;

  @state() private limit = PAGE_SIZE;

  readonly #loader = new Loader<{ items: readonly Run[]; next: string | null }>(this, {
    source: () => this.source,
    question: () => JSON.stringify([this.job, this.phases]),
    load: (source, signal) => this.#load(source, signal),
    concerns: (event: HeraEvent) => 'run' in event && (this.job === '' || event.job === this.job),
  });

  constructor() {
    super();
    new Ticker(this, () => this.#runs.some(({ phase }) => !STILL.includes(phase)));
  }

  get #runs(): readonly Run[] {
    return this.data ?? this.#loader.value?.items ?? [];
  }

  override render() {
    const isAnswered = this.data !== undefined || this.#loader.value !== undefined;
    return html`
      ${this.compact ? nothing : this.#filters()} ${problemStrip(this.#loader)}
      ${
        isAnswered
          ? this.#runs.length === 0
            ? this.#empty()
            : this.#table()
          : this.#loader.isLoading
            ? html`<div class="panel">${skeleton(8)}</div>`
            : nothing
      }
    `;
  }

  #filters() {
    return html`<form part="filters" role="search" @submit=${(event: Event) => event.preventDefault()}>
      <input
        type="search"
        .value=${this.job}
        placeholder=${translate('list.filterJob')}
        aria-label=${translate('list.filterJob')}
        @change=${(event: Event) => this.#filter(valueOf(event), this.phases)}
      />
      ${FILTER_PHASES.map(
        (phase) =>
          html`<button
            type="button"
            aria-pressed=${this.phases.includes(phase)}
            @click=${() => this.#toggle(phase)}
          >
            <hera-status state=${phase}></hera-status>
          </button>`,
      )}
      ${
        this.#isFiltered
          ? html`<button type="button" class="plain" @click=${() => this.#filter('', [])}>
              ${translate('list.clear')}
            </button>`
          : nothing
      }
    </form>`;
  }

  #table() {
    const isLong = !this.compact;
    return html`<div class="panel">
      <div class="scroll" @keydown=${walkRows} @click=${announceNavigation}>
        <table part="table">
          <thead>
            <tr>
              <th scope="col">${translate('column.phase')}</th>
              <th scope="col">${translate('column.job')}</th>
              <th scope="col">${translate('column.businessDate')}</th>
              ${isLong ? html`<th scope="col">${translate('column.due')}</th>` : nothing}
              <th scope="col">${translate('column.ended')}</th>
              <th scope="col" class="number">${translate('column.elapsed')}</th>
              ${isLong ? html`<th scope="col" class="number">${translate('column.attempts')}</th>` : nothing}
              <th scope="col">${translate('column.reason')}</th>
            </tr>
          </thead>
          <tbody>
            ${repeat(
              this.#runs,
              (run) => run.id,
              (run) => this.#row(run),
            )}
          </tbody>
        </table>
      </div>
      ${isLong && this.data === undefined ? this.#footer() : nothing}
    </div>`;
  }

  #row(run: Run) {
    const isLong = !this.compact;
    return html`<tr>
      <td>${phaseBadge(run)}</td>
      <th scope="row">${runLink(run.id, run.job)}</th>
      <td>${run.slot.businessDate}</td>
      ${isLong ? html`<td>${timeCell(run.slot.instant)}</td>` : nothing}
      <td>${timeCell(run.endedAt)}</td>
      <td class="number">${elapsedOf(run)}</td>
      ${isLong ? html`<td class="number">${run.attempts}</td>` : nothing}
      <td class="wide quiet">${reasonText(run)}</td>
    </tr>`;
  }

  #footer() {
    const next = this.#loader.value?.next ?? null;
    return html`<footer>
      <span class="quiet">${translate('list.count', { count: this.#runs.length })}</span>
      ${
        next === null
          ? nothing
          : html`<button type="button" @click=${this.#more}>${translate('list.more')}</button>`
      }
    </footer>`;
  }

  #empty() {
    if (this.#isFiltered) {
      const names = this.phases.map((phase) => translateCode('phase', phase)).join(', ');
      return html`<div class="panel blank" role="status">
        <h2>${translate('list.none')}</h2>
        <p>${[this.job, names].filter((text) => text !== '').join(' · ')}</p>
        <button type="button" @click=${() => this.#filter('', [])}>${translate('list.clear')}</button>
      </div>`;
    }
    return html`<div class="panel blank" role="status">
      <h2>${translate('runs.empty.title')}</h2>
      <p>${translate('runs.empty.text')}</p>
      ${this.job === '' ? nothing : html`<a href=${jobHref('')}>${translate('list.clear')}</a>`}
    </div>`;
  }

  get #isFiltered() {
    return this.job !== '' || this.phases.length > 0;
  }

  #toggle(phase: Phase) {
    const isOn = this.phases.includes(phase);
    this.#filter(this.job, isOn ? this.phases.filter((other) => other !== phase) : [...this.phases, phase]);
  }

  #filter(job: string, phases: readonly Phase[]) {
    this.job = job;
    this.phases = phases;
    this.limit = PAGE_SIZE;
    this.dispatchEvent(new HeraFilterEvent(job, phases));
  }

  #more() {
    this.limit += PAGE_SIZE;
    this.#loader.reload();
  }

  /** Reads from the first page on, so that what was shown is also fresh. */
  async #load(source: Source, signal: AbortSignal) {
    const query = {
      ...(this.job !== '' && { job: this.job }),
      ...(this.phases.length > 0 && { phases: this.phases }),
    };
    return source.runs(query, { limit: Math.min(this.limit, 1000) }, signal);
  }
}

const valueOf = (event: Event) => (event.target as HTMLInputElement).value.trim();

/** The filters of a table of runs have changed. Bubbles through shadow roots. */
export class HeraFilterEvent extends Event {
  static readonly type = 'hera-filter';
  readonly job: string;
  readonly phases: readonly Phase[];

  constructor(job: string, phases: readonly Phase[]) {
    super(HeraFilterEvent.type, { bubbles: true, composed: true });
    this.job = job;
    this.phases = phases;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'hera-run-table': HeraRunTable;
  }
  interface GlobalEventHandlersEventMap {
    'hera-filter': HeraFilterEvent;
  }
}
