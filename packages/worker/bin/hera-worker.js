#!/usr/bin/env node
import { main } from '../dist/worker-program.js';

main();
