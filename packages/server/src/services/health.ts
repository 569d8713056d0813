/** Whether the server can do its work. Answers also when the store does not. */
import { cursorText } from '@hera/api';
import type { Health } from '@hera/api';
import type { Lease } from '@hera/core';
import type { Engine } from './engine.js';

/** A store that takes longer to say who leads is as good as away. */
const STORE_WAIT_MS = 2_000;

export class HealthService {
  readonly #engine: Engine;
  readonly #version: string;

  constructor(engine: Engine, version: string) {
    this.#engine = engine;
    this.#version = version;
  }

  async read(nowMs: number): Promise<Health> {
    const lease = await this.#lease();
    const { hera, trouble } = this.#engine;
    const isWell = hera !== null && trouble === null && lease !== null;
    return {
      status: isWell ? 'ok' : trouble === null && lease !== null ? 'starting' : 'degraded',
      role: hera?.leads === true && lease !== null ? 'leader' : 'follower',
      leader: lease?.holder ?? null,
      epoch: lease?.epoch ?? 0,
      version: this.#version,
      at: nowMs,
      cursor: cursorText({ commitNo: lease?.commitNo ?? 0, index: 0 }),
    };
  }

  async #lease(): Promise<Lease | null> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), STORE_WAIT_MS);
    });
    try {
      return await Promise.race([this.#engine.store.readLease(), late]);
    } catch {
      return null;
    } finally {
      clearTimeout(timer);
    }
  }
}
