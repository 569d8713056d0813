/**
 * Settings of a server on one machine: one table of environment variables, checked before anything starts.
 */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { SchedulerError } from '@hera/core';

/** Settings after reading, with units in their names. */
export interface ServerConfig {
  /** Holds everything that a local start writes. */
  readonly home: string;
  readonly host: string;
  /** The first port that is tried; 0 lets the system choose. */
  readonly port: number;
  /** Attempts at once on this machine. */
  readonly slots: number;
  /** Region of the installation; empty is none. */
  readonly area: string;
  /** Zone of schedules that name none. */
  readonly zone: string;
}

/** One environment variable: what it is when it is not set, what it may be, and what it is for. */
export interface Variable<T> {
  readonly fallback: () => string;
  readonly read: (text: string) => T | undefined;
  readonly expected: string;
  readonly description: string;
}

/** Any text. */
export const text = (value: string) => value;
/** A whole number within bounds, both included. */
export const numberIn = (min: number, max: number) => (value: string) =>
  /^\d{1,6}$/.test(value) && Number(value) >= min && Number(value) <= max ? Number(value) : undefined;

/** Every variable that a server reads. */
export const VARIABLES = {
  HERA_HOME: {
    fallback: () => '.hera',
    read: (value: string) => resolve(value),
    expected: 'a folder',
    description: 'Folder for store, logs and keys; default .hera in the current folder.',
  },
  HERA_HOST: {
    fallback: () => '127.0.0.1',
    read: (value: string) => (/^(localhost|127(\.\d{1,3}){3}|::1)$/.test(value) ? value : undefined),
    expected: 'a loopback address such as 127.0.0.1: other machines may not reach a local start',
    description: 'Loopback address to listen on; default 127.0.0.1.',
  },
  HERA_PORT: {
    fallback: () => '8080',
    read: numberIn(0, 65_535),
    expected: 'a port from 0 to 65535',
    description: 'Port to listen on; the next free one if it is taken. Default 8080.',
  },
  HERA_SLOTS: {
    fallback: () => String(availableParallelism()),
    read: numberIn(1, 10_000),
    expected: 'a whole number from 1 to 10000',
    description: 'Attempts at once on this machine; default the number of cores.',
  },
  HERA_AREA: {
    fallback: () => '',
    read: text,
    expected: 'the name of an area',
    description: 'Region of this installation; jobs of other areas count as done. Default none.',
  },
  HERA_ZONE: {
    fallback: () => 'UTC',
    read: text,
    expected: 'a time zone',
    description: 'Zone of schedules that name none; default UTC.',
  },
} as const satisfies Readonly<Record<string, Variable<string | number>>>;

type Table = Readonly<Record<string, Variable<string | number>>>;
type Values<T extends Table> = {
  readonly [Name in keyof T]: Exclude<ReturnType<T[Name]['read']>, undefined>;
};

/** Reads all variables of a table; OPTION_INVALID names the variable and what it may be. */
export function readVariables<T extends Table>(
  table: T,
  environment: Readonly<Record<string, string | undefined>>,
): Values<T> {
  const entries = Object.entries(table).map(([name, variable]) => {
    const given = environment[name];
    const value = variable.read(given === undefined || given === '' ? variable.fallback() : given);
    if (value !== undefined) return [name, value];
    // What is given may be a secret, so only what may be is said.
    const found = /SECRET|STORE/.test(name) ? 'is not usable' : `is "${given ?? ''}"`;
    const message = `${name} ${found}; it must be ${variable.expected}`;
    throw new SchedulerError('OPTION_INVALID', message, { option: name, expected: variable.expected });
  });
  return Object.fromEntries(entries) as Values<T>;
}

/** Reads the environment; OPTION_INVALID names the variable and what it may be. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): ServerConfig {
  const values = readVariables(VARIABLES, environment);
  return {
    home: values.HERA_HOME,
    host: values.HERA_HOST,
    port: values.HERA_PORT,
    slots: values.HERA_SLOTS,
    area: values.HERA_AREA,
    zone: values.HERA_ZONE,
  };
}
