/**
 * Selections name sets of jobs in text: `+report`, `dws_* !dws_tmp`, `group:dw/dws & kind:hive`. The
 * language is described for its users in docs/reference/selections.md; how it is read and printed stands in
 * selection-syntax.ts. This file says which jobs a selection means.
 */
import { SchedulerError } from '../model/errors.js';
import { closure, inOrder } from './job-graph.js';
import type { JobGraph } from './job-graph.js';
import type {
  FieldNode,
  LabelNode,
  Pattern,
  ReachNode,
  Selection,
  SelectionNode,
} from './selection-syntax.js';

export { parseSelection, printSelection } from './selection-syntax.js';
export type { Selection, SelectionNode } from './selection-syntax.js';

/** What is known of the jobs beside their names. A selection that asks for more is SELECTION_INVALID. */
export interface SelectionLookup {
  /** Paths of the groups the job is listed in, usually one: `dw/dws`; the empty path is the root. */
  readonly groupsOf?: (node: number) => readonly string[];
  readonly labelsOf?: (node: number) => Readonly<Record<string, string>>;
  readonly kindOf?: (node: number) => string;
  readonly poolOf?: (node: number) => string;
  readonly ownerOf?: (node: number) => string;
  /** The job that stands for a name that is gone, or -1 for none; without it such a name is an error. */
  readonly lost?: (name: string) => number;
}

/**
 * The jobs that `selection` means, upstream first. SELECTION_EMPTY when there is none, and also when one of
 * the names in it names no job: a misspelt name must not silently select less, nor leave less out.
 * SELECTION_INVALID when it asks for something that `lookup` does not know.
 */
export function select(graph: JobGraph, selection: Selection, lookup: SelectionLookup = {}): Int32Array {
  const flags = flagsOf({ graph, lookup, text: selection.text }, selection.root);
  const found = nodesOf(flags);
  if (found.length === 0) throw nothing(selection.text, `no job is selected by ${selection.text}`);
  return inOrder(graph, found);
}

interface Scope {
  readonly graph: JobGraph;
  readonly lookup: SelectionLookup;
  readonly text: string;
}

/** One byte per job, 1 where `node` means it. */
function flagsOf(scope: Scope, node: SelectionNode): Uint8Array {
  const flags = new Uint8Array(scope.graph.size);
  mark(scope, node, flags);
  return flags;
}

/** Sets the flags of the jobs that `node` means and leaves the others as they are. */
function mark(scope: Scope, node: SelectionNode, flags: Uint8Array): void {
  switch (node.type) {
    case 'name':
      return markName(scope, node, flags);
    case 'field':
    case 'label':
      return markWhere(flags, node.type === 'field' ? fieldTest(scope, node) : labelTest(scope, node));
    case 'reach':
      return markReach(scope, node, flags);
    case 'not': {
      const excluded = flagsOf(scope, node.of);
      return markWhere(flags, (job) => excluded[job] === 0);
    }
    case 'both': {
      const parts = node.of.map((part) => flagsOf(scope, part));
      return markWhere(flags, (job) => parts.every((part) => part[job] === 1));
    }
    case 'list':
      return markList(scope, node.of, flags);
  }
}

function markWhere(flags: Uint8Array, test: (job: number) => boolean): void {
  for (let job = 0; job < flags.length; job++) {
    if (flags[job] === 0 && test(job)) flags[job] = 1;
  }
}

function markName(scope: Scope, pattern: Pattern, flags: Uint8Array): void {
  const { graph, lookup } = scope;
  if (!pattern.exact) return markWhere(flags, (job) => matches(pattern, graph.names[job] ?? ''));
  let job = graph.indexOf(pattern.text);
  if (job === -1 && lookup.lost) {
    job = lookup.lost(pattern.text);
    if (job === -1) return;
  }
  if (job === -1) throw nothing(pattern.text, `no job is named ${pattern.text}`);
  flags[job] = 1;
}

