/**
 * A store in one file: every change is a line, and opening the file plays the lines back. It shows how little
 * a Store has to do: the rows lie in core's memory store, and what is left is to write before answering.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { createMemoryStore } from '@hera/core';

/**
 * Opens the store in that file, or begins it.
 *
 * @param {string} path
 * @param {{ now?: () => number }} [options]
 * @returns {Promise<import('@hera/core').Store>}
 */
export async function openFileStore(path, { now = Date.now } = {}) {
  /** The time of the line that is played back; afterwards the real one. */
  let playedAt = 0;
  let isPlaying = true;
  const memory = createMemoryStore({ now: () => (isPlaying ? playedAt : now()) });

  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  // A crash in the middle of a line leaves one that was never answered: it did not happen.
  for (const line of lines.slice(0, -1)) {
    const { at, method, args } = JSON.parse(line);
    playedAt = at;
    await memory[method](...args);
  }
  isPlaying = false;

  const file = openSync(path, 'a');
  const write = (method, args) => {
    writeSync(file, `${JSON.stringify({ at: now(), method, args })}\n`);
    fsyncSync(file);
  };

  return {
    ...memory,
    async acquireLease(...args) {
      const lease = await memory.acquireLease(...args);
      if (lease.holder === args[0]) write('acquireLease', args);
      return lease;
    },
    async releaseLease(...args) {
      write('releaseLease', args);
      await memory.releaseLease(...args);
    },
    async commit(...args) {
      const answer = await memory.commit(...args);
      if (answer === 'applied') write('commit', args);
      return answer;
    },
    async putCommand(...args) {
      write('putCommand', args);
      await memory.putCommand(...args);
    },
    async close() {
      await memory.close();
      closeSync(file);
    },
  };
}
