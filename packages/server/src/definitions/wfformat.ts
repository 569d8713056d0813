/**
 * Recorded workflows in WfFormat 1.5 (JSON, as WfCommons publishes them) as jobs: each recorded execution
 * becomes a shell job that takes as long as it took, times a scale. So real graphs can be run, timed and
 * compared without the programs and files they were recorded with.
 */
import type { DefinitionProblem, Definitions, JobDefinition } from '@hera/core';
import { didYouMean, isJobName } from '@hera/core';

/** What the file's own words are mapped to. */
export interface WorkflowOptions {
  /** The name in problems. */
  readonly file: string;
  /** Run times are multiplied by this; 0 makes every job end at once. */
  readonly scale: number;
}

export interface ReadWorkflow {
  readonly definitions: Definitions;
  readonly problems: readonly DefinitionProblem[];
}

interface Recorded {
  readonly id: string;
  readonly name: string;
  readonly parents: readonly string[];
  readonly children: readonly string[];
  readonly path: string;
}

const NAME_LENGTH_MAX = 128;
/** Below this a process of its own would take longer than the sleep. */
const SLEEP_SECONDS_MIN = 0.001;

/** Whether a value read from JSON claims to be a recorded workflow. */
export function isWorkflow(value: unknown): boolean {
  return isFields(value) && isFields(value['workflow']);
}

/** Jobs of a recorded workflow, or everything that is wrong with it, naming the entry. */
export function readWorkflow(value: unknown, options: WorkflowOptions): ReadWorkflow {
  const reader = new WorkflowReader(options);
  const definitions = reader.read(value);
  return { definitions: reader.problems.length > 0 ? {} : definitions, problems: reader.problems };
}

class WorkflowReader {
  readonly problems: DefinitionProblem[] = [];
  readonly #options: WorkflowOptions;

  constructor(options: WorkflowOptions) {
    this.#options = options;
  }

  read(value: unknown): Definitions {
    const root = fieldsOf(value);
    const version = root['schemaVersion'];
    if (version !== '1.5') {
      this.#refuse('schemaVersion', 'version', `is ${JSON.stringify(version)}; WfFormat 1.5 is understood`);
      return {};
    }
    const workflow = fieldsOf(root['workflow']);
    const recorded = this.#recorded(fieldsOf(workflow['specification'])['tasks']);
    const seconds = this.#seconds(fieldsOf(workflow['execution'])['tasks']);
    const names = jobNames(recorded.map(({ id }) => id));
    const parents = this.#parents(recorded);
    const jobs: [string, JobDefinition][] = recorded.map(({ id, name }) => [
      names.get(id) ?? id,
      {
        ...(name !== id && { title: name }),
        kind: 'shell',
        ...after([...(parents.get(id) ?? [])].map((parent) => names.get(parent) ?? parent)),
        script: this.#script(seconds.get(id) ?? 0),
      },
    ]);
    return { jobs: Object.fromEntries(jobs) };
  }

  /** `exec` lets the shell become the sleep: one process for each job, not two. */
  #script(seconds: number): string {
    const scaled = seconds * this.#options.scale;
    return scaled < SLEEP_SECONDS_MIN ? ':\n' : `exec sleep ${scaled.toFixed(3)}\n`;
  }

  #recorded(value: unknown): Recorded[] {
    if (!Array.isArray(value)) {
      this.#refuse('workflow.specification.tasks', 'type', 'must be a list');
      return [];
    }
    const seen = new Set<string>();
    return value.flatMap((entry: unknown, index): Recorded[] => {
      const path = `workflow.specification.tasks[${index}]`;
      const { id, name, parents, children } = fieldsOf(entry);
      if (typeof id !== 'string' || id === '') {
        this.#refuse(path, 'id', 'needs an id');
        return [];
      }
      if (seen.has(id)) this.#refuse(path, 'id', `repeats the id "${id}"`);
      seen.add(id);
      const title = typeof name === 'string' ? name : id;
      return [{ id, name: title, parents: textsOf(parents), children: textsOf(children), path }];
    });
  }

  #seconds(value: unknown): ReadonlyMap<string, number> {
    const seconds = new Map<string, number>();
    for (const [index, entry] of (Array.isArray(value) ? value : []).entries()) {
      const { id, runtimeInSeconds = 0 } = fieldsOf(entry);
      if (typeof runtimeInSeconds !== 'number' || !(runtimeInSeconds >= 0)) {
        const path = `workflow.execution.tasks[${index}].runtimeInSeconds`;
        this.#refuse(path, 'range', `is ${JSON.stringify(runtimeInSeconds)}; it must be a number from 0`);
      } else if (typeof id === 'string') {
        seconds.set(id, runtimeInSeconds);
      }
    }
    return seconds;
  }

  /** An edge counts whether the parent names its child, the child its parent, or both. */
  #parents(recorded: readonly Recorded[]): ReadonlyMap<string, ReadonlySet<string>> {
    const parents = new Map(recorded.map(({ id }) => [id, new Set<string>()]));
    for (const { id, parents: above, children: below, path } of recorded) {
      for (const parent of above) {
        if (!parents.has(parent)) this.#unknown(`${path}.parents`, { id, parent }, parents.keys());
        parents.get(id)?.add(parent);
      }
      for (const child of below) {
        if (!parents.has(child)) this.#unknown(`${path}.children`, { id, child }, parents.keys());
        parents.get(child)?.add(id);
      }
    }
    return parents;
  }

  #unknown(
    path: string,
    named: { readonly id: string; readonly parent?: string; readonly child?: string },
    known: Iterable<string>,
  ): void {
    const [role, other = ''] = named.parent === undefined ? ['child', named.child] : ['parent', named.parent];
    const near = didYouMean(other, known);
    this.#refuse(path, 'upstream', `"${named.id}" names the ${role} "${other}", which does not exist${near}`);
  }

  #refuse(path: string, rule: string, message: string): void {
    this.problems.push({ path, rule, message: `${path}: ${message}`, file: this.#options.file });
  }
}

const after = (parents: readonly string[]) =>
  parents.length === 0
    ? {}
    : { after: Object.fromEntries(parents.map((parent) => [parent, 'same' as const])) };

/** A valid and unique job name for each id: the id itself where it is one. */
function jobNames(ids: readonly string[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const taken = new Set(ids.filter(isJobName));
  for (const id of ids) {
    if (isJobName(id)) names.set(id, id);
    else names.set(id, freeName(id.replace(/[^\p{L}\p{N}_.-]/gu, '_').replace(/^[.-]+/, '_'), taken));
  }
  return names;
}

function freeName(wanted: string, taken: Set<string>): string {
  for (let count = 1; ; count += 1) {
    const suffix = count === 1 ? '' : `_${count}`;
    const name = [...wanted].slice(0, NAME_LENGTH_MAX - suffix.length).join('') + suffix;
    if (taken.has(name) || !isJobName(name)) continue;
    taken.add(name);
    return name;
  }
}

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});
const textsOf = (value: unknown) =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
