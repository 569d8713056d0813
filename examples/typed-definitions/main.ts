/** Runs the typed jobs once: `npx tsx examples/typed-definitions/main.ts`. */
import { createHera } from '@hera/core';
import { orders, report } from './jobs.js';

const hera = createHera({ jobs: [orders, report] });
await hera.start();
const { phase, runs } = await hera.runGraph('+report', { params: { region: 'eu', limit: 7 } });
for (const { run, value } of runs) console.log(run.split('@')[0], JSON.stringify(value));
console.log(phase);
await hera.stop();
