// @ts-check
/**
 * Two servers on one MariaDB and three workers: runs jobs, kills the server that leads in the midst of them,
 * and shows what happened. `node examples/cluster/main.mjs [--json]`; needs mariadbd.
 */
import { findMariadb } from '../../tools/mariadb.mjs';
import { startCluster, until } from './cluster.mjs';

const JOBS = 12;
const SECONDS = 15;
const isJson = process.argv.includes('--json');
const say = (/** @type {string} */ text) => void (isJson || console.log(text));

if (findMariadb() === null) {
  console.error('no mariadbd: apt-get install mariadb-server-core');
  process.exit(2);
}
const cluster = await startCluster();
try {
  console.log(await play());
} finally {
  await cluster.stop();
}

async function play() {
  const first = await cluster.leader();
  const other = cluster.servers.find((server) => server !== first);
  if (!other) throw new Error('there are two servers');
  say(`${first.name} leads; ${cluster.workers.length} workers dial in`);

  // What is asked of the server that follows is done by the one that leads.
  const client = cluster.clientOf(other);
  // All of it shares this machine, so its load says nothing of a worker.
  const pools = { default: { maxLoadPerCore: null, maxMemoryShare: null } };
  /** @type {Record<string, object>} */
  const jobs = {};
  for (let i = 1; i <= JOBS; i += 1) {
    jobs[`etl-${i}`] = {
      kind: 'shell',
      script: `for i in $(seq ${SECONDS}); do echo line $i; sleep 1; done`,
    };
  }
  await client.applyDefinitions({ body: { definitions: { jobs, pools }, source: 'example' } });
  await until('three workers are connected', async () => {
    const { items } = await client.listWorkers({});
    return items.filter(({ state }) => state === 'connected').length === cluster.workers.length;
  });
  /** @type {string[]} */
  const runs = [];
  for (const job of Object.keys(jobs))
    runs.push((await client.runJob({ params: { job }, body: { key: job } })).run);
  const running = await until('jobs run on the workers', async () => {
    const open = await phases(client, runs);
    return open.filter((phase) => phase === 'running').length === JOBS && open;
  });
  say(`${running.length} jobs run`);

  const killedAt = performance.now();
  await first.end('SIGKILL');
  await until('the other server leads', async () => (await cluster.health(other))?.role === 'leader');
  const failoverMs = Math.round(performance.now() - killedAt);
  say(`${first.name} was killed; ${other.name} leads after ${failoverMs} ms`);

  await until('all jobs have ended', async () =>
    (await phases(client, runs)).every((phase) => phase === 'succeeded'),
  );
  const details = await Promise.all(runs.map((run) => client.getRun({ params: { run } })));
  const attempts = details.flatMap(({ attemptList }) => attemptList);
  const logs = await Promise.all(
    attempts.map(async ({ id: attempt }) => {
      const piece = await until(`the log of ${attempt} is whole`, async () => {
        const read = await client.readLog({ params: { attempt }, query: {} }).catch(() => null);
        return read?.complete === true && read;
      });
      return new TextDecoder().decode(piece.bytes);
    }),
  );
  const isWhole = (/** @type {string} */ log) =>
    log.includes(`line 1\n`) && log.includes(`line ${SECONDS}\n`);
  const found = {
    failoverMs,
    succeeded: (await phases(client, runs)).filter((phase) => phase === 'succeeded').length,
    attempts: attempts.length,
    wholeLogs: logs.filter(isWhole).length,
  };
  const { succeeded, wholeLogs } = found;
  say(`${succeeded} of ${JOBS} succeeded, in ${found.attempts} attempts; ${wholeLogs} logs are whole`);
  return isJson ? JSON.stringify(found) : 'no job was lost, doubled or disturbed';
}

/** @param {ReturnType<typeof cluster.clientOf>} client @param {readonly string[]} runs */
async function phases(client, runs) {
  const details = await Promise.all(runs.map((run) => client.getRun({ params: { run } }).catch(() => null)));
  return details.map((run) => run?.generations.at(-1)?.phase ?? 'none');
}
