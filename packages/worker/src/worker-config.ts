/**
 * Settings of `hera-worker`: flags, before `HERA_WORKER_*`, before the file, before what the enrolment set,
 * before defaults. One table says them all; the text of `--help` and `docs` come from it.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism, hostname } from 'node:os';
import { join, resolve } from 'node:path';

/** A setting that cannot be used; the message names where it was found, what was found, and the rule. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Where a server is reached; `publicKey` for tcp. */
export interface WorkerServer {
  readonly address: string;
  readonly publicKey?: string;
}

/** All settings, checked. */
export interface WorkerConfig {
  readonly home: string;
  /** Name of the worker; null for that of the enrolment, or the host's. */
  readonly worker: string | null;
  /** Empty for those of the enrolment. */
  readonly servers: readonly WorkerServer[];
  /** Text of the token to enrol by; null when it has enrolled, or needs no keys. */
  readonly token: string | null;
  readonly slots: number;
  /** Null for those of the enrolment. */
  readonly pools: readonly string[] | null;
  readonly labels: Readonly<Record<string, string>> | null;
  /** Of one log, MiB. */
  readonly logMib: number;
  /** Of all logs, MiB. */
  readonly logsMib: number;
  readonly pulseMs: number | null;
  /** Told to stop, waits for what runs. */
  readonly wait: boolean;
}

interface Setting {
  readonly flag: string;
  readonly variable: string;
  readonly meaning: string;
}

/** Every setting but `--wait`, in the order of the help. */
export const WORKER_SETTINGS: readonly Setting[] = [
  { flag: 'home', variable: 'HERA_WORKER_HOME', meaning: 'folder for all it writes; .hera-worker' },
  { flag: 'name', variable: 'HERA_WORKER_NAME', meaning: "name of the worker; the host's" },
  {
    flag: 'servers',
    variable: 'HERA_WORKER_SERVERS',
    meaning: 'tcp://host:port or ipc:///path of each server, with commas; that of a tcp one, #KEY behind it',
  },
  { flag: 'token', variable: 'HERA_WORKER_TOKEN', meaning: 'token to enrol by, once' },
  { flag: 'slots', variable: 'HERA_WORKER_SLOTS', meaning: 'attempts at once; two for each core' },
  { flag: 'pools', variable: 'HERA_WORKER_POOLS', meaning: 'names of pools, with commas' },
  { flag: 'labels', variable: 'HERA_WORKER_LABELS', meaning: 'key=value of each label, with commas' },
  { flag: 'log-mib', variable: 'HERA_WORKER_LOG_MIB', meaning: 'MiB of one log at most; 256' },
  { flag: 'logs-mib', variable: 'HERA_WORKER_LOGS_MIB', meaning: 'MiB of all logs on this disk; 4096' },
  { flag: 'pulse-ms', variable: 'HERA_WORKER_PULSE_MS', meaning: 'ms between signs of life; 4000' },
];

/** Reads and checks all settings. @throws ConfigError */
export function readWorkerConfig(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): WorkerConfig {
  const flags = readFlags(args);
  const file = readConfigFile(flags.get('config') ?? env['HERA_WORKER_CONFIG']);
  const find = (flag: string): Found | null => {
    const variable = WORKER_SETTINGS.find((setting) => setting.flag === flag)?.variable ?? '';
    const given = flags.get(flag);
    if (given !== undefined) return { text: given, place: `--${flag}` };
    if (env[variable]) return { text: env[variable], place: variable };
    const kept = file.get(flag);
    return kept === undefined ? null : { text: kept, place: `"${flag}" in the file` };
  };
  const number = (flag: string, fallback: number, max: number) => numberOf(find(flag), fallback, max);
  const list = (flag: string) =>
    find(flag)
      ?.text.split(',')
      .filter((part) => part !== '') ?? null;
  return {
    home: resolve(find('home')?.text ?? '.hera-worker'),
    worker: find('name')?.text ?? null,
    servers: (list('servers') ?? []).map(serverOf),
    token: find('token')?.text ?? null,
    slots: number('slots', availableParallelism() * 2, 10_000),
    pools: list('pools'),
    labels: labelsOf(find('labels')),
    logMib: number('log-mib', 256, 1_048_576),
    logsMib: number('logs-mib', 4_096, 1_048_576),
    pulseMs: find('pulse-ms') === null ? null : number('pulse-ms', 0, 60_000),
    wait: flags.has('wait'),
  };
}

/** The file with what the enrolment gave. */
export const identityFile = (home: string) => join(home, 'identity.json');

/** A name that every transport takes. */
export const hostName = () =>
  hostname()
    .replace(/[^A-Za-z0-9._-]/g, '-')
    .slice(0, 63);

interface Found {
  readonly text: string;
  readonly place: string;
}

function readFlags(args: readonly string[]): ReadonlyMap<string, string> {
  const known = new Set(['config', ...WORKER_SETTINGS.map(({ flag }) => flag)]);
  const flags = new Map<string, string>();
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] ?? '';
    const [, flag = '', , value] = /^--([a-z-]+)(=(.*))?$/s.exec(word) ?? [];
    if (flag === 'wait') flags.set(flag, '');
    else if (!known.has(flag)) throw new ConfigError(`"${word}" is no setting of hera-worker; see --help.`);
    else {
      const given = value ?? args[(at += 1)];
      if (given === undefined) throw new ConfigError(`--${flag} needs a value.`);
      flags.set(flag, given);
    }
  }
  return flags;
}

/** JSON: an object with a flag's name for each setting; lists and numbers may be written as such. */
function readConfigFile(path: string | undefined): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  if (!path) return settings;
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ConfigError(`${path} cannot be read as JSON: ${String(error)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ConfigError(`${path} must hold an object.`);
  }
  for (const [flag, entry] of Object.entries(value as Record<string, unknown>)) {
    if (!WORKER_SETTINGS.some((setting) => setting.flag === flag)) {
      throw new ConfigError(`${path} has "${flag}", which is no setting of hera-worker.`);
    }
    settings.set(flag, textOf(entry));
  }
  return settings;
}

function textOf(entry: unknown): string {
  if (Array.isArray(entry)) return entry.map(String).join(',');
  if (typeof entry !== 'object' || entry === null) return String(entry);
  return Object.entries(entry)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',');
}

function numberOf(found: Found | null, fallback: number, max: number): number {
  if (found === null) return fallback;
  const value = Number(found.text);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new ConfigError(`${found.place} is "${found.text}"; it must be a whole number from 1 to ${max}.`);
}

function serverOf(text: string): WorkerServer {
  const cut = text.indexOf('#');
  return cut < 0 ? { address: text } : { address: text.slice(0, cut), publicKey: text.slice(cut + 1) };
}

function labelsOf(found: Found | null): Readonly<Record<string, string>> | null {
  if (found === null) return null;
  const pairs = found.text.split(',').filter((part) => part !== '');
  return Object.fromEntries(
    pairs.map((pair) => {
      const cut = pair.indexOf('=');
      if (cut > 0) return [pair.slice(0, cut), pair.slice(cut + 1)];
      throw new ConfigError(`${found.place} has "${pair}"; a label is key=value.`);
    }),
  );
}
