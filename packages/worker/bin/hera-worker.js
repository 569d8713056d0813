#!/usr/bin/env -S node --max-old-space-size=96
import { main } from '../dist/worker-program.js';

await main();
