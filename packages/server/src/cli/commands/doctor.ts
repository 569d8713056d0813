/** `hera doctor`: what this machine has for running jobs, and what to do about what it lacks. */
import { execFile } from 'node:child_process';
import { access, constants, mkdir, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { readConfig } from '../../config.js';
import type { ServerConfig } from '../../config.js';
import type { CommandFunction } from '../../terminal/command.js';
import { EXIT } from '../../terminal/exit.js';

interface Finding {
  readonly name: string;
  readonly ok: boolean;
  /** Hera works without it. */
  readonly optional: boolean;
  readonly found: string;
  readonly cure: string;
}

const NODE_MIN = [20, 19] as const;
const FREE_BYTES_MIN = 1_073_741_824;
const PROGRAM_TIMEOUT_MS = 5_000;

export const doctor: CommandFunction<object> = async ({ terminal, environment }) => {
  const config = readConfig(environment);
  const findings = [
    nodeVersion(),
    await homeWritable(config),
    await freeSpace(config),
    await sqliteDriver(),
    await port(config),
    ...(await Promise.all(PROGRAMS.map(program))),
  ];
  terminal.list(findings, [
    { title: '', cell: ({ ok, optional }) => (ok ? '✓' : optional ? '-' : '✗') },
    { title: 'check', cell: ({ name }) => name },
    {
      title: 'state',
      cell: ({ ok }) => (ok ? terminal.texts.ok : terminal.texts.missing),
    },
    { title: 'found', cell: ({ ok, found, cure }) => (ok || cure === '' ? found : `${found}: ${cure}`) },
  ]);
  return findings.every(({ ok, optional }) => ok || optional) ? EXIT.done : EXIT.unexpected;
};

function nodeVersion(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1]);
  const cure = `install Node.js ${NODE_MIN.join('.')} or newer`;
  return { name: 'node', ok, optional: false, found: process.version, cure };
}

async function homeWritable({ home }: ServerConfig): Promise<Finding> {
  const base = { name: 'HERA_HOME', optional: false, found: home };
  try {
    await mkdir(home, { recursive: true, mode: 0o700 });
    await access(home, constants.W_OK);
    return { ...base, ok: true, cure: '' };
  } catch (error) {
    return { ...base, ok: false, cure: `cannot be written (${(error as Error).message}); set HERA_HOME` };
  }
}

async function freeSpace({ home }: ServerConfig): Promise<Finding> {
  try {
    const { bavail, bsize, files, ffree } = await statfs(home);
    const free = bavail * bsize;
    const found = `${(free / FREE_BYTES_MIN).toFixed(1)} GiB free${files > 0 ? `, ${ffree} inodes` : ''}`;
    const ok = free >= FREE_BYTES_MIN && (files === 0 || ffree > 1_000);
    return { name: 'disk', ok, optional: false, found, cure: 'logs and store need at least 1 GiB' };
  } catch (error) {
    return { name: 'disk', ok: false, optional: false, found: home, cure: (error as Error).message };
  }
}

async function sqliteDriver(): Promise<Finding> {
  try {
    await import('@hera/store-sqlite');
    return { name: 'sqlite', ok: true, optional: false, found: 'driver loads', cure: '' };
  } catch (error) {
    const cure = `no driver for ${process.platform}-${process.arch}: ${(error as Error).message}`;
    return { name: 'sqlite', ok: false, optional: false, found: 'driver', cure };
  }
}

async function port({ host, port: wanted }: ServerConfig): Promise<Finding> {
  const server = createServer();
  const isFree = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false)).listen(wanted, host, () => resolve(true));
  });
  server.close();
  const found = `${host}:${wanted} ${isFree ? 'is free' : 'is taken'}`;
  return { name: 'port', ok: isFree, optional: true, found, cure: '`hera up` takes the next free one' };
}

const PROGRAMS: readonly { readonly name: string; readonly needed: boolean; readonly why: string }[] = [
  { name: 'bash', needed: true, why: 'runs jobs of kind shell; install bash' },
  { name: 'python3', needed: false, why: 'runs jobs of kind python' },
];

async function program({ name, needed, why }: (typeof PROGRAMS)[number]): Promise<Finding> {
  try {
    const { stdout } = await promisify(execFile)(name, ['--version'], { timeout: PROGRAM_TIMEOUT_MS });
    return { name, ok: true, optional: !needed, found: stdout.split('\n')[0] ?? '', cure: '' };
  } catch {
    return { name, ok: false, optional: !needed, found: 'not on the PATH', cure: why };
  }
}
