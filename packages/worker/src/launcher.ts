/** Chooses who starts attempts on this host: the native shim where it is proved, else Node with `shim.sh`. */
import { resolve } from 'node:path';
import { silentObserver } from '@hera/core';
import type { Observer } from '@hera/core';
import { findNativeShim } from './native-shim.js';
import { NativeSpawner } from './native-spawner.js';
import { SpawnerClient } from './spawner-client.js';
import type { Launcher, SpawnerListener } from './spawner-messages.js';

/** What the choice depends on. */
export interface LauncherOptions {
  readonly home: string;
  readonly observer?: Observer;
  /** Which shim; default the native one where it works, else `shim.sh`, with one line of the log. */
  readonly shim?: 'native' | 'sh';
}

/** Makes a spawner's end; throws only when the native shim is asked for and does not work here. */
export function createLauncher(options: LauncherOptions, listener: SpawnerListener): Launcher {
  const home = resolve(options.home);
  if (options.shim === 'sh') return new SpawnerClient(home, listener);
  const native = findNativeShim(home);
  if ('path' in native) return new NativeSpawner(native.path, home, listener);
  if (options.shim === 'native') throw new Error(`The native shim does not work here: ${native.missing}.`);
  const observer = options.observer ?? silentObserver;
  observer.log('warn', 'attempts run under shim.sh, slower: no native shim', { because: native.missing });
  return new SpawnerClient(home, listener);
}
