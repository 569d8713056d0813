/** How far a submission is: a bar on a terminal, a plain line now and then where there is none. */
import type { Hera, Phase } from '@hera/core';
import { durationText } from '../terminal/times.js';
import type { Terminal } from '../terminal/terminal.js';

const REDRAW_MS = 100;
const PLAIN_LINE_MS = 10_000;
const BAR_WIDTH = 24;

/** Phases in which a run is over. */
const ENDS: ReadonlySet<Phase> = new Set(['succeeded', 'failed', 'canceled', 'skipped']);

/** Follows the events of one submission and draws; `stop` leaves the line clean. */
export class Progress {
  readonly #terminal: Terminal;
  readonly #phases = new Map<string, Phase>();
  readonly #heard = new Set<string>();
  readonly #total: number;
  readonly #startedAt = performance.now();
  readonly #timer: NodeJS.Timeout;
  readonly #unlisten: () => void;

  constructor(hera: Hera, terminal: Terminal, runs: readonly string[]) {
    this.#terminal = terminal;
    this.#total = runs.length;
    for (const run of runs) this.#phases.set(run, 'waiting');
    this.#unlisten = hera.on('generation.phase', ({ run, phase, reason }) => {
      if (!this.#phases.has(run)) return;
      this.#phases.set(run, phase);
      this.#heard.add(run);
      if (phase === 'failed') this.#say(terminal.texts.failedRun(run, reason ?? ''));
    });
    const isTerminal = terminal.columns !== null;
    this.#timer = setInterval(() => this.#draw(), isTerminal ? REDRAW_MS : PLAIN_LINE_MS);
    this.#timer.unref();
  }

  /** Sets a phase that was reached before the listening began; what has been heard since is newer. */
  know(run: string, phase: Phase): void {
    if (!this.#heard.has(run)) this.#phases.set(run, phase);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#unlisten();
    if (this.#terminal.columns !== null) this.#terminal.status('');
  }

  #say(text: string): void {
    if (this.#terminal.columns !== null) this.#terminal.status('');
    this.#terminal.note(text);
  }

  #draw(): void {
    const counts = new Map<Phase, number>();
    for (const phase of this.#phases.values()) counts.set(phase, (counts.get(phase) ?? 0) + 1);
    const done = [...ENDS].reduce((sum, phase) => sum + (counts.get(phase) ?? 0), 0);
    const { phases } = this.#terminal.texts;
    const parts = (['running', 'backoff', 'failed', 'canceled'] as const)
      .filter((phase) => counts.has(phase))
      .map((phase) => `${phases[phase]} ${counts.get(phase)}`);
    const elapsed = durationText(performance.now() - this.#startedAt);
    const text = [`${done}/${this.#total}`, ...parts, elapsed].join('  ');
    if (this.#terminal.columns === null) this.#terminal.note(text);
    else this.#terminal.status(`${bar(done / Math.max(1, this.#total))} ${text}`);
  }
}

function bar(share: number): string {
  const full = Math.floor(share * BAR_WIDTH);
  return `[${'█'.repeat(full)}${'·'.repeat(BAR_WIDTH - full)}]`;
}
