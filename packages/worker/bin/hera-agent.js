#!/usr/bin/env node
import { main } from '../dist/agent-program.js';

await main();
