/** The web app: a router over the address's hash, and the elements of each page. */
import type { Phase } from '@hera/api';
import type { TemplateResult } from 'lit';
import { html, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { HeraElement } from '../../base.js';
import { zoneText } from '../../format.js';
import type { Route } from '../../navigate.js';
import { parseRoute, routeHref } from '../../navigate.js';
import { changeSettings, settings } from '../../settings.js';
import type { Source } from '../../source.js';
import { codeOf } from '../../source.js';
import { base, controls, panels } from '../../styles.js';
import type { MessageKey } from '../../messages/en.js';
import { languageTag, translate } from '../../translate.js';
import type { HeraFilterEvent } from '../run-table/run-table.js';
import { appStyles } from './app-styles.js';
import type { Theme } from './choices.js';
import { loadChoices, saveChoices } from './choices.js';
import { NAV_ICONS } from './nav-icons.js';

const NAV = [
  { page: 'now', key: 'nav.now' },
  { page: 'jobs', key: 'nav.jobs' },
  { page: 'runs', key: 'nav.runs' },
  { page: 'graph', key: 'nav.graph' },
] as const satisfies readonly { readonly page: Route['page']; readonly key: MessageKey }[];
const THEMES: readonly Theme[] = ['auto', 'light', 'dark'];
const TITLES: Readonly<Record<Route['page'], MessageKey>> = {
  now: 'now.title',
  jobs: 'jobs.title',
  runs: 'runs.title',
  run: 'runs.title',
  graph: 'graph.title',
  'sign-in': 'app.signIn.title',
  unknown: 'app.name',
};

/**
 * The whole app over one `source`. The address is the state: page, run and filters stand in its hash.
 * Language and theme are kept in the browser.
 *
 * @csspart topbar - Name, pages and choices.
 * @csspart main - The page.
 */
export class HeraApp extends HeraElement {
  static override styles = [base, controls, panels, appStyles];

  /** Where everything comes from. */
  @property({ attribute: false }) source: Source | undefined;

  @state() private route: Route = parseRoute(location.hash);
  @state() private theme: Theme = 'auto';
  @state() private stream: 'live' | 'waiting' = 'waiting';
  @state() private isSignedOut = false;
  @state() private signInFailure: string | undefined;
  @query('main') private main!: HTMLElement;
  #unsubscribe: (() => void) | undefined;

  override connectedCallback(): void {
    const choices = loadChoices();
    if (choices.locale) changeSettings({ locale: choices.locale });
    super.connectedCallback();
    this.#chooseTheme(choices.theme ?? 'auto');
    window.addEventListener('hashchange', this.#onHash);
    void this.#arrive();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('hashchange', this.#onHash);
    this.#unsubscribe?.();
  }

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('source')) this.#subscribe();
    document.documentElement.lang = languageTag();
    const subject = this.route.page === 'run' ? this.route.run : translate(TITLES[this.route.page]);
    document.title = `${subject} · ${translate('app.name')}`;
  }

  override render() {
    return html`
      <header part="topbar">
        <button type="button" class="skip primary" @click=${() => this.main.focus()}>
          ${translate('app.skip')}
        </button>
        ${this.#brand()} ${this.#nav()} ${this.#choices()}
      </header>
      <main part="main" tabindex="-1">
        ${this.isSignedOut || this.route.page === 'sign-in' ? this.#signIn() : this.#page()}
      </main>
    `;
  }

  #brand() {
    return html`<a class="brand" href="#/">
      <svg viewBox="0 0 20 20" aria-hidden="true">
        <path d="M3 4v12M3 10h14M17 4v12" fill="none" stroke="currentColor" stroke-width="2.4"></path>
        <circle cx="10" cy="10" r="3.2"></circle>
      </svg>
      <span>${translate('app.name')}</span>
    </a>`;
  }

  #nav() {
    return html`<nav aria-label=${translate('app.nav')}>
      ${NAV.map(({ page, key }) => {
        const isHere = this.route.page === page || (page === 'runs' && this.route.page === 'run');
        return html`<a href=${page === 'now' ? '#/' : `#/${page}`} aria-current=${isHere ? 'page' : nothing}>
          <svg viewBox="0 0 20 20" aria-hidden="true">${NAV_ICONS[page]}</svg>
          ${translate(key)}
        </a>`;
      })}
    </nav>`;
  }

  #choices() {
    const { locale } = settings();
    return html`<div class="choices">
      ${
        this.isSignedOut
          ? nothing
          : html`<span class="stream ${this.stream}" role="status">
              <span class="dot" aria-hidden="true"></span>
              ${translate(this.stream === 'live' ? 'app.live' : 'app.waiting')}
            </span>`
      }
      <span class="zone quiet" title=${settings().zone}>
        <span class="hidden">${translate('app.zone', { zone: settings().zone })}</span>
        <span aria-hidden="true">${zoneText()}</span>
      </span>
      <button
        type="button"
        class="plain"
        lang=${locale === 'zh' ? 'en' : 'zh-CN'}
        aria-label=${locale === 'zh' ? 'Switch to English' : '切换到中文'}
        @click=${() => this.#chooseLocale()}
      >
        ${locale === 'zh' ? 'English' : '中文'}
      </button>
      <select
        aria-label=${translate('app.theme')}
        @change=${(event: Event) => this.#chooseTheme((event.target as HTMLSelectElement).value as Theme)}
      >
        ${THEMES.map(
          (theme) =>
            html`<option value=${theme} ?selected=${theme === this.theme}>
              ${translate(`app.theme.${theme}`)}
            </option>`,
        )}
      </select>
    </div>`;
  }

  #page(): TemplateResult {
    const { route, source } = this;
    switch (route.page) {
      case 'now':
        return html`<h1 class="hidden">${translate('now.title')}</h1>
          <hera-now .source=${source}></hera-now>`;
      case 'jobs':
        return html`<h1>${translate('jobs.title')}</h1>
          <hera-job-table .source=${source}></hera-job-table>`;
      case 'runs':
        return html`<h1>${translate('runs.title')}</h1>
          <hera-run-table
            .source=${source}
            .job=${route.job}
            .phases=${route.phases}
            @hera-filter=${this.#onFilter}
          ></hera-run-table>`;
      case 'run':
        return html`<hera-run-detail .source=${source} run=${route.run}></hera-run-detail>`;
      case 'graph':
        return html`<h1>${translate('graph.title')}</h1>
          <hera-dag .source=${source}></hera-dag>`;
      case 'sign-in':
      case 'unknown':
        return html`<div class="blank">
          <h1>${translate('app.notFound')}</h1>
          <a href="#/">${translate('app.toNow')}</a>
        </div>`;
    }
  }

  #signIn() {
    return html`<form class="panel sign-in" @submit=${this.#submitToken}>
      <h1>${translate('app.signIn.title')}</h1>
      <p class="quiet">${translate('app.signIn.text')}</p>
      ${
        this.signInFailure === undefined
          ? nothing
          : html`<p class="strip" role="alert">${this.signInFailure}</p>`
      }
      <label for="token">${translate('app.signIn.token')}</label>
      <input id="token" name="token" type="password" autocomplete="off" required />
      <button class="primary">${translate('app.signIn.submit')}</button>
    </form>`;
  }

  #submitToken(event: SubmitEvent): void {
    event.preventDefault();
    const token = new FormData(event.target as HTMLFormElement).get('token');
    if (typeof token === 'string') void this.#signInBy(token.trim());
  }

  /** A sign-in link is used up at once, and leaves no token in the address. */
  async #arrive(): Promise<void> {
    const { route } = this;
    if (route.page !== 'sign-in') return;
    history.replaceState(null, '', '#/');
    await this.updateComplete;
    await this.#signInBy(route.token);
  }

  async #signInBy(token: string): Promise<void> {
    try {
      await this.source?.signIn(token);
      this.isSignedOut = false;
      this.signInFailure = undefined;
      this.route = parseRoute(location.hash);
      this.#subscribe();
    } catch (error) {
      this.isSignedOut = true;
      this.signInFailure =
        codeOf(error) === 'UNAUTHENTICATED' || !(error instanceof Error)
          ? translate('app.signIn.failed')
          : error.message;
    }
  }

  #subscribe(): void {
    this.#unsubscribe?.();
    const { source } = this;
    if (!source || this.route.page === 'sign-in') return;
    this.#unsubscribe = source.subscribe((change) => {
      if (change.type === 'state') this.stream = change.state;
      if (change.type === 'signedOut') this.isSignedOut = true;
    });
  }

  readonly #onHash = () => {
    const isSamePage = parseRoute(location.hash).page === this.route.page;
    this.route = parseRoute(location.hash);
    if (this.route.page === 'sign-in') void this.#arrive();
    if (isSamePage) return;
    this.main.scrollTop = 0;
    this.main.focus({ preventScroll: true });
  };

  /** The filters go to the address without a new entry for each click. */
  #onFilter(event: HeraFilterEvent): void {
    const { job, phases }: { job: string; phases: readonly Phase[] } = event;
    this.route = { page: 'runs', job, phases };
    history.replaceState(null, '', routeHref(this.route));
  }

  #chooseLocale(): void {
    const locale = settings().locale === 'zh' ? 'en' : 'zh';
    changeSettings({ locale });
    saveChoices({ locale, theme: this.theme });
  }

  #chooseTheme(theme: Theme): void {
    this.theme = theme;
    document.documentElement.style.setProperty('color-scheme', theme === 'auto' ? 'light dark' : theme);
    saveChoices({ ...loadChoices(), theme });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'hera-app': HeraApp;
  }
}
