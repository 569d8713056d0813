/**
 * Who waits for which run. One look-up for each change of phase, nothing else; whoever waits is called after
 * the commit that stored the change.
 */
import type { DomainEvent } from '../model/events.js';
import type { CommittedBatch } from '../shell/leader-loop.js';

/** A generation has changed its phase. */
export type PhaseEvent = Extract<DomainEvent, { type: 'generation.phase' }>;

/** One who waits for changes of a run. */
export interface PhaseListener {
  onPhase(event: PhaseEvent): void;
  /** Looks in the store what has become of it. */
  look(): Promise<void>;
}

/** All who wait, by the text of the run. Most runs have one listener, which then stands by itself. */
export class PhaseWatch {
  readonly #listeners = new Map<string, PhaseListener | readonly PhaseListener[]>();
  #after: (() => void)[] = [];

  add(run: string, listener: PhaseListener): void {
    const known = this.#listeners.get(run);
    this.#listeners.set(run, known === undefined ? listener : [...listOf(known), listener]);
  }

  remove(run: string, listener: PhaseListener): void {
    const left = listOf(this.#listeners.get(run)).filter((other) => other !== listener);
    if (left.length === 0) this.#listeners.delete(run);
    else this.#listeners.set(run, left);
  }

  /** Lets all look in the store: what another leader did was not told here. */
  async lookAgain(): Promise<void> {
    const listeners = [...this.#listeners.values()].flatMap(listOf);
    await Promise.all(listeners.map((listener) => listener.look()));
  }

  /** Calls `act` once all changes of this commit were told. */
  afterBatch(act: () => void): void {
    this.#after.push(act);
  }

  onCommit({ events }: CommittedBatch): void {
    if (this.#listeners.size === 0) return;
    for (const event of events) {
      if (event.type !== 'generation.phase') continue;
      const listeners = this.#listeners.get(event.run);
      if (listeners) for (const listener of listOf(listeners)) listener.onPhase(event);
    }
    if (this.#after.length === 0) return;
    const after = this.#after;
    this.#after = [];
    for (const act of after) act();
  }
}

function listOf(listeners: PhaseListener | readonly PhaseListener[] | undefined): readonly PhaseListener[] {
  if (listeners === undefined) return [];
  return 'onPhase' in listeners ? [listeners] : listeners;
}

/** Whether nothing more comes of a generation in this phase. */
export const hasEnded = (phase: string) =>
  phase === 'succeeded' || phase === 'failed' || phase === 'canceled' || phase === 'skipped';
