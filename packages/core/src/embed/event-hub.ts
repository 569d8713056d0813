/**
 * Listeners of an application. They hear of events after the commit that stored them; whatever a listener
 * throws, or rejects with, is logged and reaches nobody else.
 */
import { EventEmitter } from 'eventemitter3';
import type { DomainEvent, StoredEvent } from '../model/events.js';
import type { Observer } from '../ports/observer.js';
import type { CommittedBatch } from '../shell/leader-loop.js';
import type { HeraEvents } from './types.js';

type Listener = (event: DomainEvent, stored: StoredEvent) => unknown;

/** Where events of commits meet those who listen. */
export class EventHub {
  readonly #emitter = new EventEmitter<string, never>();
  readonly #observer: Observer;
  #listeners = 0;

  constructor(observer: Observer) {
    this.#observer = observer;
  }

  /** Calls the listener on every event of the type; `event` is all types. The returned function ends it. */
  on<Type extends keyof HeraEvents>(type: Type, listener: HeraEvents[Type]): () => void {
    const guarded = this.#guarded(type, listener as Listener);
    this.#emitter.on(type, guarded);
    this.#listeners += 1;
    let isOn = true;
    return () => {
      if (!isOn) return;
      isOn = false;
      this.#emitter.off(type, guarded);
      this.#listeners -= 1;
    };
  }

  /** Tells the events of one commit, in order. */
  emit({ commitNo, at, events }: CommittedBatch): void {
    if (this.#listeners === 0) return;
    for (const [index, event] of events.entries()) {
      const stored: StoredEvent = { cursor: { commitNo, index }, at, event };
      this.#emitter.emit(event.type, event, stored);
      this.#emitter.emit('event', event, stored);
    }
  }

  #guarded(type: string, listener: Listener): Listener {
    const complain = (error: unknown) =>
      this.#observer.log('error', 'a listener failed', { event: type, error: String(error) });
    return (event, stored) => {
      try {
        const returned = listener(event, stored);
        if (returned instanceof Promise) returned.catch(complain);
      } catch (error) {
        complain(error);
      }
    };
  }
}
