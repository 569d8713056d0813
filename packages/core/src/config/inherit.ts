/**
 * What a job has from itself and from the groups above it. Config and policy go by the same rule: the
 * nearest layer that says something wins, and what it said it from is kept, so that a page can show where a
 * value comes from.
 */
import type { ConfigDefinition } from '../model/job.js';

/** Plain text, or the name of a secret: a reference, never its text. */
export type ConfigValue = string | { readonly secret: string };

/** The config that one place sets. */
export interface ConfigLayer {
  /** `job dws_gmv`, `group dw/dws`; the root group is `group ` with nothing behind it. */
  readonly origin: string;
  readonly config: Readonly<Record<string, ConfigValue>>;
}

/** A key's value in force. */
export interface ConfigEntry {
  readonly value: ConfigValue;
  /** Origin of the layer that set it. */
  readonly origin: string;
}

/** The result of inheritance, by key. */
export interface EffectiveConfig {
  readonly entries: ReadonlyMap<string, ConfigEntry>;
}

/** A layer from a definition: numbers and truth values become their text. */
export function configLayer(origin: string, definition: ConfigDefinition = {}): ConfigLayer {
  const config = Object.entries(definition).map(([key, value]) => [
    key,
    typeof value === 'object' ? { secret: value.secret } : String(value),
  ]);
  return { origin, config: Object.fromEntries(config) as Record<string, ConfigValue> };
}

/**
 * Merges layers, nearest first. In area `EU` the key `EU.db` also gives `db`, but only where no layer,
 * however far, sets a plain `db`. Keys of all areas stay visible by their full name.
 */
export function inheritConfig(layers: readonly ConfigLayer[], area?: string): EffectiveConfig {
  const entries = new Map<string, ConfigEntry>();
  for (const { origin, config } of layers) {
    for (const [key, value] of Object.entries(config)) {
      if (!entries.has(key)) entries.set(key, { value, origin });
    }
  }
  if (area === undefined || area === '') return { entries };
  const prefix = `${area}.`;
  for (const [key, entry] of [...entries]) {
    const plain = key.slice(prefix.length);
    if (key.startsWith(prefix) && plain !== '' && !entries.has(plain)) entries.set(plain, entry);
  }
  return { entries };
}

/** What one place says about policy. */
export interface PolicyLayer<P extends object> {
  readonly origin: string;
  readonly policy: Partial<P>;
}

/** The policy in force, and for each setting the origin of the layer it is from. */
export interface EffectivePolicy<P extends object> {
  readonly policy: Partial<P>;
  readonly origins: Readonly<Partial<Record<keyof P, string>>>;
}

/**
 * Merges layers, nearest first, setting by setting: a `retry` of a job replaces the whole `retry` of its
 * group. A setting that is undefined says nothing.
 */
export function inheritPolicy<P extends object>(layers: readonly PolicyLayer<P>[]): EffectivePolicy<P> {
  const policy: Partial<P> = {};
  const origins: Partial<Record<keyof P, string>> = {};
  for (const layer of layers) {
    for (const key of Object.keys(layer.policy) as (keyof P)[]) {
      const value = layer.policy[key];
      if (value === undefined || Object.hasOwn(origins, key)) continue;
      policy[key] = value;
      origins[key] = layer.origin;
    }
  }
  return { policy, origins };
}
