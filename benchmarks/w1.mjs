/**
 * How many small tasks can be pushed through, each safely on disk before it starts and before its end is
 * told?
 *
 * 10,000 independent tasks that do nothing, submitted and completed, by: Hera embedded on SQLite, submitted
 * one by one with 2,000 in flight and in batches of 500; BullMQ on Redis (AOF everysec, so up to a second
 * may be lost), addBulk of 500, a worker process with concurrency 100; Graphile Worker on PostgreSQL with
 * its batching preset. Sides take turns; the first turn is not counted; medians. Processor time is user and
 * system of all processes of a side, its server included, from /proc. Every side shows that each task ended,
 * and once.
 *
 * Not measured: the network (all are on one machine), tasks that work, several workers, latency of one task.
 * What the peers do that we do not here: they pass tasks between processes. What we do that they do not: a
 * run keeps its history, its events and its place in the graph for queries, and is on disk, not in a
 * second's buffer.
 */
import { compare, startSides } from './lib/peers.mjs';
import { Report, sized, summary, takeTurns } from './lib/report.mjs';

const tasks = sized(10_000, 500);
const report = new Report('w1', `w1: ${tasks} independent no-op tasks, durable at submit and at completion`);
const { sides, durability, end } = await startSides(report);
const plays = {};
for (const [name, side] of Object.entries(sides)) {
  await side.ask({ type: 'w1' });
  const play = (type) => async () => {
    const { isRight, ended, ...figure } = await side.measure({ type, tasks }, tasks);
    report.check(`${name}: ${ended} of ${tasks} ended, none twice`, isRight);
    return figure;
  };
  if (name === 'hera') plays['hera one by one'] = play('one');
  plays[name === 'hera' ? 'hera batches' : name] = play('batches');
}
const figures = await takeTurns(plays);
await end();
const medians = {};
for (const [name, rounds] of Object.entries(figures)) {
  medians[name] = summary(rounds, 'perSecond');
  report.figure(name, medians[name]);
}
const floors = {
  bullmq: { rate: { atLeast: 4, moonshot: 12 }, cpu: { atLeast: 5, moonshot: 10 } },
  graphile: { rate: { atLeast: 1.5, moonshot: 5 }, cpu: {} },
};
compare(report, medians, 'hera batches', floors);
compare(report, medians, 'hera one by one', {
  bullmq: { rate: {}, cpu: {} },
  graphile: { rate: {}, cpu: {} },
});
report.done(durability);
