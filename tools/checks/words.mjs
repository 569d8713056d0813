// @ts-check
/**
 * One word per thing: finds the words of the glossary's "words we do not use" in exported names, routes,
 * columns and page texts. Names inside a function are left to the reader. Importers keep the words of the
 * product they read from.
 */
import ts from 'typescript';
import { isProduct, problemAt, walk } from './repository.mjs';

/**
 * @typedef {import('./repository.mjs').Repository} Repository
 * @typedef {import('./repository.mjs').Problem} Problem
 * @typedef {Problem & { limit: 'word' }} WordProblem
 */

/** The word, in the singular, and what to say instead. */
export const BANNED_WORDS = new Map([
  ['task', 'job, run or attempt'],
  ['action', 'run, or the verb that is meant'],
  ['history', 'runs or attempts'],
  ['recover', 'resume; recovery is what a scheduler does after a crash'],
  ['master', 'leader or scheduler'],
  ['slave', 'worker'],
  ['manager', 'the thing it does'],
  ['util', 'the thing it does'],
  ['helper', 'the thing it does'],
  ['common', 'the thing it is'],
]);

const IMPORTERS = /\/(import|importers|imports)\//;
const ROUTE_FILES = /^packages\/(api\/src\/(routes|routes\/.*)|server\/src\/routes\/.*)\.ts$/;
const COLUMN_FILES =
  /^packages\/core\/src\/.*(catalogue|tables)\.ts$|^packages\/store-[^/]+\/.*(migration|migrate|schema)/;
const TEXT_FILES = /^packages\/web-components\/src\/(.*\/)?(messages|strings|locales)(\/.*|[^/]*)\.ts$/;

/**
 * @param {Repository} repository
 * @returns {WordProblem[]}
 */
export function checkWords(repository) {
  const files = repository.files.filter((file) => isProduct(file) && !IMPORTERS.test(file));
  const sql = repository.files.filter((file) => COLUMN_FILES.test(file) && file.endsWith('.sql'));
  return [
    ...files.flatMap((file) => codeProblems(repository.source(file))),
    ...sql.flatMap((file) => sqlProblems(repository, file)),
  ];
}

/**
 * @param {ts.SourceFile} source
 * @returns {WordProblem[]}
 */
function codeProblems(source) {
  const file = source.fileName;
  const readsTexts = ROUTE_FILES.test(file) || COLUMN_FILES.test(file) || TEXT_FILES.test(file);
  /** @type {WordProblem[]} */
  const problems = [];
  const look = (/** @type {ts.Node} */ node, /** @type {string} */ where) => {
    const text = ts.isStringLiteralLike(node) ? node.text : node.getText(source);
    for (const message of bannedIn(text)) {
      problems.push({ ...problemAt(source, node, `${where} ${message}`), limit: 'word' });
    }
  };
  for (const name of source.statements.flatMap(exportedNames)) look(name, 'exported name');
  if (!readsTexts) return problems;
  walk(source, (node) => {
    if (ts.isStringLiteralLike(node) && !isModuleName(node)) look(node, 'text');
    if (COLUMN_FILES.test(file) && ts.isPropertyAssignment(node)) look(node.name, 'column');
  });
  return problems;
}

/**
 * @param {Repository} repository
 * @param {string} file
 * @returns {WordProblem[]}
 */
function sqlProblems(repository, file) {
  return repository
    .text(file)
    .split('\n')
    .flatMap((line, index) =>
      bannedIn(line.replace(/--.*/, '')).map((message) => ({
        file,
        line: index + 1,
        message: `column ${message}`,
        limit: /** @type {const} */ ('word'),
      })),
    );
}

/**
 * Splits camelCase, kebab-case and plain text, and answers with one message per banned word.
 *
 * @param {string} text
 */
function bannedIn(text) {
  const words =
    text
      .replace(/([a-z\d])([A-Z])/g, '$1 $2')
      .toLowerCase()
      .match(/[a-z]+/g) ?? [];
  return words.flatMap((word) => {
    const singular = BANNED_WORDS.has(word) ? word : word.replace(/ies$/, 'y').replace(/s$/, '');
    const instead = BANNED_WORDS.get(singular);
    return instead === undefined ? [] : [`"${word}" in "${text.trim().slice(0, 60)}": say ${instead}`];
  });
}

/**
 * The names a statement exports, members of exported interfaces and classes included.
 *
 * @param {ts.Statement} statement
 * @returns {ts.Node[]}
 */
function exportedNames(statement) {
  if (ts.isExportDeclaration(statement)) {
    const clause = statement.exportClause;
    if (!clause) return [];
    return ts.isNamedExports(clause) ? clause.elements.map((element) => element.name) : [clause.name];
  }
  const isExported =
    ts.canHaveModifiers(statement) &&
    ts.getModifiers(statement)?.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword);
  if (!isExported) return [];
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map((declaration) => declaration.name);
  }
  const named = /** @type {ts.DeclarationStatement} */ (statement);
  const members =
    ts.isInterfaceDeclaration(statement) || ts.isClassDeclaration(statement) ? statement.members : [];
  return [named.name, ...members.filter(isVisible).map((member) => member.name)].filter(
    (name) => name !== undefined,
  );
}

const isVisible = (/** @type {ts.ClassElement | ts.TypeElement} */ member) =>
  !(ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Private) &&
  !(member.name && ts.isPrivateIdentifier(member.name));

const isModuleName = (/** @type {ts.Node} */ node) =>
  ts.isImportDeclaration(node.parent) || ts.isExportDeclaration(node.parent);
