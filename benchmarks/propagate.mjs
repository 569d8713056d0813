/**
 * How much slower than a bare loop over arrays does the kernel tell downstreams that their upstreams have
 * ended?
 *
 * A layered graph of 1,000,000 runs and about 3,000,000 links. The kernel's side calls its own `advance` for
 * each run as it succeeds: verdict of the edge, met flag, pending count, phase, and the queue of the pool
 * for each run that is free; a layer is a step. The bare side is what no scheduler can beat: Kahn's order
 * over compressed rows in typed arrays. Both take turns on the same graph; the ratio is of medians. Every
 * run must be free in the end.
 *
 * Not measured: dispatch, attempts, writes, bindings; a step as a whole is in w2.
 */
import { PHASE } from '../packages/core/dist/kernel/codes.js';
import { createState } from '../packages/core/dist/kernel/index.js';
import { advance, linkRuns } from '../packages/core/dist/kernel/links.js';
import { generator, SEED } from './lib/graph.mjs';
import { median, Report, sized, takeTurns } from './lib/report.mjs';

const width = 1_000;
const tasks = sized(1_000_000, 50_000);
const parents = 3;

const report = new Report('propagate', `propagate: ${tasks} runs, ${parents} links each, seed ${SEED}`);
const links = drawLinks();
const { state, pendingAtFirst } = buildKernel();
const { offsets, targets, pendingBare } = buildBare();

const figures = await takeTurns({ kernel: () => runKernel(), bare: () => runBare() });
const kernel = median(figures.kernel.map(({ perSecond }) => perSecond));
const bare = median(figures.bare.map(({ perSecond }) => perSecond));
report.figure('kernel, tasks/s', kernel);
report.figure('bare loop, tasks/s', bare);
report.figure('bytes per run with its links', (state.runs.bytes + state.links.bytes) / tasks);
report.ratio('kernel ÷ bare loop', kernel / bare, { atLeast: 0.15, moonshot: 0.4 });
report.done({ kernel: 'in memory' });

/** Pairs of upstream and downstream, one after the other. */
function drawLinks() {
  const draw = generator(SEED);
  const pairs = new Int32Array((tasks - width) * parents * 2);
  let at = 0;
  for (let task = width; task < tasks; task += 1) {
    const base = Math.floor(task / width) * width - width;
    for (let k = 0; k < parents; k += 1) {
      pairs[at++] = base + draw(width);
      pairs[at++] = task;
    }
  }
  return pairs;
}

function buildKernel() {
  const made = createState({});
  made.jobs.push({
    index: 0,
    id: 1,
    name: 'job',
    state: 'enabled',
    policy: { priority: 50, kind: 'shell', labels: {}, slots: 1, memoryBytes: 0, pool: 'default' },
    edges: [],
    slots: [],
    queueClass: null,
    definition: {},
  });
  made.edges.push({
    upstream: 'job',
    selector: { type: 'same' },
    whenEmpty: 'block',
    rule: 'success',
    accept: [],
    freshnessMs: null,
    generation: 'latest',
    onUpstreamFailed: 'wait',
    onUpstreamRerun: 'markStale',
    timeoutMs: null,
    mask: 7,
  });
  for (let task = 0; task < tasks; task += 1) made.runs.phase[made.runs.add(0)] = PHASE.waiting;
  for (let at = 0; at < links.length; at += 2) {
    linkRuns(made, { up: links[at], down: links[at + 1] }, 0, false);
  }
  return { state: made, pendingAtFirst: made.runs.pending.slice(0, tasks) };
}

function runKernel() {
  const { runs } = state;
  runs.phase.fill(PHASE.waiting, 0, tasks);
  runs.pending.set(pendingAtFirst);
  state.links.flags.fill(0);
  endStep();
  state.pools.clear();
  state.jobs[0].queueClass = null;
  const from = performance.now();
  for (let task = 0; task < tasks; task += 1) {
    runs.phase[task] = PHASE.succeeded;
    advance(state, task);
    if (task % width === width - 1) endStep();
  }
  const ms = performance.now() - from;
  let unmet = 0;
  for (let task = 0; task < tasks; task += 1) if (runs.pending[task] !== 0) unmet += 1;
  report.check(`kernel: ${unmet} of ${tasks} were never free`, unmet === 0);
  return { perSecond: (tasks / ms) * 1_000 };
}

/** What a step does at its end with the rows it has marked, but for writing them. */
function endStep() {
  state.outbox.runs.clear();
  state.outbox.generations.clear();
}

function buildBare() {
  const starts = new Int32Array(tasks + 1);
  const pending = new Int32Array(tasks);
  for (let at = 0; at < links.length; at += 2) {
    starts[links[at] + 1] += 1;
    pending[links[at + 1]] += 1;
  }
  for (let task = 0; task < tasks; task += 1) starts[task + 1] += starts[task];
  const place = starts.slice();
  const found = new Int32Array(links.length / 2);
  for (let at = 0; at < links.length; at += 2) found[place[links[at]]++] = links[at + 1];
  return { offsets: starts, targets: found, pendingBare: pending };
}

function runBare() {
  const pending = pendingBare.slice();
  const order = new Int32Array(tasks);
  let free = 0;
  for (let task = 0; task < width; task += 1) order[free++] = task;
  const from = performance.now();
  for (let next = 0; next < free; next += 1) {
    const task = order[next];
    for (let at = offsets[task]; at < offsets[task + 1]; at += 1) {
      const child = targets[at];
      if (--pending[child] === 0) order[free++] = child;
    }
  }
  const ms = performance.now() - from;
  report.check(`bare loop: ${free} of ${tasks} became free`, free === tasks);
  return { perSecond: (tasks / ms) * 1_000 };
}
