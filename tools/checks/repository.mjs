// @ts-check
/**
 * The tree as the checks see it: paths relative to the root, with `/`, in a fixed order, and each text and
 * syntax tree read once, whichever check asks first. Untracked files count too: a check that waits for the
 * commit comes too late.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/**
 * @typedef {{ file: string, line: number, message: string }} Problem `line` counts from 1.
 * @typedef {ReturnType<typeof openRepository>} Repository
 */

const IGNORED_FOLDERS = new Set(['node_modules', 'dist', '.git', '.hera', 'coverage']);

/**
 * Opens the tree under `root` for reading; files are listed now and read when asked for.
 *
 * @param {string} root
 */
export function openRepository(root) {
  const files = listFiles(root, '');
  const fileSet = new Set(files);
  /** @type {Map<string, string>} */
  const texts = new Map();
  /** @type {Map<string, ts.SourceFile>} */
  const sources = new Map();

  const text = (/** @type {string} */ file) =>
    remember(texts, file, () => readFileSync(join(root, file), 'utf8'));
  const source = (/** @type {string} */ file) =>
    remember(sources, file, () => ts.createSourceFile(file, text(file), ts.ScriptTarget.ES2023, true));

  return {
    root,
    files,
    has: (/** @type {string} */ file) => fileSet.has(file),
    /** Also true for folders and for files that no check reads. */
    exists: (/** @type {string} */ path) => existsSync(join(root, path)),
    text,
    source,
  };
}

/** Whether the file holds code that we wrote, in TypeScript or JavaScript. */
export const isCode = (/** @type {string} */ file) =>
  /\.(ts|mts|mjs|js)$/.test(file) && !/\.d\.ts$/.test(file);

/** Whether the file is a test, or stands in a folder that only tests read. */
export const isTest = (/** @type {string} */ file) =>
  /\.test\.(ts|mjs)$/.test(file) || /^(packages\/[^/]+\/test|e2e)\//.test(file);

/** Whether the file is product code: what a package ships. */
export const isProduct = (/** @type {string} */ file) =>
  /^packages\/[^/]+\/src\//.test(file) && isCode(file) && !isTest(file);

/**
 * Turns a path pattern into an expression: `*` is within one folder, `**` any depth, `{a,b}` alternatives.
 * `**` followed by a slash also matches no folder at all.
 *
 * @param {string} pattern
 */
export function glob(pattern) {
  return new RegExp(`^${globSource(pattern)}$`);
}

/**
 * @param {string} pattern
 * @returns {string}
 */
function globSource(pattern) {
  const parts = pattern.split(/(\*\*\/|\*\*|\*|\{[^}]*\})/).map((part) => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    if (part.startsWith('{')) return `(?:${part.slice(1, -1).split(',').map(globSource).join('|')})`;
    return part.replace(/[.+?^$()|[\]\\]/g, '\\$&');
  });
  return parts.join('');
}

/**
 * The problem at a node of a syntax tree.
 *
 * @param {ts.SourceFile} source
 * @param {ts.Node} node
 * @param {string} message
 */
export function problemAt(source, node, message) {
  const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
  return { file: source.fileName, line: line + 1, message };
}

/**
 * Calls `visit` for the node and everything below it, parents first.
 *
 * @param {ts.Node} node
 * @param {(node: ts.Node) => void} visit
 */
export function walk(node, visit) {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/**
 * @template Value
 * @param {Map<string, Value>} known
 * @param {string} key
 * @param {() => Value} make
 */
function remember(known, key, make) {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}

/**
 * @param {string} root
 * @param {string} folder
 * @returns {string[]}
 */
function listFiles(root, folder) {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return IGNORED_FOLDERS.has(entry.name) ? [] : listFiles(root, path);
    return entry.isFile() ? [path] : [];
  });
}
