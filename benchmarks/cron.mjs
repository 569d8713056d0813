/**
 * What does a schedule cost that is only there, and what does it cost to fire?
 *
 * 100,000 schedules with a second of the minute each, so that 1,667 fire every second: as Hera's kernel
 * keeps them (compiled once for all that are the same, and a deadline in one heap under one timer), in
 * node-cron, and 20,000 in croner, which needs too much for more. Each in a process of its own; bytes are
 * heap and buffers after a collection, processor time is read while they fire at real time. Fires must be
 * those that are due, within three seconds at the ends. The sides wait by turns, five times; medians.
 *
 * The peers call a function; Hera's `hera` side counts, too. A Hera job is more than a schedule: what a
 * whole one holds, with definition, policy and names, is printed as `jobs`, and what its run costs is w1.
 * Not measured: lateness of fires, calendars, time zones with daylight saving.
 */
import { fileURLToPath } from 'node:url';
import { Side } from './lib/processes.mjs';
import { isSmoke, median, Report, rounds, sized } from './lib/report.mjs';
import { peerModule } from './lib/servers.mjs';

const file = fileURLToPath(new URL('sides/cron.mjs', import.meta.url));
const counts = {
  hera: sized(100_000, 6_000),
  jobs: sized(20_000, 3_000),
  'node-cron': sized(100_000, 3_000),
  croner: sized(20_000, 600),
};
const fireMs = sized(5_000, 1_100);
/** Fires may fall just before or after the window. */
const SLACK_S = 3;
const report = new Report('cron', `cron: ${counts.hera} resident schedules, each once a minute`);

const results = {};
for (const [kind, count] of Object.entries(counts)) {
  if ((kind === 'node-cron' || kind === 'croner') && !(await peerModule(kind))) {
    report.skip(kind, 'not installed; npm ci --ignore-scripts --prefix benchmarks');
    continue;
  }
  results[kind] = { bytesEach: [], buildUsEach: [], cpuPercent: [], cpuUsPerFire: [] };
}
for (let round = 0; round < rounds; round += 1) {
  for (const kind of Object.keys(results)) await play(kind, counts[kind]);
}
for (const kind of Object.keys(results)) {
  const fields = Object.entries(results[kind]).filter(([, values]) => values.length > 0);
  report.figure(kind, Object.fromEntries(fields.map(([name, values]) => [name, median(values)])));
}
const of = (kind, name) => median(results[kind][name]);
if (results['node-cron']) {
  const bytes = of('hera', 'bytesEach') / of('node-cron', 'bytesEach');
  report.ratio('bytes per schedule ÷ node-cron', bytes, { atMost: 0.15, moonshot: 0.05 });
  report.ratio('bytes per whole job ÷ node-cron', of('jobs', 'bytesEach') / of('node-cron', 'bytesEach'));
  const cpu = of('hera', 'cpuUsPerFire') / of('node-cron', 'cpuUsPerFire');
  report.ratio('CPU per fire ÷ node-cron', cpu, { atMost: 0.3, moonshot: 0.05 });
}
report.done({ all: 'in memory' });

/** One process: builds, fires for a while, ends. */
async function play(kind, count) {
  const side = new Side(file);
  const built = await side.ask({ type: 'build', kind, count });
  report.check(`${kind}: ${count} are kept`, built.isKept);
  results[kind].bytesEach.push(built.bytesEach);
  results[kind].buildUsEach.push(built.buildUsEach);
  if (kind !== 'jobs') {
    const { fired, cpuPercent, cpuUsPerFire } = await side.ask({ type: 'fire', ms: fireMs });
    const due = (count / 60) * (fireMs / 1_000);
    const slack = (count / 60) * SLACK_S;
    const isRight = Math.abs(fired - due) <= slack && fired > 0;
    if (!isSmoke || kind === 'hera') report.check(`${kind}: ${fired} fires, ${due.toFixed(0)} due`, isRight);
    results[kind].cpuPercent.push(cpuPercent);
    results[kind].cpuUsPerFire.push(cpuUsPerFire);
  }
  await side.end();
}
