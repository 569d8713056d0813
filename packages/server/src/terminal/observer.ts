/** Log lines of the engine on stderr: warnings and errors, everything with HERA_LOG=debug or info. */
import type { Observer } from '@hera/core';
import type { CommandContext } from './command.js';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
/** The same line again within this time is counted, not written. */
const REPEAT_MS = 10_000;
/** Lines that are remembered. */
const LINES_MAX = 1_000;

interface Written {
  at: number;
  repeats: number;
}

/** An observer that writes one line for each message: `warn  message key=value`. */
export function observerOf({ terminal, environment }: CommandContext): Observer {
  const wanted = LEVELS.findIndex((level) => level === environment['HERA_LOG']);
  const least = wanted < 0 ? LEVELS.indexOf('warn') : wanted;
  const written = new Map<string, Written>();
  return {
    log(level, message, facts = {}) {
      if (LEVELS.indexOf(level) < least) return;
      const tail = Object.entries(facts).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`);
      const line = `${level.padEnd(5)} ${message}${tail.join('')}`;
      const now = performance.now();
      const known = written.get(line);
      if (known !== undefined && now - known.at < REPEAT_MS) {
        known.repeats += 1;
        return;
      }
      terminal.note(known?.repeats ? `${line} (${known.repeats} more of it before)` : line);
      if (written.size >= LINES_MAX) written.clear();
      written.set(line, { at: now, repeats: 0 });
    },
  };
}
