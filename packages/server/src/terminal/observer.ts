/** Log lines of the engine on stderr: warnings and errors, everything with HERA_LOG=debug or info. */
import type { Observer } from '@hera/core';
import type { CommandContext } from './command.js';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** An observer that writes one line for each message: `warn  message key=value`. */
export function observerOf({ terminal, environment }: CommandContext): Observer {
  const wanted = LEVELS.findIndex((level) => level === environment['HERA_LOG']);
  const least = wanted < 0 ? LEVELS.indexOf('warn') : wanted;
  return {
    log(level, message, facts = {}) {
      if (LEVELS.indexOf(level) < least) return;
      const tail = Object.entries(facts).map(
        ([key, value]) => ` ${key}=${JSON.stringify(value) ?? 'undefined'}`,
      );
      terminal.note(`${level.padEnd(5)} ${message}${tail.join('')}`);
    },
  };
}
