/** What all elements of this package share: they follow the language and the zone that a reader chooses. */
import { LitElement } from 'lit';
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { onSettings, settings } from './settings.js';
import { languageTag } from './translate.js';

/** An element that renders anew, and says its language, when the settings change. */
export class HeraElement extends LitElement {
  #end: (() => void) | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.lang = languageTag();
    this.#end = onSettings(() => {
      this.lang = languageTag();
      this.requestUpdate();
    });
    this.requestUpdate();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#end?.();
  }

  /** The language that the element shows. */
  get locale() {
    return settings().locale;
  }
}

const TICK_MS = 1000;

/** Renders its host each second while `isNeeded` says so and the page is visible: for running times. */
export class Ticker implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #isNeeded: () => boolean;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(host: ReactiveControllerHost, isNeeded: () => boolean) {
    this.#host = host;
    this.#isNeeded = isNeeded;
    host.addController(this);
  }

  hostConnected(): void {
    this.#timer = setInterval(() => {
      if (!document.hidden && this.#isNeeded()) this.#host.requestUpdate();
    }, TICK_MS);
  }

  hostDisconnected(): void {
    clearInterval(this.#timer);
  }
}
