/** Events that people and systems post for event gates. */
import type { Hera } from '@hera/core';
import { heraOf } from './engine.js';
import type { Engine } from './engine.js';

type PostOptions = NonNullable<Parameters<Hera['postEvent']>[1]>;

export class PostedEventService {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** The runs whose gates it opened; others may come. OPTION_INVALID. */
  async post(name: string, options: PostOptions): Promise<{ runs: string[] }> {
    return { runs: [...(await heraOf(this.#engine).postEvent(name, options))] };
  }
}
