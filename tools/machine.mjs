// @ts-check
/**
 * What tests need from the machine beyond npm: a Chromium and Chinese glyphs for the page tests. Root on a
 * Debian-like system gets them by apt; everybody else reads in one line what to install. Tests ask
 * `findChromium()` and skip without one.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

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

/** Names of the packages that are missing, as Debian calls them. */
export function missingPackages() {
  return [
    ...(findChromium() === null ? ['chromium'] : []),
    ...(hasChineseFont() ? [] : ['fonts-noto-cjk', 'fontconfig']),
  ];
}

/** Installs what is missing where that is allowed; otherwise says what to install. Never fails. */
export function prepareMachine() {
  const missing = missingPackages();
  if (missing.length === 0) return;
  const isAllowed = process.getuid?.() === 0 && findProgram(['apt-get']) !== null && !hasSnapChromium();
  if (isAllowed) {
    apt(['update']);
    apt(['install', '-y', '--no-install-recommends', ...missing]);
  }
  const still = missingPackages();
  if (still.length > 0) console.log(`Page tests are skipped without: ${installLine(still)}`);
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
  if (hasSnapChromium()) return 'snap install chromium; apt-get install fonts-noto-cjk';
  return `apt-get install ${packages.join(' ')}`;
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

/**
 * The first of the programs that stands on the PATH.
 *
 * @param {readonly string[]} names
 */
function findProgram(names) {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const paths = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return paths.find(isExecutable) ?? null;
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
