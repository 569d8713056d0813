/** The output of an attempt, live: follows the tail until the reader scrolls up, and finds text in it. */
import type { PropertyValues, TemplateResult } from 'lit';
import { html, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { HeraElement } from '../../base.js';
import { formatBytes } from '../../format.js';
import type { Source } from '../../source.js';
import { base, controls, panels } from '../../styles.js';
import { translate } from '../../translate.js';
import type { Piece } from './ansi.js';
import { parseAnsi } from './ansi.js';
import type { LogState } from './log-feed.js';
import { emptyLog, feedLog } from './log-feed.js';
import { logStyles } from './log-styles.js';
import type { Viewport } from './viewport.js';
import { ROW_PX, scrollTo, viewportOf } from './viewport.js';

/** Letters of a line that are drawn; a longer one says how much is left out. */
const LINE_LENGTH_MAX = 4096;
/** How near to the end still counts as the end, in pixels. */
const END_PX = 4;
/** Room for a horizontal scroll bar. */
const SCROLLBAR_PX = 16;
/** Height assumed until the element has been measured. */
const VIEW_PX = 480;

/**
 * Shows a log. With a `source` and an `attempt` it reads on by byte offset as the log grows; without a
 * source it shows `data`. Only the rows on screen are in the page. Text is text: escapes become colours,
 * never markup.
 *
 * @csspart toolbar - Size, find and follow.
 * @csspart view - The scrolled area; takes the focus, so that its keys scroll.
 * @csspart pill - The button that tells of new lines while the reader looks further up.
 * @cssproperty [--hera-log-height=480px] - Height of the scrolled area.
 */
export class HeraLogView extends HeraElement {
  static override styles = [base, controls, panels, logStyles];

  /** Where the log comes from. */
  @property({ attribute: false }) source: Source | undefined;

  /** Id of the attempt, `job@slot/2`. */
  @property() attempt = '';

  /** The text to show when there is no source. */
  @property({ attribute: false }) data: string | undefined;

  @state() private log: LogState = emptyLog();
  @state() private isFollowing = true;
  @state() private wanted = '';
  @state() private hits: readonly number[] = [];
  @state() private hit = 0;
  /** Lines there were when the reader left the tail. */
  @state() private seen = 0;
  @query('[part=view]') private view!: HTMLElement | null;
  #abort: AbortController | undefined;
  #resize: ResizeObserver | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) this.#restart();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#abort?.abort();
    this.#resize?.disconnect();
    this.#resize = undefined;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('source') || changed.has('attempt') || changed.has('data')) this.#restart();
  }

  override render() {
    const { buffer, skippedBytes, isComplete, error } = this.log;
    return html`<section class="panel">
      ${this.#toolbar()}
      ${
        error === undefined
          ? nothing
          : html`<div class="strip" role="alert">
              ${error instanceof Error ? error.message : translate('error.title')}
            </div>`
      }
      ${
        skippedBytes > 0
          ? html`<p class="skipped">${translate('log.skipped', { size: formatBytes(skippedBytes) })}</p>`
          : nothing
      }
      ${
        buffer.count === 0 && error === undefined
          ? html`<p class="empty" role="status">${translate(isComplete ? 'log.emptyEnd' : 'log.empty')}</p>`
          : this.#lines()
      }
    </section>`;
  }

  protected override updated(): void {
    const { view } = this;
    if (!view) return;
    this.#observe(view);
    const { heightPx, topPx } = this.#viewport();
    // Through the object model: a style attribute would not pass a strict content security policy.
    const space = view.querySelector<HTMLElement>('.space');
    const rows = view.querySelector<HTMLElement>('.rows');
    space?.style.setProperty('block-size', `${heightPx}px`);
    // A short log that has ended needs no empty room below it; one that grows keeps its place on the page.
    const content = this.log.isComplete ? `${heightPx + SCROLLBAR_PX}px` : '';
    view.style.setProperty('--content', content);
    rows?.style.setProperty('transform', `translateY(${topPx}px)`);
    rows?.style.setProperty('--digits', `${String(this.log.buffer.count).length}ch`);
    if (this.isFollowing) this.#toEnd();
  }

  #toolbar() {
    const { buffer, size, isComplete } = this.log;
    return html`<div part="toolbar" role="toolbar" aria-label=${translate('log.find')}>
      <input
        type="search"
        placeholder=${translate('log.find')}
        aria-label=${translate('log.find')}
        .value=${this.wanted}
        @input=${(event: Event) => this.#find((event.target as HTMLInputElement).value)}
        @keydown=${(event: KeyboardEvent) => event.key === 'Enter' && this.#step(event.shiftKey ? -1 : 1)}
      />
      ${this.wanted === '' ? nothing : this.#hitButtons()}
      <span class="facts quiet">
        ${translate('log.lines', { lines: buffer.count })} · ${formatBytes(size)}
        ${isComplete ? html`· ${translate('log.complete')}` : nothing}
      </span>
      ${
        isComplete
          ? nothing
          : html`<button type="button" aria-pressed=${this.isFollowing} @click=${this.#toggleFollow}>
              ${translate(this.isFollowing ? 'log.following' : 'log.follow')}
            </button>`
      }
    </div>`;
  }

  #hitButtons() {
    const { hits } = this;
    return html`<span role="status" class="quiet">
        ${
          hits.length === 0
            ? translate('log.noHits')
            : translate('log.hits', { index: this.hit + 1, count: hits.length })
        }
      </span>
      <button
        type="button"
        aria-label=${translate('log.previous')}
        ?disabled=${hits.length === 0}
        @click=${() => this.#step(-1)}
      >
        ↑
      </button>
      <button
        type="button"
        aria-label=${translate('log.next')}
        ?disabled=${hits.length === 0}
        @click=${() => this.#step(1)}
      >
        ↓
      </button>`;
  }

  #lines() {
    const { buffer } = this.log;
    const { first, end } = this.#viewport();
    const fresh = buffer.count - this.seen;
    const rows: TemplateResult[] = [];
    for (let index = first; index < end; index++) rows.push(this.#row(index));
    return html`<div class="frame">
      <div
        part="view"
        role="region"
        tabindex="0"
        aria-label=${translate('log.region', { lines: buffer.count })}
        @scroll=${this.#scrolled}
      >
        <div class="space"><div class="rows">${rows}</div></div>
      </div>
      ${
        !this.isFollowing && fresh > 0
          ? html`<button part="pill" type="button" class="primary" @click=${this.#toggleFollow}>
              ↓ ${translate('log.newLines', { count: fresh })}
            </button>`
          : nothing
      }
    </div>`;
  }

  #row(index: number) {
    const line = this.log.buffer.line(index);
    const rest = line.length - LINE_LENGTH_MAX;
    const pieces = parseAnsi(rest > 0 ? line.slice(0, LINE_LENGTH_MAX) : line);
    const isHit = this.wanted !== '' && this.hits[this.hit] === index;
    return html`<div class=${isHit ? 'row current' : 'row'}>
      <span class="gutter" aria-hidden="true">${index + 1}</span
      ><span class="text"
        >${pieces.map((piece) => this.#piece(piece))}${
          rest > 0 ? html`<span class="cut"> … ${translate('log.cut', { count: rest })}</span>` : nothing
        }</span
      >
    </div>`;
  }

  #piece(piece: Piece) {
    const text = this.wanted === '' ? piece.text : marked(piece.text, this.wanted);
    if (piece.color === null && !piece.isBold && !piece.isDim) return text;
    const classes = [piece.color ?? '', piece.isBold ? 'bold' : '', piece.isDim ? 'dim' : ''];
    return html`<span class=${classes.join(' ').trim()}>${text}</span>`;
  }

  #viewport(): Viewport {
    const { view } = this;
    const viewPx = view?.clientHeight ?? VIEW_PX;
    const { count } = this.log.buffer;
    const endPx = Math.max(0, viewportOf(count, viewPx, 0).heightPx - viewPx);
    return viewportOf(count, viewPx, this.isFollowing ? endPx : Math.min(view?.scrollTop ?? 0, endPx));
  }

  #restart(): void {
    this.#abort?.abort();
    this.log = emptyLog();
    this.isFollowing = true;
    this.hits = [];
    if (this.data !== undefined) {
      const { buffer } = this.log;
      buffer.pushText(this.data);
      this.log = { ...this.log, size: new TextEncoder().encode(this.data).length, isComplete: true };
    } else if (this.source && this.attempt !== '') {
      this.#abort = new AbortController();
      const { signal } = this.#abort;
      const from = { source: this.source, attempt: this.attempt, signal };
      void feedLog(from, (log) => {
        this.log = log;
        if (this.wanted !== '') this.hits = log.buffer.find(this.wanted);
      });
    }
  }

  #scrolled(): void {
    const { view } = this;
    if (!view) return;
    const wasFollowing = this.isFollowing;
    this.isFollowing = view.scrollTop + view.clientHeight >= view.scrollHeight - END_PX;
    if (wasFollowing && !this.isFollowing) this.seen = this.log.buffer.count;
    this.requestUpdate();
  }

  #toggleFollow(): void {
    this.isFollowing = !this.isFollowing;
    this.seen = this.log.buffer.count;
  }

  #toEnd(): void {
    const { view } = this;
    if (view) view.scrollTop = view.scrollHeight;
  }

  #find(text: string): void {
    this.wanted = text;
    this.hits = this.log.buffer.find(text);
    this.hit = Math.max(0, this.hits.length - 1);
    this.#showHit();
  }

  #step(by: 1 | -1): void {
    if (this.hits.length === 0) return;
    this.hit = (this.hit + by + this.hits.length) % this.hits.length;
    this.#showHit();
  }

  #showHit(): void {
    const row = this.hits[this.hit];
    const { view } = this;
    if (row === undefined || !view) return;
    this.isFollowing = false;
    this.seen = this.log.buffer.count;
    view.scrollTop = scrollTo(row, this.log.buffer.count, view.clientHeight);
    this.requestUpdate();
  }

  #observe(view: HTMLElement): void {
    if (this.#resize) return;
    this.#resize = new ResizeObserver(() => this.requestUpdate());
    this.#resize.observe(view);
  }
}

/** The text with the parts that were looked for marked. */
function marked(text: string, wanted: string): (string | TemplateResult)[] {
  const parts: (string | TemplateResult)[] = [];
  const lower = text.toLowerCase();
  const needle = wanted.toLowerCase();
  let from = 0;
  for (let at = lower.indexOf(needle); at >= 0; at = lower.indexOf(needle, from)) {
    parts.push(text.slice(from, at), html`<mark>${text.slice(at, at + needle.length)}</mark>`);
    from = at + needle.length;
  }
  return [...parts, text.slice(from)];
}

/** Height of one row, for hosts that size the element by lines. */
export const LOG_ROW_PX = ROW_PX;

declare global {
  interface HTMLElementTagNameMap {
    'hera-log-view': HeraLogView;
  }
}
