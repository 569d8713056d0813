/**
 * How many real processes can be started through a worker, against what the machine itself can start?
 *
 * 1,000 times /bin/true, each in a process group of its own with its output in a file. *limit*: posix_spawn
 * in C, 16 at once, nothing else. *shim*: orders to the native shim, which starts, follows and records each
 * attempt; their directories are made before. *hera*: the whole way, from submission to result, with the
 * engine on SQLite and an agent beside it; every attempt is journaled, has a directory, a log, and records on
 * disk. *bullmq*: a BullMQ worker with concurrency 16 that starts each by Node's own spawn. Sides take turns;
 * the first turn is not counted; medians. Every side shows that each process ended well, and once.
 *
 * Not measured: commands that work, memory, several hosts. What we do that the others do not: a shell reads a
 * script, an exit record is synced to disk, timeout and lease are guarded without the agent.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Side } from './lib/processes.mjs';
import { Report, sized, summary, takeTurns } from './lib/report.mjs';
import { peerModule, startRedis } from './lib/servers.mjs';

const WINDOW = 16;
const tasks = sized(1_000, 250);
const report = new Report('w3', `w3: ${tasks} processes of /bin/true through a worker`);
const folder = mkdtempSync(join(tmpdir(), 'hera-bench-spawn-'));
const fileOf = (name) => fileURLToPath(new URL(`sides/${name}`, import.meta.url));
const durability = { hera: 'SQLite WAL, synchronous=FULL; exit records synced' };
const plays = {};

const program = join(folder, 'spawn');
if (spawnSync('cc', ['-O2', '-o', program, fileOf('spawn.c')]).status === 0) {
  let round = 0;
  plays.limit = () => {
    const logs = join(folder, String((round += 1)));
    mkdirSync(logs);
    const ms = Number(execFileSync(program, [String(tasks), String(WINDOW), logs], { encoding: 'utf8' }));
    rmSync(logs, { recursive: true });
    return { ms, perSecond: (tasks / ms) * 1_000 };
  };
} else report.skip('limit', 'no C compiler; apt-get install gcc libc6-dev');

const sides = { hera: new Side(fileOf('processes-hera.mjs')) };
let redis = null;
if (!(await peerModule('bullmq'))) {
  report.skip('bullmq', 'not installed; npm ci --ignore-scripts --prefix benchmarks');
} else if (!(redis = await startRedis())) report.skip('bullmq', 'its server is not installed');
else {
  sides.bullmq = new Side(fileOf('processes-bullmq.mjs'), { BENCH_SOCKET: redis.socket }, [redis.pid]);
  durability.bullmq = redis.durability;
}
for (const [name, side] of Object.entries(sides)) {
  await side.ask({ type: 'w3' });
  const play = (type) => async () => {
    const { isRight, ended, ...figure } = await side.measure({ type, tasks }, tasks);
    report.check(`${name} ${type}: ${ended} of ${tasks} ended, none twice`, isRight);
    return figure;
  };
  if (name === 'hera') plays.shim = play('shim');
  plays[name] = play('engine');
}
const figures = await takeTurns(plays);
for (const side of Object.values(sides)) await side.end();
await redis?.stop();
rmSync(folder, { recursive: true, force: true });

const medians = {};
for (const [name, rounds] of Object.entries(figures)) {
  medians[name] = summary(rounds, 'perSecond');
  report.figure(name, medians[name]);
}
const { limit, shim, hera, bullmq } = medians;
if (limit) {
  report.ratio('shim ÷ limit, starts/s', shim.perSecond / limit.perSecond);
  report.ratio('hera ÷ limit, starts/s', hera.perSecond / limit.perSecond, { atLeast: 0.35, moonshot: 0.6 });
}
if (bullmq) {
  report.ratio('hera ÷ bullmq, starts/s', hera.perSecond / bullmq.perSecond, { atLeast: 1, moonshot: 3 });
}
report.done(durability);
