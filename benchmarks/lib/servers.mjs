/**
 * The servers that peers need, in folders of their own under the temporary folder, on private sockets,
 * without touching any that the machine runs; stopped and removed at the end. What is missing is skipped.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const POSTGRES_ROOT = '/usr/lib/postgresql';
const START_LIMIT_MS = 20_000;

function findProgram(name, folders = []) {
  const path = (process.env.PATH ?? '').split(delimiter);
  for (const folder of [...folders, ...path]) {
    try {
      const file = join(folder, name);
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not there: look on.
    }
  }
  return null;
}

/** Whether a module of benchmarks/package.json is installed. */
export async function peerModule(name) {
  try {
    return await import(name);
  } catch {
    return null;
  }
}

async function until(isReady, what) {
  const end = Date.now() + START_LIMIT_MS;
  while (!isReady()) {
    if (Date.now() > end) throw new Error(`${what} did not start within ${START_LIMIT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function stopped(child, signal) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await exit;
}

/**
 * Redis with an append-only file synced every second, its own default for durable queues; null without one.
 */
export async function startRedis() {
  const program = findProgram('redis-server');
  if (!program) return null;
  const folder = mkdtempSync(join(tmpdir(), 'hera-bench-redis-'));
  const socket = join(folder, 'redis.sock');
  const settings = ['--port', '0', '--unixsocket', socket, '--dir', folder, '--save', ''];
  const durable = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--maxmemory-policy', 'noeviction'];
  const child = spawn(program, [...settings, ...durable], { stdio: 'ignore' });
  await until(() => existsSync(socket), 'redis-server');
  return {
    socket,
    pid: child.pid,
    durability: 'Redis appendonly, appendfsync everysec: up to a second may be lost',
    async stop() {
      await stopped(child, 'SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL as it comes, fsync on; null without one. It refuses to run as root, so another user does it. */
export async function startPostgres() {
  const versions = existsSync(POSTGRES_ROOT) ? readdirSync(POSTGRES_ROOT) : [];
  const folders = versions.map((version) => join(POSTGRES_ROOT, version, 'bin'));
  const initdb = findProgram('initdb', folders);
  const postgres = findProgram('postgres', folders);
  if (!initdb || !postgres) return null;
  const as = lowerUser();
  if (!as) return null;
  const folder = mkdtempSync(join(tmpdir(), 'hera-bench-postgres-'));
  chmodSync(folder, 0o700);
  if (as.uid !== undefined) chownSync(folder, as.uid, as.gid);
  const options = { cwd: folder, ...as };
  const files = join(folder, 'data');
  const made = spawnSync(initdb, ['-D', files, '-A', 'trust', '-U', 'bench', '--no-sync'], {
    ...options,
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
  const child = spawn(
    postgres,
    ['-D', files, '-c', 'listen_addresses=', '-c', `unix_socket_directories=${folder}`],
    {
      ...options,
      stdio: 'ignore',
    },
  );
  await until(() => existsSync(join(folder, '.s.PGSQL.5432')), 'postgres');
  return {
    url: `postgres:///postgres?host=${encodeURIComponent(folder)}&user=bench`,
    pid: child.pid,
    durability: 'PostgreSQL defaults: fsync on, synchronous_commit on',
    async stop() {
      await stopped(child, 'SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Who runs PostgreSQL: whoever we are, or as root `postgres`, else `nobody`; null when there is nobody. */
function lowerUser() {
  if (process.getuid?.() !== 0) return {};
  for (const name of ['postgres', 'nobody']) {
    const { status, stdout } = spawnSync('id', ['-u', name], { encoding: 'utf8' });
    const group = spawnSync('id', ['-g', name], { encoding: 'utf8' });
    if (status === 0) return { uid: Number(stdout), gid: Number(group.stdout) };
  }
  return null;
}
