/**
 * Makes the forecasts that the kernel asks for. How the night stands is taken at once, between two steps;
 * the rest is done in slices, so that the leader's loop goes on meanwhile. One at a time: what is asked for
 * while one is being made comes again with the next minute.
 */
import { foretelling } from '../forecast/index.js';
import { forecastInput } from '../kernel/index.js';
import type { SchedulerState } from '../kernel/index.js';
import type { Instant } from '../model/ids.js';
import type { Clock } from '../ports/clock.js';
import { UNTIMED } from './mailbox.js';
import type { Mailbox } from './mailbox.js';

/** What a forecaster is made of; it dies with the leadership. */
export interface ForecasterOptions {
  readonly state: SchedulerState;
  readonly mailbox: Mailbox;
  readonly clock: Clock;
}

/** Answers `forecast.make`. */
export class Forecaster {
  readonly #options: ForecasterOptions;
  #isBusy = false;
  #isClosed = false;

  constructor(options: ForecasterOptions) {
    this.#options = options;
  }

  /** Begins a forecast up to that instant, unless one is being made. Never throws for what it reads. */
  make(until: Instant): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    const slices = foretelling(forecastInput(this.#options.state, until));
    const goOn = () => {
      if (this.#isClosed) return;
      const next = slices.next();
      if (next.done !== true) return void this.#options.clock.wakeAfter(0, goOn);
      this.#isBusy = false;
      this.#options.mailbox.post({ type: 'forecast.made', at: UNTIMED, ...next.value });
    };
    this.#options.clock.wakeAfter(0, goOn);
  }

  /** Gives up what is being made. */
  close(): void {
    this.#isClosed = true;
  }
}
