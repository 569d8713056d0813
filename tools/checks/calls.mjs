// @ts-check
/**
 * Calls and marks that must not be there: clocks, randomness and waiting in the pure folders of core;
 * sleeping, `.only`, `.todo` and unexplained `.skip` in tests; leftover FIXME marks anywhere.
 */
import ts from 'typescript';
import { glob, isCode, isTest, problemAt, walk } from './repository.mjs';

/**
 * @typedef {import('./repository.mjs').Repository} Repository
 * @typedef {import('./repository.mjs').Problem} Problem
 */

const PURE = glob('packages/core/src/{model,calendar,graph,config,kernel,protocol}/**');
/** Journeys with real processes wait in real time, for a condition. */
const REAL_TIME = glob('e2e/**');
/** The checks and their tests name the marks they look for. */
const NAMES_MARKS = glob('tools/checks/**');

/** What a pure folder never says, and why, by the text of the expression. */
const IMPURE = new Map([
  ['Date.now', 'time comes in the event'],
  ['Math.random', 'randomness is a seeded generator in the state'],
  ['performance.now', 'time comes in the event'],
]);

/**
 * @param {Repository} repository
 * @returns {Problem[]}
 */
export function checkCalls(repository) {
  return repository.files.filter(isCode).flatMap((file) => {
    const source = repository.source(file);
    /** @type {Problem[]} */
    const problems = NAMES_MARKS.test(file) ? [] : leftoverMarks(repository, file);
    walk(source, (node) => {
      const message =
        PURE.test(file) && !isTest(file)
          ? impurity(source, node)
          : isTest(file) && testFault(source, node, REAL_TIME.test(file));
      if (message) problems.push(problemAt(source, node, message));
    });
    return problems;
  });
}

/**
 * @param {ts.SourceFile} source
 * @param {ts.Node} node
 * @returns {string | null}
 */
function impurity(source, node) {
  if (ts.isPropertyAccessExpression(node)) {
    const name = node.getText(source).replace(/^globalThis\./, '');
    const because = IMPURE.get(name);
    return because ? `${name} in a pure folder: ${because}` : null;
  }
  if (ts.isNewExpression(node) && node.expression.getText(source) === 'Date') {
    return node.arguments?.length
      ? null
      : 'new Date() without an argument in a pure folder: time comes in the event';
  }
  if (node.kind === ts.SyntaxKind.AsyncKeyword) return 'async in a pure folder: decisions do not wait';
  if (ts.isAwaitExpression(node)) return 'await in a pure folder: decisions do not wait';
  if (ts.isIdentifier(node) && node.text === 'Promise')
    return 'Promise in a pure folder: decisions do not wait';
  return null;
}

/**
 * @param {ts.SourceFile} source
 * @param {ts.Node} node
 * @param {boolean} inRealTime
 * @returns {string | null}
 */
function testFault(source, node, inRealTime) {
  if (!ts.isCallExpression(node)) return null;
  const callee = node.expression.getText(source);
  if (!inRealTime && /^((globalThis|timers)\.)?setTimeout$|^(sleep|delay)$/.test(callee)) {
    return `${callee}() in a test: wait for a condition, or use virtual time`;
  }
  const [, mark] = /^(?:it|test|describe|suite)\b.*\.(only|todo|skip)$/.exec(callee) ?? [];
  if (mark === 'skip') return isExplained(source, node) ? null : '.skip without a comment that says why';
  return mark ? `.${mark} in a test: it hides what is not tested` : null;
}

/**
 * Whether a comment stands right above the statement or at the end of its first line.
 *
 * @param {ts.SourceFile} source
 * @param {ts.Node} node
 */
function isExplained(source, node) {
  const text = source.text;
  const lineEnd = text.indexOf('\n', node.getStart(source));
  const above = ts.getLeadingCommentRanges(text, node.getFullStart()) ?? [];
  return above.length > 0 || /\/\/ \S/.test(text.slice(node.getStart(source), lineEnd));
}

/**
 * @param {Repository} repository
 * @param {string} file
 * @returns {Problem[]}
 */
function leftoverMarks(repository, file) {
  return repository
    .text(file)
    .split('\n')
    .flatMap((line, index) => {
      const at = { file, line: index + 1 };
      if (/\b(FIXME|XXX)\b/.test(line))
        return [{ ...at, message: 'a leftover mark: mend it, or open an issue' }];
      if (/\/\/.*\bTODO\b(?!\(#\d+\))/.test(line))
        return [{ ...at, message: 'TODO without an issue: TODO(#12)' }];
      return [];
    });
}
