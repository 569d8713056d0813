// @ts-check
/**
 * What tests need from the machine beyond npm: a Chromium and Chinese glyphs for the page tests, MariaDB
 * and Galera for the store of several servers (programs only, no service), pyzmq for a worker in Python.
 * Root on a Debian-like system gets them by apt; everybody else reads in one line what to install. Tests ask
 * `findChromium()`, `findMariadb()` and `findGalera()`, and skip without.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { findProgram } from './find-program.mjs';
import { findGalera, findMariadb } from './mariadb.mjs';

const CHROMIUM_NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
/** Another process may hold the package lock for a while, on a machine that has just started. */
const APT_LOCK_TIMEOUT_S = 120;

/** Path of a Chromium to run, or null; `HERA_CHROMIUM` names another one. */
export function findChromium() {
  return process.env['HERA_CHROMIUM'] ?? findProgram(CHROMIUM_NAMES);
}

/** Whether a font with Chinese glyphs is there; without one, pages show boxes. */
export function hasChineseFont() {
  const { status, stdout } = spawnSync('fc-list', [':lang=zh', 'family'], { encoding: 'utf8' });
  return status === 0 && stdout.trim() !== '';
}

/** Whether the worker in Python of the examples can be run. */
export function hasPythonZmq() {
  return spawnSync('/usr/bin/python3', ['-c', 'import zmq']).status === 0;
}

/** Names of the packages that are missing, as Debian calls them. */
export function missingPackages() {
  return [
    ...(findChromium() === null ? ['chromium'] : []),
    ...(hasChineseFont() ? [] : ['fonts-noto-cjk', 'fontconfig']),
    ...(findMariadb() === null ? ['mariadb-server-core'] : []),
    ...(findGalera() === null ? ['galera-4'] : []),
    ...(hasPythonZmq() ? [] : ['python3-zmq']),
  ];
}

/** Installs what is missing where that is allowed; otherwise says what to install. Never fails. */
export function prepareMachine() {
  const missing = missingPackages();
  if (missing.length === 0) return;
  const isAllowed = process.getuid?.() === 0 && findProgram(['apt-get']) !== null;
  const wanted = missing.filter((name) => name !== 'chromium' || !hasSnapChromium());
  if (isAllowed && wanted.length > 0) {
    apt(['update']);
    apt(['install', '-y', '--no-install-recommends', ...wanted]);
  }
  const still = missingPackages();
  if (still.length > 0) console.log(`Some tests are skipped without: ${installLine(still)}`);
}

/** On Ubuntu the package is a snap, which a test run must not install. */
function hasSnapChromium() {
  try {
    return /^ID=ubuntu$/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false; // No such file: not a system with apt.
  }
}

/** @param {string[]} packages */
function installLine(packages) {
  const isSnap = packages.includes('chromium') && hasSnapChromium();
  const others = packages.filter((name) => !isSnap || name !== 'chromium');
  const lines = [
    ...(isSnap ? ['snap install chromium'] : []),
    ...(others.length > 0 ? [`apt-get install ${others.join(' ')}`] : []),
  ];
  return lines.join('; ');
}

/** @param {string[]} args */
function apt(args) {
  console.log(`apt-get ${args.join(' ')}`);
  const { status, stderr } = spawnSync(
    'apt-get',
    ['-q', '-o', `DPkg::Lock::Timeout=${APT_LOCK_TIMEOUT_S}`, ...args],
    {
      encoding: 'utf8',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  if (status !== 0) console.log(`apt-get failed: ${stderr.trim().split('\n').at(-1)}`);
}
