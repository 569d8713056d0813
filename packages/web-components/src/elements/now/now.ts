/** The first page: how the estate stands, what needs a person, what runs and what comes next. */
import type { FailedRun, HeraEvent, Now, Phase, Run, Upcoming } from '@hera/api';
import { PHASES } from '@hera/api';
import type { TemplateResult } from 'lit';
import { css, html, nothing } from 'lit';
import { property } from 'lit/decorators.js';
import { HeraElement, Ticker } from '../../base.js';
import { formatRelative, formatTime } from '../../format.js';
import { Loader } from '../../loader.js';
import { announceNavigation, jobHref, routeHref } from '../../navigate.js';
import { problemStrip, skeleton } from '../../problem.js';
import { elapsedOf, reasonText, runLink, timeCell, walkRows } from '../../rows.js';
import type { Source } from '../../source.js';
import { base, panels, tables } from '../../styles.js';
import { formatCount, translate } from '../../translate.js';

/** In the order of what needs a look; shown without runs too: a tile that comes and goes is noise. */
const TILES: readonly Phase[] = ['failed', 'backoff', 'running', 'queued', 'waiting', 'succeeded'];
/** Shown only when there are some. */
const RARE_TILES: readonly Phase[] = ['canceled', 'skipped'];

/** Rows of a list before its link to all of them, so that each list is seen without scrolling. */
const ROWS_SHOWN = 8;

/**
 * Counts by phase, what failed last, what runs and what comes next. With a `source` it loads and follows the
 * events; without one it shows `data`.
 *
 * @fires {HeraNavigateEvent} hera-navigate - A tile, run or job was chosen; cancelable.
 * @csspart tile - The count of one phase; a link to its runs.
 * @csspart error - The strip that says what could not be loaded.
 */
export class HeraNow extends HeraElement {
  static override styles = [
    base,
    panels,
    tables,
    css`
      :host {
        display: grid;
        gap: 16px;
        container-type: inline-size;
      }
      .tiles {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(124px, 1fr));
        gap: 8px;
      }
      .tiles a {
        display: grid;
        gap: 2px;
        padding: 10px 12px;
        border: 1px solid var(--hera-line);
        border-radius: var(--hera-radius-panel);
        background: var(--hera-surface);
        color: inherit;
      }
      .tiles a:hover {
        border-color: var(--hera-line-strong);
        text-decoration: none;
      }
      .tiles .figure {
        font-size: var(--hera-size-figure);
        line-height: 34px;
        font-weight: 600;
      }
      .tiles .zero .figure {
        color: var(--hera-text-quiet);
        font-weight: 400;
      }
      .tiles .alarm .figure {
        color: var(--hera-state-failed);
      }
      .since {
        margin-block-end: 8px;
        color: var(--hera-text-quiet);
      }
      .columns {
        display: grid;
        gap: 16px;
        align-items: start;
      }
      .columns > div {
        display: grid;
        gap: 16px;
        min-inline-size: 0;
      }
      @container (max-width: 479px) {
        .spare {
          display: none;
        }
      }
      @container (min-width: 880px) {
        .columns {
          grid-template-columns: minmax(0, 3fr) minmax(0, 2fr);
        }
      }
    `,
  ];

  /** Where the figures come from. */
  @property({ attribute: false }) source: Source | undefined;

  /** The figures to show when there is no source. */
  @property({ attribute: false }) data: Now | undefined;

