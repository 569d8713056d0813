/** Jobs: pages of them, one of them, its next slots, and the graph of all with the phase of each. */
import type { Graph } from '@hera/api';
import type { Definitions, Diff, JobView, Page, PageRequest, Run, SlotView } from '@hera/core';
import { SchedulerError, buildGraph, parseSelection, select } from '@hera/core';
import { heraOf } from './engine.js';
import type { Engine } from './engine.js';
import { SharedAnswer } from './shared-answer.js';

const PAGE_LIMIT = 1000;
/** Pages of runs that are looked through for the newest run of each job. */
const RUN_PAGES_MAX = 20;
/** How long the graph is reused: many pages ask for it at the same moment. */
const GRAPH_FRESH_MS = 500;

export class JobService {
  readonly #engine: Engine;
  readonly #everything: SharedAnswer<Everything>;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#everything = new SharedAnswer(GRAPH_FRESH_MS, () => this.#readEverything());
  }

  list(page: PageRequest): Promise<Page<JobView>> {
    return this.#engine.queries.jobs(page);
  }

  /** JOB_NOT_FOUND. */
  async get(name: string): Promise<JobView> {
    const job = await this.#engine.queries.job(name);
    if (job === undefined) throw new SchedulerError('JOB_NOT_FOUND', `no job "${name}"`, { job: name });
    return job;
  }

  /** DEFINITION_INVALID, with every problem; then nothing is changed. */
  apply(
    definitions: Definitions,
    options: { readonly source: string; readonly prune: boolean },
  ): Promise<Diff> {
    return heraOf(this.#engine).apply(definitions, options);
  }

  /** JOB_NOT_FOUND. */
  async upcoming(name: string, count: number): Promise<readonly { job: string; slot: SlotView }[]> {
    await this.get(name);
    return heraOf(this.#engine)
      .upcoming(name, count)
      .map((slot) => ({ job: name, slot }));
  }

  /** Every job, in order of names. */
  async all(): Promise<readonly JobView[]> {
    return (await this.#everything.get()).jobs;
  }

  /** The graph of the selected jobs. SELECTION_INVALID, SELECTION_EMPTY. */
  async graph(selection: string | undefined): Promise<Graph> {
    const everything = await this.#everything.get();
    const chosen = selection === undefined ? everything.jobs : selected(everything.jobs, selection);
    const names = new Set(chosen.map(({ name }) => name));
    return {
      options: { directed: true, multigraph: false, compound: false },
      nodes: chosen.map((job) => ({ v: job.name, value: nodeOf(job, everything.newest.get(job.name)) })),
      edges: chosen.flatMap(({ name, definition }) =>
        Object.keys(definition.after ?? {})
          .filter((upstream) => upstream !== name && names.has(upstream))
          .map((upstream) => ({ v: upstream, w: name })),
      ),
    };
  }

  async #readEverything(): Promise<Everything> {
    const jobs = await allPages((page) => this.#engine.queries.jobs(page));
    const newest = new Map<string, Run>();
    let after: string | null = null;
    for (let pages = 0; pages < RUN_PAGES_MAX && newest.size < jobs.length; pages += 1) {
      const page: Page<Run> = await this.#engine.queries.runs(
        {},
        { limit: PAGE_LIMIT, ...(after !== null && { after }) },
      );
      for (const run of page.items) if (!newest.has(run.job)) newest.set(run.job, run);
      after = page.next;
      if (after === null) break;
    }
    return { jobs, newest };
  }
}

interface Everything {
  readonly jobs: readonly JobView[];
  readonly newest: ReadonlyMap<string, Run>;
}

async function allPages<Item>(read: (page: PageRequest) => Promise<Page<Item>>): Promise<Item[]> {
  const items: Item[] = [];
  let after: string | null = null;
  do {
    const page: Page<Item> = await read({ limit: PAGE_LIMIT, ...(after !== null && { after }) });
    items.push(...page.items);
    after = page.next;
  } while (after !== null);
  return items;
}

const nodeOf = ({ title, group, kind, state }: JobView, run: Run | undefined) => ({
  title,
  group,
  kind,
  state,
  phase: run?.phase ?? ('none' as const),
  reason: run?.reason ?? null,
  run: run?.id ?? null,
});

function selected(jobs: readonly JobView[], selection: string): JobView[] {
  const numberOf = new Map(jobs.map(({ name }, index) => [name, index]));
  const edges = jobs.flatMap(({ name, definition }, to) =>
    Object.keys(definition.after ?? {}).flatMap((upstream): [number, number][] => {
      const from = numberOf.get(upstream);
      return from === undefined || upstream === name ? [] : [[from, to]];
    }),
  );
  const graph = buildGraph(
    jobs.map(({ name }) => name),
    edges,
  );
  const definitionOf = (node: number) => jobs[node]?.definition ?? {};
  const nodes = select(graph, parseSelection(selection), {
    groupsOf: (node) => [jobs[node]?.group ?? ''],
    labelsOf: (node) => definitionOf(node).labels ?? {},
    kindOf: (node) => jobs[node]?.kind ?? '',
    poolOf: (node) => definitionOf(node).pool ?? '',
    ownerOf: (node) => definitionOf(node).owner ?? '',
  });
  return [...nodes].flatMap((node) => jobs[node] ?? []);
}
