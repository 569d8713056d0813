// @ts-check
/**
 * Limits that keep code readable in one sitting. They hold for product code, tools, benchmarks and examples.
 * Free of them are tests, data and generated files; a function may be longer by its largest table, switch
 * or template, which is read row by row.
 */
import ts from 'typescript';
import { isCode, isTest, problemAt, walk } from './repository.mjs';

/**
 * @typedef {import('./repository.mjs').Repository} Repository
 * @typedef {import('./repository.mjs').Problem} Problem
 * @typedef {import('./exceptions.mjs').Exception} Exception
 * @typedef {Problem & { limit: Exception['limit'] }} LimitProblem
 */

export const LIMITS = { file: 400, header: 50, function: 60, line: 110, parameters: 4, nesting: 3 };

const DATA = /\.(data|vectors|generated)\.\w+$|\/(messages|strings|locales|fixtures|vectors)\//;

/**
 * @param {Repository} repository
 * @returns {LimitProblem[]}
 */
export function checkSizes(repository) {
  const files = repository.files.filter((file) => isCode(file) && !isTest(file) && !DATA.test(file));
  return files.flatMap((file) => {
    const source = repository.source(file);
    return [
      ...sizeProblems(repository, file),
      ...functionsOf(source).flatMap((fn) => functionProblems(source, fn)),
    ];
  });
}

/**
 * @param {Repository} repository
 * @param {string} file
 * @returns {LimitProblem[]}
 */
function sizeProblems(repository, file) {
  const lines = repository.text(file).trimEnd().split('\n');
  /** @type {LimitProblem[]} */
  const problems = [];
  if (lines.length > LIMITS.file) {
    const message = `${lines.length} lines; a file has at most ${LIMITS.file}: split it by concern`;
    problems.push({ file, line: LIMITS.file + 1, message, limit: 'file' });
  }
  if (lines.length > LIMITS.header && !hasHeader(repository.text(file))) {
    const message = `a file over ${LIMITS.header} lines opens with a comment that says why it exists`;
    problems.push({ file, line: 1, message, limit: 'header' });
  }
  for (const [index, line] of lines.entries()) {
    if ([...line].length <= LIMITS.line) continue;
    const message = `${[...line].length} columns; a line has at most ${LIMITS.line}`;
    problems.push({ file, line: index + 1, message, limit: 'line' });
  }
  return problems;
}

/**
 * Whether a comment stands before the first statement, besides those that speak to a tool.
 *
 * @param {string} text
 */
function hasHeader(text) {
  const start = ts.getShebang(text)?.length ?? 0;
  const comments = ts.getLeadingCommentRanges(text, start) ?? [];
  return comments.some(({ pos, end }) => !/^\/\/ @ts-check|^\/\*+ eslint/.test(text.slice(pos, end)));
}

/**
 * @param {ts.SourceFile} source
 * @returns {ts.SignatureDeclaration[]}
 */
function functionsOf(source) {
  /** @type {ts.SignatureDeclaration[]} */
  const functions = [];
  walk(source, (node) => {
    if (ts.isFunctionLike(node)) functions.push(node);
  });
  return functions;
}

/**
 * @param {ts.SourceFile} source
 * @param {ts.SignatureDeclaration} fn
 * @returns {LimitProblem[]}
 */
function functionProblems(source, fn) {
  /** @type {LimitProblem[]} */
  const problems = [];
  const report = (
    /** @type {ts.Node} */ node,
    /** @type {Exception['limit']} */ limit,
    /** @type {string} */ message,
  ) => problems.push({ ...problemAt(source, node, message), limit });

  const name = fn.name?.getText(source) ?? 'a function';
  if (fn.parameters.length > LIMITS.parameters) {
    const rule = `at most ${LIMITS.parameters}, then an object`;
    report(fn, 'parameters', `${name} has ${fn.parameters.length} parameters; ${rule}`);
  }
  const body = 'body' in fn ? fn.body : undefined;
  if (!body) return problems;
  const lines = lineSpan(source, fn) - largestTable(source, body);
  if (lines > LIMITS.function) {
    report(
      fn,
      'function',
      `${name} has ${lines} lines besides its largest table; at most ${LIMITS.function}`,
    );
  }
  const deep = firstTooDeep(body, 0);
  if (deep)
    report(
      deep,
      'nesting',
      `${name} nests deeper than ${LIMITS.nesting}: return early, or name the inner part`,
    );
  return problems;
}

/**
 * @param {ts.SourceFile} source
 * @param {ts.Node} node
 */
function lineSpan(source, node) {
  const first = source.getLineAndCharacterOfPosition(node.getStart(source)).line;
  return source.getLineAndCharacterOfPosition(node.end).line - first + 1;
}

/**
 * Lines of the largest switch, literal without statements in it, or template; all but one count as data.
 *
 * @param {ts.SourceFile} source
 * @param {ts.Node} body
 */
function largestTable(source, body) {
  let largest = 0;
  walk(body, (node) => {
    if (isTable(node)) largest = Math.max(largest, lineSpan(source, node) - 1);
  });
  return largest;
}

/** @param {ts.Node} node */
function isTable(node) {
  if (ts.isSwitchStatement(node) || ts.isTemplateLiteral(node)) return true;
  if (!ts.isObjectLiteralExpression(node) && !ts.isArrayLiteralExpression(node)) return false;
  let hasStatements = false;
  walk(node, (child) => {
    hasStatements ||= ts.isBlock(child);
  });
  return !hasStatements;
}

/**
 * The first statement that stands deeper than the limit; `else if` goes on with its `if`, and a function
 * inside is counted for itself.
 *
 * @param {ts.Node} node
 * @param {number} depth
 * @returns {ts.Node | undefined}
 */
function firstTooDeep(node, depth) {
  return ts.forEachChild(node, (child) => {
    if (ts.isFunctionLike(child)) return undefined;
    const isElseIf = ts.isIfStatement(node) && node.elseStatement === child;
    const inner = isNesting(child) && !isElseIf ? depth + 1 : depth;
    return inner > LIMITS.nesting ? child : firstTooDeep(child, inner);
  });
}

const isNesting = (/** @type {ts.Node} */ node) =>
  ts.isIfStatement(node) ||
  ts.isIterationStatement(node, false) ||
  ts.isSwitchStatement(node) ||
  ts.isTryStatement(node);