function markReach(scope: Scope, node: ReachNode, flags: Uint8Array): void {
  const from = nodesOf(flagsOf(scope, node.of));
  for (const job of closure(scope.graph, from, 'up', node.up)) flags[job] = 1;
  for (const job of closure(scope.graph, from, 'down', node.down)) flags[job] = 1;
}

/** The items together, less those that begin with `!`; from all jobs where every item does. */
function markList(scope: Scope, items: readonly SelectionNode[], flags: Uint8Array): void {
  const excluded = new Uint8Array(flags.length);
  const included = new Uint8Array(flags.length);
  // Walking once from all starting points of the same depth keeps a pasted list of thousands affordable.
  const walks = new Map<
    string,
    { readonly up: number; readonly down: number; readonly of: SelectionNode[] }
  >();
  let onlyExclusions = true;
  for (const item of items) {
    if (item.type === 'not') {
      mark(scope, item.of, excluded);
      continue;
    }
    onlyExclusions = false;
    if (item.type !== 'reach') {
      mark(scope, item, included);
      continue;
    }
    const key = `${item.up} ${item.down}`;
    const walk = walks.get(key) ?? { up: item.up, down: item.down, of: [] };
    walk.of.push(item.of);
    walks.set(key, walk);
  }
  if (onlyExclusions) included.fill(1);
  for (const { up, down, of } of walks.values()) {
    const start = new Uint8Array(flags.length);
    for (const node of of) mark(scope, node, start);
    const from = nodesOf(start);
    for (const job of closure(scope.graph, from, 'up', up)) included[job] = 1;
    for (const job of closure(scope.graph, from, 'down', down)) included[job] = 1;
  }
  markWhere(flags, (job) => included[job] === 1 && excluded[job] === 0);
}

function fieldTest(scope: Scope, node: FieldNode): (job: number) => boolean {
  const { lookup } = scope;
  if (node.field === 'group') {
    const groupsOf = lookup.groupsOf ?? unknownHere(scope, 'groups');
    return (job) => groupsOf(job).some((path) => isWithin(node, path));
  }
  const valueOf =
    (node.field === 'kind' ? lookup.kindOf : node.field === 'pool' ? lookup.poolOf : lookup.ownerOf) ??
    unknownHere(scope, `${node.field}s`);
  return (job) => matches(node, valueOf(job));
}

function labelTest(scope: Scope, node: LabelNode): (job: number) => boolean {
  const labelsOf = scope.lookup.labelsOf ?? unknownHere(scope, 'labels');
  return (job) => {
    const labels = labelsOf(job);
    if (!Object.hasOwn(labels, node.key)) return false;
    return node.value === null || matches(node.value, labels[node.key] ?? '');
  };
}

/** Whether the group of that path, or one above it, matches. */
function isWithin(pattern: Pattern, path: string): boolean {
  if (matches(pattern, '') || matches(pattern, path)) return true;
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    if (matches(pattern, path.slice(0, end))) return true;
  }
  return false;
}

/** Compares in time proportional to pattern times text at worst: no regular expression to blow up. */
function matches(pattern: Pattern, text: string): boolean {
  if (pattern.exact) return pattern.text === text;
  const [head = '', ...rest] = pattern.text.split('*');
  const tail = rest.pop() ?? '';
  if (text.length < head.length + tail.length || !text.startsWith(head) || !text.endsWith(tail)) return false;
  const end = text.length - tail.length;
  let from = head.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, from);
    if (found === -1 || found + piece.length > end) return false;
    from = found + piece.length;
  }
  return true;
}

function nodesOf(flags: Uint8Array): number[] {
  const nodes: number[] = [];
  for (let job = flags.indexOf(1); job !== -1; job = flags.indexOf(1, job + 1)) nodes.push(job);
  return nodes;
}

function unknownHere(scope: Scope, what: string): never {
  const selection = scope.text;
  const message = `selection ${selection}: the ${what} of the jobs are not known here`;
  throw new SchedulerError('SELECTION_INVALID', message, { selection, offset: 0 });
}

const nothing = (selection: string, message: string) =>
  new SchedulerError('SELECTION_EMPTY', message, { selection });
