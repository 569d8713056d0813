/** The first page in one answer: counts by phase, what runs, failed last and comes next. */
import type { Now, PhaseCounts, Upcoming } from '@hera/api';
import type { Page, Phase, Run, RunFilter } from '@hera/core';
import type { Engine } from './engine.js';
import type { JobService } from './jobs.js';

const LIST_LENGTH = 20;
const PAGE_LIMIT = 1000;
const OPEN: readonly Phase[] = ['waiting', 'queued', 'running', 'backoff'];

export class NowService {
  readonly #engine: Engine;
  readonly #jobs: JobService;

  constructor(engine: Engine, jobs: JobService) {
    this.#engine = engine;
    this.#jobs = jobs;
  }

  async read({ at, since }: { readonly at: number; readonly since: number }): Promise<Now> {
    const { queries } = this.#engine;
    const [counts, running, failed, upcoming] = await Promise.all([
      this.#counts(since),
      queries.runs({ phases: ['running'] }, { limit: PAGE_LIMIT }),
      queries.runs({ phases: ['failed'], from: since }, { limit: PAGE_LIMIT }),
      this.#upcoming(),
    ]);
    return {
      at,
      since,
      counts,
      running: [...running.items].sort((a, b) => a.createdAt - b.createdAt).slice(0, LIST_LENGTH),
      failures: [...failed.items].sort((a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0)).slice(0, LIST_LENGTH),
      upcoming,
    };
  }

  async #counts(since: number): Promise<PhaseCounts> {
    const counts: Partial<Record<Phase, number>> = {};
    const count = (run: Run) => {
      counts[run.phase] = (counts[run.phase] ?? 0) + 1;
    };
    await this.#each({ from: since }, count);
    await this.#each({ phases: OPEN, to: since - 1 }, count);
    return counts;
  }

  async #each(filter: RunFilter, visit: (run: Run) => void): Promise<void> {
    let after: string | null = null;
    do {
      const page: Page<Run> = await this.#engine.queries.runs(filter, {
        limit: PAGE_LIMIT,
        ...(after !== null && { after }),
      });
      page.items.forEach(visit);
      after = page.next;
    } while (after !== null);
  }

  async #upcoming(): Promise<Upcoming[]> {
    const { hera } = this.#engine;
    if (hera === null) return [];
    const jobs = (await this.#jobs.all()).filter(({ state }) => state === 'enabled');
    const slots = jobs.flatMap(({ name }) =>
      hera.upcoming(name, 2).map((slot): Upcoming => ({ job: name, slot })),
    );
    return slots.sort((a, b) => a.slot.instant - b.slot.instant).slice(0, LIST_LENGTH);
  }
}
