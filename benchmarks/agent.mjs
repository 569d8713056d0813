/**
 * What does a worker weigh while it runs 200 attempts? Resident memory, from /proc, of the agent, of the
 * spawner, and of one shim with its step; the attempts sleep. The engine is in this process and not counted.
 *
 * Not measured: attempts that write, and functions, which bring their own needs.
 */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHera, createMemoryStore, defineJob } from '../packages/core/dist/index.js';
import { createLocalLogStore, startLocalAgent } from '../packages/worker/dist/index.js';
import { Report, sized } from './lib/report.mjs';

const attempts = sized(200, 20);
const AGENT_MB = 120;
const SPAWNER_MB = 60;
const report = new Report('agent', `agent: memory of a worker with ${attempts} attempts running`);
const folder = mkdtempSync(join(tmpdir(), 'hera-bench-agent-'));
const logs = createLocalLogStore({ dir: folder });
const home = join(folder, 'agent');
const agent = await startLocalAgent({ home, slots: attempts, pools: ['default'], logs });
const jobs = Array.from({ length: attempts }, (_, i) =>
  defineJob(`sleep-${i}`, { kind: 'shell', script: 'echo ready; exec sleep 600' }),
);
const hera = createHera({ jobs, slots: 0, store: createMemoryStore(), transport: agent.transport });
await hera.start();
await hera.submit('sleep-*');

const statOf = (pid) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
const megabytes = (pid) =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;
function childrenOf(parent) {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && Number(statOf(pid)[1]) === parent;
    } catch {
      return false;
    }
  });
}

const { pid } = agent.profile;
let shims = [];
const giveUpAt = performance.now() + 60_000;
while (shims.length < attempts && performance.now() < giveUpAt) {
  await new Promise((wake) => setTimeout(wake, 200));
  shims = childrenOf(pid).flatMap((child) => childrenOf(Number(child)));
}
report.check(`${shims.length} of ${attempts} attempts run`, shims.length === attempts);
const [spawner] = childrenOf(pid);
report.figure('shim, MB', megabytes(shims[0]));
report.ratio('agent, MB', megabytes(pid), { atMost: AGENT_MB });
report.ratio('spawner, MB', megabytes(spawner), { atMost: SPAWNER_MB });
await hera.stop({ deadlineMs: 0 });
await agent.stop({ kill: true });
rmSync(folder, { recursive: true, force: true });
report.done({});
