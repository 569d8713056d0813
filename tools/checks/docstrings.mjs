// @ts-check
/**
 * Exported symbols of the packages' entry points that no docstring explains. A list of warnings, so that it
 * can shrink to nothing before it becomes a rule. Symbols are followed through re-exports without the type
 * checker: a name is looked up in the file it comes from.
 */
import { posix } from 'node:path';
import ts from 'typescript';
import { problemAt } from './repository.mjs';

/**
 * @typedef {import('./repository.mjs').Repository} Repository
 * @typedef {import('./repository.mjs').Problem} Problem
 * @typedef {{ source: ts.SourceFile, node: ts.Node, name: string }} ExportedSymbol
 */

/**
 * @param {Repository} repository
 * @returns {Problem[]}
 */
export function checkDocstrings(repository) {
  const symbols = entryPoints(repository).flatMap((file) => exportsOf(repository, file));
  const bare = symbols.filter(({ node }) => ts.getJSDocCommentsAndTags(node).length === 0);
  const problems = bare.map(({ source, node, name }) => problemAt(source, node, `${name} has no docstring`));
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}

/**
 * The source files behind the `exports` of every package.
 *
 * @param {Repository} repository
 */
function entryPoints(repository) {
  const manifests = repository.files.filter((file) => /^packages\/[^/]+\/package\.json$/.test(file));
  return manifests.flatMap((manifest) => {
    const folder = posix.dirname(manifest);
    const entries = Object.values(JSON.parse(repository.text(manifest)).exports ?? {});
    return entries
      .map((entry) => String(entry.default ?? entry).replace(/^\.\/dist\/(.*)\.js$/, `${folder}/src/$1.ts`))
      .filter((file) => repository.has(file));
  });
}

/**
 * @param {Repository} repository
 * @param {string} file
 * @returns {ExportedSymbol[]}
 */
function exportsOf(repository, file) {
  const source = repository.source(file);
  return source.statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement)) return reExports(repository, source, statement);
    return isExported(statement) ? declared(source, statement) : [];
  });
}

/**
 * @param {Repository} repository
 * @param {ts.SourceFile} source
 * @param {ts.ExportDeclaration} statement
 * @returns {ExportedSymbol[]}
 */
function reExports(repository, source, statement) {
  const { moduleSpecifier, exportClause } = statement;
  if (!moduleSpecifier || !ts.isStringLiteral(moduleSpecifier)) return [];
  const path = posix.join(posix.dirname(source.fileName), moduleSpecifier.text.replace(/\.js$/, '.ts'));
  if (!repository.has(path)) return [];
  const all = exportsOf(repository, path);
  if (!exportClause || !ts.isNamedExports(exportClause)) return all;
  const names = new Set(exportClause.elements.map((element) => (element.propertyName ?? element.name).text));
  return all.filter(({ name }) => names.has(name));
}

/**
 * @param {ts.SourceFile} source
 * @param {ts.Statement} statement
 * @returns {ExportedSymbol[]}
 */
function declared(source, statement) {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => ({
      source,
      node: statement,
      name: name.getText(source),
    }));
  }
  const { name } = /** @type {ts.DeclarationStatement} */ (statement);
  return name ? [{ source, node: statement, name: name.getText(source) }] : [];
}

const isExported = (/** @type {ts.Statement} */ statement) =>
  ts.canHaveModifiers(statement) &&
  ts.getModifiers(statement)?.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword) === true;
