/** Settings of a server that is one of several, or whose workers are on other machines. */
import { resolve } from 'node:path';
import { numberIn, readVariables, text, VARIABLES } from './config.js';
import type { Variable } from './config.js';

/** Settings after reading, with units in their names. */
export interface ClusterConfig {
  readonly home: string;
  readonly host: string;
  readonly port: number;
  readonly area: string;
  readonly zone: string;
  /** `sqlite`, or `mysql://user:password@host:port/database`. */
  readonly store: string;
  /** Address under which people and other servers reach this one; empty is that of host and port. */
  readonly publicUrl: string;
  /** What servers know each other by; empty where there is only this one. */
  readonly secret: string;
  /** Where workers connect. */
  readonly workers: string;
  /** Where workers send their output. */
  readonly workerLogs: string;
  /** Where workers reach all servers; empty is this one alone. */
  readonly workersAt: readonly string[];
  /** Folder of the server's own keys, where no secret stands for them. */
  readonly keys: string;
  /** 0 is what suits the store. */
  readonly leaseMs: number;
}

const SECRET_LENGTH_MIN = 32;
const LEASE_MS_MIN = 500;
const endpoint = (value: string) => (/^(tcp|ipc):\/\/\S+$/.test(value) ? value : undefined);

/** Every variable that `hera server` reads. */
export const CLUSTER_VARIABLES = {
  HERA_HOME: VARIABLES.HERA_HOME,
  HERA_HOST: {
    fallback: () => '127.0.0.1',
    read: (value: string) => (/^[0-9a-z.:-]+$/i.test(value) ? value : undefined),
    expected: 'an address of this machine',
    description: 'Address to listen on; default 127.0.0.1. Put a proxy with TLS before any other.',
  },
  HERA_PORT: {
    ...VARIABLES.HERA_PORT,
    description: 'Port to listen on; default 8080. Another is not tried: others must find this server.',
  },
  HERA_AREA: VARIABLES.HERA_AREA,
  HERA_ZONE: VARIABLES.HERA_ZONE,
  HERA_STORE: {
    fallback: () => 'sqlite',
    read: (value: string) => (value === 'sqlite' || /^mysql:\/\/./.test(value) ? value : undefined),
    expected: '"sqlite" or "mysql://user:password@host:port/database"',
    description: 'Where everything is kept; default sqlite in HERA_HOME. Several servers need a database.',
  },
  HERA_PUBLIC_URL: {
    fallback: () => '',
    read: (value: string) => (value === '' || isOrigin(value) ? value : undefined),
    expected: 'an address such as https://hera.example.com',
    description: 'Address of this server for people and other servers; default that of host and port.',
  },
  HERA_CLUSTER_SECRET: {
    fallback: () => '',
    read: (value: string) => (value === '' || value.length >= SECRET_LENGTH_MIN ? value : undefined),
    expected: `at least ${SECRET_LENGTH_MIN} characters, the same for all servers`,
    description: 'What servers on one database know each other by; required with mysql.',
  },
  HERA_WORKERS: {
    fallback: () => 'tcp://127.0.0.1:7070',
    read: endpoint,
    expected: 'an address such as tcp://0.0.0.0:7070',
    description: 'Where workers connect; default tcp://127.0.0.1:7070.',
  },
  HERA_WORKER_LOGS: {
    fallback: () => 'tcp://127.0.0.1:7071',
    read: endpoint,
    expected: 'an address such as tcp://0.0.0.0:7071',
    description: 'Where workers send the output of attempts; default tcp://127.0.0.1:7071.',
  },
  HERA_WORKERS_AT: {
    fallback: () => '',
    read: (value: string) => (value.split(',').every((at) => at === '' || endpoint(at)) ? value : undefined),
    expected: 'addresses such as tcp://a.example.com:7070,tcp://b.example.com:7070',
    description: 'Where workers reach all servers, told to those that enrol; default HERA_WORKERS.',
  },
  HERA_KEYS: {
    fallback: () => '',
    read: text,
    expected: 'a folder',
    description: "Folder of the server's keys when there is no secret; default keys in HERA_HOME.",
  },
  HERA_LEASE_MS: {
    fallback: () => '0',
    read: (value: string) => (value === '0' ? 0 : numberIn(LEASE_MS_MIN, 600_000)(value)),
    expected: 'a time of 500 to 600000 ms, or 0',
    description: 'How long a leader that is not heard of keeps the lead; default what suits the store.',
  },
} as const satisfies Readonly<Record<string, Variable<string | number>>>;

/** Reads the environment; OPTION_INVALID names the variable and what it may be. */
export function readClusterConfig(environment: Readonly<Record<string, string | undefined>>): ClusterConfig {
  const values = readVariables(CLUSTER_VARIABLES, environment);
  return {
    home: values.HERA_HOME,
    host: values.HERA_HOST,
    port: values.HERA_PORT,
    area: values.HERA_AREA,
    zone: values.HERA_ZONE,
    store: values.HERA_STORE,
    publicUrl: values.HERA_PUBLIC_URL,
    secret: values.HERA_CLUSTER_SECRET,
    workers: values.HERA_WORKERS,
    workerLogs: values.HERA_WORKER_LOGS,
    workersAt: values.HERA_WORKERS_AT.split(',').filter((at) => at !== ''),
    keys: values.HERA_KEYS === '' ? resolve(values.HERA_HOME, 'keys') : resolve(values.HERA_KEYS),
    leaseMs: values.HERA_LEASE_MS,
  };
}

const isOrigin = (value: string) =>
  /^https?:\/\//.test(value) && URL.canParse(value) && new URL(value).origin === value;
