/**
 * How fast does a graph run through, when no task may start before the ends of its parents are on disk?
 *
 * A layered graph, 100 layers of 100 tasks, each behind three of the layer before (29,700 edges; the seed is
 * fixed), submitted as one graph. Hera keeps the graph and its counters durably; BullMQ and Graphile Worker
 * get counters of the application, in memory, because neither can express a task with three parents. Sides
 * take turns, medians, processor time of all processes from /proc. Every side shows that each task ended,
 * once; Hera's tasks also check that their parents had ended.
 *
 * Not measured: what the peers would pay to make their counters durable; graphs of other shapes.
 */
import { compare, startSides } from './lib/peers.mjs';
import { SEED } from './lib/graph.mjs';
import { Report, sized, summary, takeTurns } from './lib/report.mjs';

const shape = { layers: sized(100, 10), width: sized(100, 20), parents: 3, seed: SEED };
const tasks = shape.layers * shape.width;
const report = new Report(
  'w2',
  `w2: a graph of ${shape.layers} × ${shape.width} tasks, 3 parents, seed ${SEED}, strict`,
);
const { sides, durability, end } = await startSides(report);
const plays = {};
for (const [name, side] of Object.entries(sides)) {
  await side.ask({ type: 'w2', ...shape });
  plays[name] = async () => {
    const { isRight, ended, ...figure } = await side.measure({ type: 'graph' }, tasks);
    report.check(`${name}: ${ended} of ${tasks} ended, none twice, none before its parents`, isRight);
    return figure;
  };
}
const figures = await takeTurns(plays);
await end();
const medians = {};
for (const [name, rounds] of Object.entries(figures)) {
  medians[name] = summary(rounds, 'perSecond');
  report.figure(name, medians[name]);
}
compare(report, medians, 'hera', {
  bullmq: { rate: { atLeast: 3, moonshot: 12 }, cpu: {} },
  graphile: { rate: { atLeast: 1, moonshot: 4 }, cpu: {} },
});
report.done(durability);
