/** Starts the sides of w1 and w2: Hera, and the peers that are installed. */
import { fileURLToPath } from 'node:url';
import { Side } from './processes.mjs';
import { peerModule, startPostgres, startRedis } from './servers.mjs';

const fileOf = (name) => fileURLToPath(new URL(`../sides/${name}.mjs`, import.meta.url));
const MODULES_MISSING = 'not installed; npm ci --ignore-scripts --prefix benchmarks';

/** Sides by name, what each promises, and how to end them all. */
export async function startSides(report) {
  const sides = { hera: new Side(fileOf('hera')) };
  const durability = { hera: 'SQLite WAL, synchronous=FULL: nothing is lost' };
  const servers = [];
  const join = async (name, needs, start) => {
    if (!(await peerModule(needs))) return report.skip(name, MODULES_MISSING);
    const server = await start();
    if (!server)
      return report.skip(name, 'its server is not installed; benchmarks/README.md says what is needed');
    servers.push(server);
    sides[name] = new Side(fileOf(name), { BENCH_SOCKET: server.socket ?? '', BENCH_URL: server.url ?? '' }, [
      server.pid,
    ]);
    durability[name] = server.durability;
  };
  await join('bullmq', 'bullmq', startRedis);
  await join('graphile', 'graphile-worker', startPostgres);
  return {
    sides,
    durability,
    async end() {
      for (const side of Object.values(sides)) await side.end();
      for (const server of servers) await server.stop();
    },
  };
}

/**
 * Ratios of our median against the peers that ran: tasks per second, and processor time the other way round.
 */
export function compare(report, medians, ours, floors) {
  const own = medians[ours];
  for (const [peer, floor] of Object.entries(floors)) {
    const theirs = medians[peer];
    if (!own || !theirs) continue;
    report.ratio(`${ours} ÷ ${peer}, tasks/s`, own.perSecond / theirs.perSecond, floor.rate);
    report.ratio(`${peer} ÷ ${ours}, CPU per task`, theirs.cpuUsPerTask / own.cpuUsPerTask, floor.cpu);
  }
}
