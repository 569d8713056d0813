// @ts-check
/**
 * Who may import whom. Reads every import, re-export and `import()` of every code file and holds it against
 * the table of import-rules.mjs; then looks for packages that are used but not declared, and for cycles:
 * between folders by any import, between files by imports that still exist after compiling.
 */
import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import ts from 'typescript';
import { IMPORT_RULES } from './import-rules.mjs';
import { glob, isCode, isProduct, problemAt, walk } from './repository.mjs';

/**
 * @typedef {import('./repository.mjs').Repository} Repository
 * @typedef {import('./repository.mjs').Problem} Problem
 * @typedef {object} Import
 * @property {string} from
 * @property {string} target A path of the tree, or `node:NAME`, `npm:NAME`, `@hera/PACKAGE/ENTRY`.
 * @property {boolean} typeOnly
 * @property {boolean} lazy
 * @property {Problem} place The problem it would be, still without a message.
 */

const RULES = IMPORT_RULES.map((rule) => ({
  ...rule,
  from: rule.from.map(glob),
  notFrom: (rule.notFrom ?? []).map(glob),
  to: rule.to.map(glob),
  notTo: (rule.notTo ?? []).map(glob),
}));

/**
 * @param {Repository} repository
 * @returns {Problem[]}
 */
export function checkImports(repository) {
  const imports = repository.files.filter(isCode).flatMap((file) => importsOf(repository, file));
  const product = imports.filter(({ from, target }) => isProduct(from) && isProduct(target));
  return [
    ...imports.flatMap(brokenRules),
    ...undeclaredPackages(repository, imports),
    ...cycles(product, folderOf, 'folders'),
    ...cycles(
      product.filter((edge) => !edge.typeOnly && !edge.lazy),
      (file) => file,
      'files',
    ),
  ];
}

/**
 * @param {Import} edge
 * @returns {Problem[]}
 */
function brokenRules(edge) {
  const broken = RULES.filter(
    (rule) =>
      matches(rule.from, edge.from) &&
      !matches(rule.notFrom, edge.from) &&
      matches(rule.to, edge.target) &&
      !matches(rule.notTo, edge.target) &&
      !isAllowed(rule.allow, edge),
  );
  return broken.map((rule) => ({ ...edge.place, message: `imports ${edge.target}: ${rule.because}` }));
}

/**
 * @param {string | undefined} allow
 * @param {Import} edge
 */
function isAllowed(allow, edge) {
  if (allow === 'types') return edge.typeOnly;
  if (allow === 'lazy') return edge.typeOnly || edge.lazy;
  return allow === 'own' && packageOf(edge.from) === packageOf(edge.target);
}

/**
 * Product code may use a package only if its own package.json says so, or it breaks when installed alone.
 *
 * @param {Repository} repository
 * @param {Import[]} imports
 */
function undeclaredPackages(repository, imports) {
  const used = imports.filter((edge) => isProduct(edge.from));
  return used.flatMap((edge) => {
    const manifest = `packages/${packageOf(edge.from)}/package.json`;
    const name = packageName(edge.target);
    if (name === null || !repository.has(manifest)) return [];
    const { name: own, dependencies = {}, peerDependencies = {} } = JSON.parse(repository.text(manifest));
    if (name === own || name in dependencies || name in peerDependencies) return [];
    return [{ ...edge.place, message: `imports ${name}, which ${manifest} does not name as a dependency` }];
  });
}

/** @param {string} target */
function packageName(target) {
  const match = /^(?:npm:)?((?:@[^/]+\/)?[^/:]+)/.exec(target);
  return match?.[1] && (target.startsWith('npm:') || target.startsWith('@')) ? match[1] : null;
}

/** The package a file or a target belongs to: `core` for `packages/core/…` and for `@hera/core/…`. */
const packageOf = (/** @type {string} */ path) => /^(?:packages|@hera)\/([^/]+)/.exec(path)?.[1] ?? null;

/**
 * The folder of a file; a file directly in `src` stands for itself, since it is an entry or a seam.
 *
 * @param {string} file
 */
function folderOf(file) {
  const folder = posix.dirname(file);
  return folder.endsWith('/src') ? file : folder;
}

/**
 * One problem per cycle, at the import that closes it.
 *
 * @param {Import[]} imports
 * @param {(file: string) => string} nodeOf
 * @param {string} what
 */
function cycles(imports, nodeOf, what) {
  /** @type {Map<string, Map<string, Import>>} */
  const edges = new Map();
  for (const edge of imports) {
    const [from, to] = [nodeOf(edge.from), nodeOf(edge.target)];
    if (from === to) continue;
    const targets = edges.get(from) ?? new Map();
    edges.set(from, targets.has(to) ? targets : targets.set(to, edge));
  }
  /** @type {Problem[]} */
  const problems = [];
  /** @type {Set<string>} */
  const finished = new Set();
  /** @type {string[]} */
  const path = [];
  const visit = (/** @type {string} */ node) => {
    path.push(node);
    for (const [to, edge] of edges.get(node) ?? []) {
      const start = path.indexOf(to);
      if (start >= 0) {
        const cycle = [...path.slice(start), to].join(' > ');
        problems.push({ ...edge.place, message: `closes a cycle of ${what}: ${cycle}` });
      } else if (!finished.has(to)) visit(to);
    }
    path.pop();
    finished.add(node);
  };
  for (const node of edges.keys()) if (!finished.has(node)) visit(node);
  return problems;
}

/**
 * @param {Repository} repository
 * @param {string} file
 * @returns {Import[]}
 */
function importsOf(repository, file) {
  const source = repository.source(file);
  /** @type {Import[]} */
  const found = [];
  walk(source, (node) => {
    const specifier = specifierOf(node);
    if (!specifier) return;
    found.push({
      from: file,
      target: resolveTarget(repository, file, specifier.text),
      typeOnly: isTypeOnly(node),
      lazy: ts.isCallExpression(node),
      place: problemAt(source, specifier, ''),
    });
  });
  return found;
}

/**
 * The module a node names: of an import, a re-export, an `import()` or an import type; null for others.
 *
 * @param {ts.Node} node
 */
function specifierOf(node) {
  /** @type {ts.Node | undefined} */
  let specifier;
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) specifier = node.moduleSpecifier;
  else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
    specifier = node.argument.literal;
  else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    specifier = node.arguments[0];
  }
  return specifier && ts.isStringLiteralLike(specifier) ? specifier : null;
}

/**
 * Whether the import is gone after compiling.
 *
 * @param {ts.Node} node
 */
function isTypeOnly(node) {
  if (ts.isImportTypeNode(node)) return true;
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  return ts.isImportDeclaration(node) && node.importClause?.isTypeOnly === true;
}

/**
 * @param {Repository} repository
 * @param {string} from
 * @param {string} specifier
 */
function resolveTarget(repository, from, specifier) {
  if (specifier.startsWith('.')) {
    const path = posix.join(posix.dirname(from), specifier);
    const asTypeScript = path.replace(/\.js$/, '.ts').replace(/\.mjs$/, '.mts');
    return repository.has(asTypeScript) ? asTypeScript : path;
  }
  if (specifier.startsWith('@hera/') || specifier.startsWith('node:')) return specifier;
  return isBuiltin(specifier) ? `node:${specifier}` : `npm:${specifier}`;
}

const matches = (/** @type {readonly RegExp[]} */ patterns, /** @type {string} */ text) =>
  patterns.some((pattern) => pattern.test(text));
