/** Jobs with their schedule and the phase of their newest run; runs one now. */
import type { Graph, GraphNode, HeraEvent, Job, Page } from '@hera/api';
import { css, html, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { HeraElement } from '../../base.js';
import { graphAfter } from '../../graph-events.js';
import { Loader } from '../../loader.js';
import { announceNavigation, jobHref, runHref } from '../../navigate.js';
import { problemStrip, skeleton } from '../../problem.js';
import { walkRows } from '../../rows.js';
import { scheduleText } from '../../schedule-text.js';
import type { Source } from '../../source.js';
import { codeOf } from '../../source.js';
import { base, controls, panels, tables } from '../../styles.js';
import { languageTag, translate } from '../../translate.js';
import type { HeraConfirm } from '../confirm/confirm.js';

/** What the table shows when there is no source. */
export interface JobTableData {
  readonly jobs: readonly Job[];
  /** Tells the newest run of each job. */
  readonly graph: Graph;
}

type Column = 'name' | 'group' | 'kind';
const COLUMNS = { name: 'column.job', group: 'column.group', kind: 'column.kind' } as const;
/** Rows that are made at once; the rest comes on demand, so that ten thousand jobs open as fast as ten. */
const ROWS_SHOWN = 200;
const PAGE_SIZE = 1000;

/**
 * A table of jobs. With a `source` it loads, follows the events and can run a job; without one it shows
 * `data`. Typing filters by name, title and group; arrow keys walk the rows.
 *
 * @fires {HeraNavigateEvent} hera-navigate - A job or run was chosen; cancelable.
 * @csspart filters - The filter.
 * @csspart table - The table.
 * @csspart error - The strip that says what could not be loaded.
 */
export class HeraJobTable extends HeraElement {
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
        gap: 12px;
      }
      form input {
        inline-size: 280px;
      }
      th button {
        block-size: 24px;
        margin-inline: -6px;
        padding: 0 6px;
        border-color: transparent;
        background: none;
        font-weight: inherit;
      }
      td.commands {
        text-align: end;
        padding-inline-end: 8px;
      }
      td.commands button {
        block-size: 24px;
        padding: 0 8px;
        border-color: transparent;
        background: none;
        color: var(--hera-accent);
        font-weight: 500;
      }
      td.commands button:hover {
        border-color: var(--hera-line-strong);
        background: var(--hera-surface);
      }
      .title {
        margin-inline-start: 8px;
        color: var(--hera-text-quiet);
      }
      .off a {
        color: var(--hera-text-quiet);
      }
      .state {
        padding: 0 6px;
        border: 1px solid var(--hera-line-strong);
        border-radius: 3px;
        font-size: var(--hera-size-small);
      }
      footer {
        display: flex;
        gap: 12px;
        align-items: center;
        padding: 8px 12px;
        border-block-start: 1px solid var(--hera-line);
      }
      pre {
        padding: 8px 12px;
        border-radius: var(--hera-radius);
        background: var(--hera-raised);
        color: var(--hera-text);
        font: var(--hera-size-small) / 18px var(--hera-mono);
      }
    `,
  ];

  /** Where the jobs come from, and who runs them. */
  @property({ attribute: false }) source: Source | undefined;

  /** The jobs to show when there is no source. */
  @property({ attribute: false }) data: JobTableData | undefined;

  @state() private filter = '';
  @state() private sort: { readonly by: Column; readonly isDown: boolean } = { by: 'name', isDown: false };
  @state() private shown = ROWS_SHOWN;
  @state() private started: string | undefined;
  @state() private failure: string | undefined;
  @query('hera-confirm') private confirm!: HeraConfirm;

  readonly #loader = new Loader<JobTableData>(this, {
    source: () => this.source,
    question: () => '',
    load: loadJobs,
    concerns: (event: HeraEvent) => event.type === 'job.changed',
    apply: (data, event) => {
      const graph = graphAfter(data.graph, event);
      return graph === data.graph ? data : { ...data, graph };
    },
  });

  override render() {
    const data = this.data ?? this.#loader.value;
    return html`
      ${problemStrip(this.#loader)} ${this.#outcome()}
      ${
        data
          ? data.jobs.length === 0
            ? this.#empty()
            : this.#content(data)
          : this.#loader.isLoading
            ? html`<div class="panel">${skeleton(8)}</div>`
            : nothing
      }
      <hera-confirm></hera-confirm>
    `;
  }

  #content(data: JobTableData) {
    const jobs = this.#select(data.jobs);
    const more = jobs.length - this.shown;
    return html`
      <form part="filters" role="search" @submit=${(event: Event) => event.preventDefault()}>
        <input
          type="search"
          placeholder=${translate('list.filter')}
          aria-label=${translate('list.filter')}
          .value=${this.filter}
          @input=${(event: Event) => (this.filter = (event.target as HTMLInputElement).value)}
        />
        <span class="quiet" role="status">${translate('jobs.count', { count: jobs.length })}</span>
      </form>
      ${
        jobs.length === 0
          ? html`<div class="panel blank"><h2>${translate('list.none')}</h2></div>`
          : html`<div class="panel">
              ${this.#table(jobs.slice(0, this.shown), data.graph)}
              ${
                more > 0
                  ? html`<footer>
                      <button type="button" @click=${() => (this.shown += ROWS_SHOWN)}>
                        ${translate('list.more')}
                      </button>
                    </footer>`
                  : nothing
              }
            </div>`
      }
    `;
  }

  #table(jobs: readonly Job[], graph: Graph) {
    const newest = new Map(graph.nodes.map(({ v, value }) => [v, value]));
    return html`<div class="scroll" @keydown=${walkRows} @click=${announceNavigation}>
      <table part="table">
        <thead>
          <tr>
            ${this.#sortHead('name')} ${this.#sortHead('group')}
            <th scope="col">${translate('column.lastRun')}</th>
            <th scope="col">${translate('column.schedule')}</th>
            ${this.#sortHead('kind')}
            <th scope="col"><span class="hidden">${translate('column.commands')}</span></th>
          </tr>
        </thead>
        <tbody>
          ${repeat(
            jobs,
            (job) => job.name,
            (job) => this.#row(job, newest.get(job.name)),
          )}
        </tbody>
      </table>
    </div>`;
  }

  #sortHead(column: Column) {
    const isSorted = this.sort.by === column;
    const name = translate(COLUMNS[column]);
    return html`<th
      scope="col"
      aria-sort=${isSorted ? (this.sort.isDown ? 'descending' : 'ascending') : 'none'}
    >
      <button
        type="button"
        title=${translate('list.sortBy', { column: name })}
        @click=${() => (this.sort = { by: column, isDown: isSorted && !this.sort.isDown })}
      >
        ${name} <span aria-hidden="true">${isSorted ? (this.sort.isDown ? '↓' : '↑') : ''}</span>
      </button>
    </th>`;
  }

  #row(job: Job, newest: GraphNode | undefined) {
    const isOff = job.state !== 'enabled';
    const hasTitle = job.title !== '' && job.title !== job.name;
    return html`<tr class=${isOff ? 'off' : ''}>
      <th scope="row">
        <a href=${jobHref(job.name)}>${job.name}</a>
        ${hasTitle ? html`<span class="title">${job.title}</span>` : nothing}
      </th>
      <td class="quiet">${job.group}</td>
      <td>
        ${isOff ? html`<span class="state">${translate(`job.${job.state}`)}</span>` : this.#newest(newest)}
      </td>
      <td class="wide" title=${scheduleText(job)}>${scheduleText(job)}</td>
      <td class="quiet">${job.kind}</td>
      <td class="commands">
        ${
          this.source && !isOff
            ? html`<button
                type="button"
                aria-label=${translate('jobs.runNow.named', { job: job.name })}
                @click=${() => this.#runNow(job.name)}
              >
                ${translate('jobs.runNow')}
              </button>`
            : nothing
        }
      </td>
    </tr>`;
  }

  #newest(newest: GraphNode | undefined) {
    const badge = html`<hera-status state=${newest?.phase ?? 'none'}></hera-status>`;
    return typeof newest?.run !== 'string' ? badge : html`<a href=${runHref(newest.run)}>${badge}</a>`;
  }

  #empty() {
    return html`<div class="panel blank" role="status">
      <h2>${translate('jobs.empty.title')}</h2>
      <p>${translate('jobs.empty.text')}</p>
      <pre>npx --no hera apply shop.hera.yaml</pre>
    </div>`;
  }

  #outcome() {
    if (this.failure !== undefined) return html`<div class="strip" role="alert">${this.failure}</div>`;
    if (this.started === undefined) return nothing;
    return html`<div class="note" role="status" @click=${announceNavigation}>
      <a href=${runHref(this.started)}>${translate('jobs.started', { run: this.started })}</a>
    </div>`;
  }

  #select(jobs: readonly Job[]): readonly Job[] {
    const wanted = this.filter.trim().toLowerCase();
    const matches = wanted === '' ? [...jobs] : jobs.filter((job) => textOf(job).includes(wanted));
    const { by, isDown } = this.sort;
    const order = new Intl.Collator(languageTag(), { numeric: true });
    matches.sort((a, b) => order.compare(a[by], b[by]) || order.compare(a.name, b.name));
    return isDown ? matches.reverse() : matches;
  }

  async #runNow(job: string) {
    const isConfirmed = await this.confirm.ask({
      title: translate('jobs.runNow.ask', { job }),
      text: translate('jobs.runNow.text'),
      confirm: translate('jobs.runNow'),
    });
    if (!isConfirmed || !this.source) return;
    this.failure = undefined;
    this.started = undefined;
    try {
      this.started = (await this.source.runJob(job)).run;
    } catch (error) {
      this.failure = error instanceof Error ? error.message : codeOf(error);
    }
  }
}

const textOf = (job: Job) => `${job.name}\n${job.title}\n${job.group}`.toLowerCase();

async function loadJobs(source: Source, signal: AbortSignal): Promise<JobTableData> {
  const [jobs, graph] = await Promise.all([loadAllJobs(source, signal), source.graph(signal)]);
  return { jobs, graph };
}

async function loadAllJobs(source: Source, signal: AbortSignal): Promise<readonly Job[]> {
  const jobs: Job[] = [];
  let after: string | null = null;
  do {
    const page: Page<Job> = await source.jobs({ limit: PAGE_SIZE, ...(after !== null && { after }) }, signal);
    jobs.push(...page.items);
    after = page.next;
  } while (after !== null);
  return jobs;
}

declare global {
  interface HTMLElementTagNameMap {
    'hera-job-table': HeraJobTable;
  }
}
