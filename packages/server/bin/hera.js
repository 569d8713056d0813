#!/usr/bin/env node
// Committed, because npm links a workspace's commands before anything is built.
import { existsSync } from 'node:fs';

const main = new URL('../dist/cli/main.js', import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  console.error('hera is not built yet: run `npm run build` in the repository');
  process.exitCode = 1;
}
