// @ts-check
/**
 * MariaDB servers for tests: real ones, each in a temporary folder of its own with a socket and a port, no
 * service and no configuration of the machine. Ready in about a second; the folder goes with the server.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from './find-program.mjs';

const NAMES = ['mariadbd'];
const FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/usr/libexec'];
const SHARES = ['/usr/share/mysql', '/usr/share/mariadb'];
const GALERA_LIBRARIES = ['/usr/lib/galera/libgalera_smm.so', '/usr/lib64/galera-4/libgalera_smm.so'];
/** A freshly made server is ready in a second; one that mends its files after a kill may take longer. */
const READY_MS = 60_000;
const LOOK_MS = 20;

/**
 * A running server.
 *
 * @typedef {object} MariadbServer
 * @property {string} socketPath
 * @property {number} port
 * @property {string} user
 * @property {string} password
 * @property {string} folder Its files; `error.log` among them.
 * @property {() => number} pid
 * @property {(signal: NodeJS.Signals) => void} signal Sends a signal to the server.
 * @property {() => Promise<void>} kill Ends it at once, as a loss of power would; its files stay.
 * @property {(args?: readonly string[]) => Promise<void>} start Starts it again on its files.
 * @property {() => Promise<void>} stop Ends it and takes its folder away.
 */

/** Path of a MariaDB server to run, or null; `HERA_MARIADBD` names another one. */
export function findMariadb() {
  return process.env['HERA_MARIADBD'] ?? findProgram(NAMES, FOLDERS);
}

/** Path of the Galera library, or null. */
export function findGalera() {
  return GALERA_LIBRARIES.find((path) => existsSync(path)) ?? null;
}

/**
 * Makes a database folder and starts a server on it. The user has all rights, over the socket and over TCP on
 * 127.0.0.1. `args` are further arguments of the server.
 *
 * @param {readonly string[]} [args]
 * @returns {Promise<MariadbServer>}
 */
export async function startMariadb(args = []) {
  const program = findMariadb();
  if (program === null) throw new Error('no mariadbd: apt-get install mariadb-server-core');
  const folder = mkdtempSync(join(tmpdir(), 'hera-mariadb-'));
  const socketPath = join(folder, 'sock');
  const port = await freePort();
  makeFiles(program, folder);
  const common = [
    ...commonArgs(folder),
    `--socket=${socketPath}`,
    '--bind-address=127.0.0.1',
    `--port=${port}`,
    `--init-file=${join(folder, 'users.sql')}`,
    '--skip-name-resolve',
    '--performance-schema=OFF',
    '--innodb-buffer-pool-size=256M',
    `--log-error=${join(folder, 'error.log')}`,
  ];
  /** @type {import('node:child_process').ChildProcess | null} */
  let child = null;
  const end = () => child?.kill('SIGKILL');

  /** @type {(signal: NodeJS.Signals) => Promise<void>} */
  const endBy = async (signal) => {
    const ending = child;
    child = null;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const exit = once(ending, 'exit');
    // One that is stopped takes no other signal.
    ending.kill('SIGCONT');
    ending.kill(signal);
    await exit;
  };
  /** @type {(more?: readonly string[]) => Promise<void>} */
  const start = async (more = []) => {
    const output = openSync(join(folder, 'output.log'), 'a');
    const started = spawn(program, [...common, ...args, ...more], { stdio: ['ignore', output, output] });
    child = started;
    await ready(started, socketPath, folder);
  };
  process.on('exit', end);
  await start();
  return {
    socketPath,
    port,
    user: 'hera',
    password: 'hera',
    folder,
    pid: () => child?.pid ?? 0,
    signal: (signal) => void child?.kill(signal),
    kill: () => endBy('SIGKILL'),
    start,
    async stop() {
      process.off('exit', end);
      await endBy('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A port of 127.0.0.1 that nobody listens on. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

/** @param {string} folder */
function commonArgs(folder) {
  const asRoot = process.getuid?.() === 0 ? ['--user=root'] : [];
  return ['--no-defaults', ...asRoot, `--datadir=${join(folder, 'data')}`];
}

/**
 * The system tables, as the package's own installer makes them; it needs programs of the client's package.
 *
 * @param {string} program
 * @param {string} folder
 */
function makeFiles(program, folder) {
  mkdirSync(join(folder, 'data'));
  const share = SHARES.find((path) => existsSync(join(path, 'mysql_system_tables.sql')));
  if (share === undefined) throw new Error('the SQL of the system tables is not there');
  const files = ['mysql_system_tables.sql', 'mysql_performance_tables.sql', 'mysql_system_tables_data.sql'];
  const input = [
    'CREATE DATABASE mysql;',
    'USE mysql;',
    ...files.map((file) => readFileSync(join(share, file), 'utf8')),
    '',
  ].join('\n');
  const { status, stderr } = spawnSync(program, [...commonArgs(folder), '--bootstrap'], {
    input,
    encoding: 'utf8',
  });
  if (status !== 0)
    throw new Error(`mariadbd --bootstrap failed: ${stderr.split('\n').slice(-5).join('\n')}`);
  const users = ['localhost', '127.0.0.1'].flatMap((host) => [
    `CREATE USER IF NOT EXISTS hera@'${host}' IDENTIFIED BY 'hera';`,
    `GRANT ALL ON *.* TO hera@'${host}' WITH GRANT OPTION;`,
  ]);
  writeFileSync(join(folder, 'users.sql'), `${users.join('\n')}\n`);
}

/**
 * Resolves when the server greets who connects.
 *
 * @param {import('node:child_process').ChildProcess} child
 * @param {string} socketPath
 * @param {string} folder
 */
async function ready(child, socketPath, folder) {
  const end = performance.now() + READY_MS;
  while (!(await greets(socketPath))) {
    if (child.exitCode === null && child.signalCode === null && performance.now() < end) {
      await new Promise((resolve) => void setTimeout(resolve, LOOK_MS));
      continue;
    }
    child.kill('SIGKILL');
    const log = join(folder, 'error.log');
    const text = existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(-15).join('\n') : '';
    throw new Error(`mariadbd did not start:\n${text}`);
  }
}

/**
 * @param {string} socketPath
 * @returns {Promise<boolean>}
 */
function greets(socketPath) {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    const tell = (/** @type {boolean} */ isGreeted) => {
      socket.destroy();
      resolve(isGreeted);
    };
    socket.setTimeout(1_000, () => tell(false));
    socket.once('data', () => tell(true));
    socket.once('error', () => tell(false));
    socket.once('end', () => tell(false));
  });
}