  readonly #loader = new Loader<Now>(this, {
    source: () => this.source,
    question: () => '',
    load: (source, signal) => source.now(signal),
    concerns: (event: HeraEvent) => event.type === 'run.created' || event.type === 'generation.phase',
  });

  constructor() {
    super();
    new Ticker(this, () => this.#now !== undefined);
  }

  get #now(): Now | undefined {
    return this.data ?? this.#loader.value;
  }

  override render() {
    const now = this.#now;
    return html`
      ${problemStrip(this.#loader)}
      ${
        now
          ? isBlank(now)
            ? this.#blank()
            : this.#content(now)
          : this.#loader.isLoading
            ? html`<div class="panel">${skeleton(8)}</div>`
            : nothing
      }
    `;
  }

  #content(now: Now) {
    return html`
      <div>
        <p class="since">${translate('now.since', { time: formatTime(now.since) })}</p>
        <ul class="tiles" aria-label=${translate('now.counts')} @click=${announceNavigation}>
          ${PHASES.filter(
            (phase) => TILES.includes(phase) || (RARE_TILES.includes(phase) && (now.counts[phase] ?? 0) > 0),
          )
            .sort((a, b) => [...TILES, ...RARE_TILES].indexOf(a) - [...TILES, ...RARE_TILES].indexOf(b))
            .map((phase) => this.#tile(phase, now.counts[phase] ?? 0))}
        </ul>
      </div>
      <div class="columns" @click=${announceNavigation} @keydown=${walkRows}>
        <div>${this.#failures(now)} ${this.#running(now)}</div>
        <div>${this.#upcoming(now)}</div>
      </div>
    `;
  }

  #tile(phase: Phase, count: number) {
    return html`<li>
      <a
        part="tile"
        class=${count === 0 ? 'zero' : phase === 'failed' ? 'alarm' : ''}
        href=${routeHref({ page: 'runs', job: '', phases: [phase] })}
      >
        <span class="figure">${formatCount(count)}</span>
        <hera-status state=${phase}></hera-status>
      </a>
    </li>`;
  }

  #failures(now: Now) {
    const none = translate('now.failures.none', { time: formatTime(now.since) });
    const heads = ['column.job', 'column.businessDate', 'column.ended', 'column.reason'] as const;
    return this.#panel({
      title: translate('now.failures'),
      link: { page: 'runs', job: '', phases: ['failed'] },
      none,
      rows: now.failures.slice(0, ROWS_SHOWN).map((run) => this.#failure(run)),
      heads: heads.map(
        (key) =>
          html`<th scope="col" class=${key === 'column.businessDate' ? 'spare' : ''}>${translate(key)}</th>`,
      ),
    });
  }

  #failure(run: FailedRun) {
    return html`<tr>
      <th scope="row">
        <hera-status state=${run.phase} variant="dot"></hera-status> ${runLink(run.id, run.job)}
      </th>
      <td class="spare">${run.slot.businessDate}</td>
      <td>${timeCell(run.endedAt)}</td>
      <td class="wide quiet" title=${run.message ?? nothing}>${run.message ?? reasonText(run)}</td>
    </tr>`;
  }

  #running(now: Now) {
    return this.#panel({
      title: translate('now.running'),
      link: { page: 'runs', job: '', phases: ['running'] },
      none: translate('now.running.none'),
      rows: now.running.slice(0, ROWS_SHOWN).map((run) => this.#runningRow(run)),
      heads: [
        html`<th scope="col">${translate('column.job')}</th>`,
        html`<th scope="col" class="spare">${translate('column.businessDate')}</th>`,
        html`<th scope="col" class="number">${translate('column.attempts')}</th>`,
        html`<th scope="col" class="number wide">${translate('column.elapsed')}</th>`,
      ],
    });
  }

  #runningRow(run: Run) {
    return html`<tr>
      <th scope="row">
        <hera-status state=${run.phase} variant="dot"></hera-status> ${runLink(run.id, run.job)}
      </th>
      <td class="spare">${run.slot.businessDate}</td>
      <td class="number">${run.attempts}</td>
      <td class="number wide">${elapsedOf(run)}</td>
    </tr>`;
  }

  #upcoming(now: Now) {
    return this.#panel({
      title: translate('now.upcoming'),
      none: translate('now.upcoming.none'),
      rows: now.upcoming.slice(0, 2 * ROWS_SHOWN).map((upcoming) => this.#upcomingRow(upcoming)),
      heads: [
        html`<th scope="col">${translate('column.job')}</th>`,
        html`<th scope="col" colspan="2">${translate('column.due')}</th>`,
      ],
    });
  }

  #upcomingRow({ job, slot }: Upcoming) {
    return html`<tr>
      <th scope="row" class="wide"><a href=${jobHref(job)}>${job}</a></th>
      <td class="quiet number">${formatRelative(slot.instant, Date.now())}</td>
      <td>${timeCell(slot.instant)}</td>
    </tr>`;
  }

  #panel(panel: {
    readonly title: string;
    readonly none: string;
    readonly heads: readonly TemplateResult[];
    readonly rows: readonly TemplateResult[];
    readonly link?: Parameters<typeof routeHref>[0];
  }) {
    return html`<section class="panel" aria-label=${panel.title}>
      <header>
        <h2>${panel.title}</h2>
        ${
          panel.link && panel.rows.length > 0
            ? html`<a href=${routeHref(panel.link)} aria-label="${panel.title}: ${translate('now.all')}"
                >${translate('now.all')}</a
              >`
            : nothing
        }
      </header>
      ${
        panel.rows.length === 0
          ? html`<p class="empty">${panel.none}</p>`
          : html`<div class="scroll">
              <table>
                <thead>
                  <tr>
                    ${panel.heads}
                  </tr>
                </thead>
                <tbody>
                  ${panel.rows}
                </tbody>
              </table>
            </div>`
      }
    </section>`;
  }

  #blank() {
    return html`<div class="panel blank" role="status" @click=${announceNavigation}>
      <h2>${translate('now.empty.title')}</h2>
      <p>${translate('now.empty.text')}</p>
      <a href=${routeHref({ page: 'jobs' })}>${translate('now.empty.link')}</a>
    </div>`;
  }
}

const isBlank = (now: Now) =>
  PHASES.every((phase) => (now.counts[phase] ?? 0) === 0) && now.upcoming.length === 0;

declare global {
  interface HTMLElementTagNameMap {
    'hera-now': HeraNow;
  }
}
