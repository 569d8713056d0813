/** One run: how it stands and why, its attempts with their live log, its generations and bindings. */
import type { Attempt, Blocker, HeraEvent, RunDetail } from '@hera/api';
import { html, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { HeraElement, Ticker } from '../../base.js';
import { Loader } from '../../loader.js';
import { announceNavigation, jobHref } from '../../navigate.js';
import { problemStrip, skeleton } from '../../problem.js';
import type { Source } from '../../source.js';
import { codeOf } from '../../source.js';
import { base, controls, panels, tables } from '../../styles.js';
import { translate } from '../../translate.js';
import type { HeraConfirm } from '../confirm/confirm.js';
import { attemptFacts, bindingTable, factList, generationTable, whyList } from './run-sections.js';
import { runStyles } from './run-styles.js';

/** What the element shows when there is no source. */
export interface RunDetailData {
  readonly run: RunDetail;
  /** Empty when nothing keeps it, or when it has ended. */
  readonly blockers: readonly Blocker[];
}

const ENDED: readonly string[] = ['succeeded', 'failed', 'canceled', 'skipped'];
const WAITING: readonly string[] = ['waiting', 'queued', 'backoff'];

/**
 * Everything about a run. With a `source` it loads, follows the events, shows the log and can resume or
 * cancel; without one it shows `data`.
 *
 * @fires {HeraNavigateEvent} hera-navigate - A run or job was chosen; cancelable.
 * @csspart facts - When the run is for, and how long it took.
 * @csspart why - Why it is not running; there only while it waits.
 * @csspart attempt - Where and how the chosen attempt ran.
 * @csspart generations - The table of generations.
 * @csspart bindings - The table of what it waits for.
 * @csspart error - The strip that says what could not be loaded.
 */
export class HeraRunDetail extends HeraElement {
  static override styles = [base, controls, panels, tables, runStyles];

  /** Where the run comes from, and who resumes and cancels it. */
  @property({ attribute: false }) source: Source | undefined;

  /** Id of the run, `job@20261123T020000Z`. */
  @property() run = '';

  /** The run to show when there is no source. */
  @property({ attribute: false }) data: RunDetailData | undefined;

  /** Number of the attempt that is shown; none means the newest, also when a newer one comes. */
  @state() private chosen: number | undefined;
  @state() private outcome: string | undefined;
  @state() private failure: string | undefined;
  @state() private isBusy = false;
  @query('hera-confirm') private confirm!: HeraConfirm;

  readonly #loader = new Loader<RunDetailData>(this, {
    source: () => this.source,
    question: () => this.run,
    load: (source, signal) => this.#load(source, signal),
    concerns: (event: HeraEvent) =>
      ('run' in event && event.run === this.run) ||
      // What it waits for may have changed elsewhere.
      (event.type === 'generation.phase' && WAITING.includes(this.#data?.run.phase ?? '')),
  });

  constructor() {
    super();
    new Ticker(this, () => this.#data !== undefined && !ENDED.includes(phaseOf(this.#data.run)));
  }

  get #data(): RunDetailData | undefined {
    return this.data ?? this.#loader.value;
  }

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (!changed.has('run')) return;
    this.chosen = undefined;
    this.outcome = undefined;
    this.failure = undefined;
  }

  override render() {
    const data = this.#data;
    if (codeOf(this.#loader.error) === 'RUN_NOT_FOUND') {
      return html`<div class="panel blank" role="status">
        <h1>${translate('run.missing', { run: this.run })}</h1>
      </div>`;
    }
    return html`
      ${problemStrip(this.#loader)}
      ${data ? this.#content(data) : this.#loader.isLoading ? skeleton(8) : nothing}
      <hera-confirm></hera-confirm>
    `;
  }

  #content({ run, blockers }: RunDetailData) {
    const phase = phaseOf(run);
    return html`
      <div class="head" @click=${announceNavigation}>
        <h1><a href=${jobHref(run.job)} title=${translate('run.jobRuns')}>${run.job}</a></h1>
        <hera-status state=${phase} variant="chip"></hera-status>
        ${phase === run.phase ? nothing : html`<span class="quiet">${translate('track.side')}</span>`}
        <span class="id mono">${run.id}</span>
        ${this.#commands(run)}
      </div>
      ${this.failure === undefined ? nothing : html`<div class="strip" role="alert">${this.failure}</div>`}
      ${this.outcome === undefined ? nothing : html`<div class="note" role="status">${this.outcome}</div>`}
      ${factList(run)}
      ${
        WAITING.includes(run.phase)
          ? html`<div @click=${announceNavigation}>${whyList(blockers)}</div>`
          : nothing
      }
      ${this.#attempts(run)} ${run.generations.length > 0 ? generationTable(run.generations) : nothing}
      <div @click=${announceNavigation}>${bindingTable(run.bindings)}</div>
    `;
  }

  #commands(run: RunDetail) {
    if (!this.source) return nothing;
    const isEnded = ENDED.includes(phaseOf(run));
    return html`
      ${
        isEnded
          ? html`<button
              type="button"
              class=${phaseOf(run) === 'succeeded' ? '' : 'primary'}
              ?disabled=${this.isBusy}
              @click=${() => this.#resume(run)}
            >
              ${translate('run.resume')}
            </button>`
          : html`<button type="button" ?disabled=${this.isBusy} @click=${() => this.#cancel(run)}>
              ${translate('run.cancel')}
            </button>`
      }
    `;
  }

  #attempts(run: RunDetail) {
    const attempt = run.attemptList.find(({ n }) => n === this.chosen) ?? run.attemptList.at(-1);
    return html`<section class="attempts" aria-label=${translate('run.attempts')}>
      <header>
        <h2>${translate('run.attempts')}</h2>
        ${run.attemptList.length > 1 ? this.#tabs(run.attemptList, attempt) : nothing}
      </header>
      ${
        attempt
          ? html`<div id="attempt" role=${run.attemptList.length > 1 ? 'tabpanel' : nothing}>
              ${attemptFacts(attempt)}
            </div>`
          : html`<p class="quiet">${translate('run.attempts.none')}</p>`
      }
      ${
        attempt && this.source
          ? html`<hera-log-view .source=${this.source} attempt=${attempt.id}></hera-log-view>`
          : nothing
      }
    </section>`;
  }

  #tabs(attempts: readonly Attempt[], shown: Attempt | undefined) {
    return html`<div role="tablist" aria-label=${translate('run.attempts')} @keydown=${this.#walkTabs}>
      ${attempts.map(
        ({ n, state: attemptState }) =>
          html`<button
            type="button"
            role="tab"
            aria-selected=${n === shown?.n}
            aria-controls="attempt"
            tabindex=${n === shown?.n ? 0 : -1}
            @click=${() => (this.chosen = n)}
          >
            ${n} <hera-status of="attempt" state=${attemptState} variant="dot"></hera-status>
          </button>`,
      )}
    </div>`;
  }

  #walkTabs(event: KeyboardEvent): void {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const attempts = this.#data?.run.attemptList ?? [];
    if (step === undefined || attempts.length === 0) return;
    event.preventDefault();
    const at = attempts.findIndex(({ n }) => n === (this.chosen ?? attempts.at(-1)?.n));
    const next = (at + step + attempts.length) % attempts.length;
    this.chosen = attempts[next]?.n;
    this.renderRoot.querySelectorAll<HTMLElement>('[role=tab]')[next]?.focus();
  }

  async #load(source: Source, signal: AbortSignal): Promise<RunDetailData> {
    const run = await source.run(this.run, signal);
    const isWaiting = WAITING.includes(run.phase);
    // The leader may be changing just now; the run is worth showing all the same.
    const blockers = isWaiting ? await source.why(this.run, signal).catch(() => []) : [];
    return { run, blockers };
  }

  #resume(run: RunDetail) {
    const values = { job: run.job, date: run.slot.businessDate };
    const question = {
      title: translate('run.resume.ask', values),
      text: translate('run.resume.text'),
      confirm: translate('run.resume'),
    };
    return this.#command(question, async (source) => {
      const { generation } = await source.resume(run.id);
      return translate('run.resumed', { generation });
    });
  }

  #cancel(run: RunDetail) {
    const values = { job: run.job, date: run.slot.businessDate };
    const question = {
      title: translate('run.cancel.ask', values),
      text: translate('run.cancel.text'),
      confirm: translate('run.cancel'),
    };
    return this.#command(question, async (source) => {
      const newest = run.generations.at(-1);
      // A run stands for its main generation; one on the side is named by its number.
      await source.cancel(run.phase === 'none' && newest ? `${run.id}#${newest.g}` : run.id);
      return translate('run.canceled');
    });
  }

  async #command(question: Parameters<HeraConfirm['ask']>[0], carryOut: (source: Source) => Promise<string>) {
    const { source } = this;
    if (!(await this.confirm.ask(question)) || !source) return;
    this.isBusy = true;
    this.outcome = undefined;
    this.failure = undefined;
    try {
      this.outcome = await carryOut(source);
      this.chosen = undefined;
      this.#loader.reload();
    } catch (error) {
      this.failure = error instanceof Error ? error.message : codeOf(error);
    } finally {
      this.isBusy = false;
    }
  }
}

/** Of a run that only ran on the side, the phase of its newest generation. */
const phaseOf = (run: RunDetail) =>
  run.phase === 'none' ? (run.generations.at(-1)?.phase ?? run.phase) : run.phase;

declare global {
  interface HTMLElementTagNameMap {
    'hera-run-detail': HeraRunDetail;
  }
}
