// @ts-check
/**
 * Documents that can be believed: relative links resolve, paths and npm scripts that the text names exist,
 * each page has one title and each decision its four parts, and the generated reference is what the code
 * says.
 */
import { posix } from 'node:path';
import { REFERENCE_PAGES } from '../generate-reference.mjs';

/**
 * @typedef {import('./repository.mjs').Repository} Repository
 * @typedef {import('./repository.mjs').Problem} Problem
 * @typedef {{ text: string, line: number }} ProseLine
 */

const DECISION = /^docs\/decisions\/\d{4}-/;
const DECISION_PARTS = ['## Status', '## Context', '## Decision', '## Consequences'];

/** Only paths below these are held against the tree; `dist/x.js` or `/etc/hera` mean other things. */
const NAMED_PATH = /^(?:packages|docs|tools|benchmarks|e2e|examples|\.ci)(?:\/[\w.@-]+)+\/?$/;

/**
 * @param {Repository} repository
 * @returns {Problem[]}
 */
export function checkDocs(repository) {
  const pages = repository.files.filter((file) => file.endsWith('.md'));
  return [
    ...pages.flatMap((page) => pageProblems(repository, page)),
    ...REFERENCE_PAGES.flatMap((page) => stalePages(repository, page)),
  ];
}

/**
 * @param {Repository} repository
 * @param {string} page
 * @returns {Problem[]}
 */
function pageProblems(repository, page) {
  const lines = proseLines(repository.text(page));
  const titles = lines.filter(({ text }) => text.startsWith('# '));
  /** @type {Problem[]} */
  const problems = [];
  if (titles.length !== 1) {
    const line = titles[1]?.line ?? 1;
    problems.push({ file: page, line, message: `${titles.length} titles; a page has exactly one "# " line` });
  }
  const missing = DECISION_PARTS.filter((part) => !lines.some(({ text }) => text === part));
  if (DECISION.test(page) && missing.length > 0) {
    problems.push({ file: page, line: 1, message: `a decision record without "${missing.join('", "')}"` });
  }
  for (const { text, line } of lines) {
    const messages = [
      ...deadLinks(repository, page, text),
      ...missingPaths(repository, text),
      ...unknownScripts(repository, text),
    ];
    for (const message of messages) problems.push({ file: page, line, message });
  }
  return problems;
}

/**
 * The lines outside code fences, numbered from 1.
 *
 * @param {string} text
 */
function proseLines(text) {
  let inFence = false;
  /** @type {ProseLine[]} */
  const lines = [];
  for (const [index, line] of text.split('\n').entries()) {
    const isFence = /^\s*(```|~~~)/.test(line);
    if (!inFence && !isFence) lines.push({ text: line, line: index + 1 });
    if (isFence) inFence = !inFence;
  }
  return lines;
}

/**
 * @param {Repository} repository
 * @param {string} page
 * @param {string} text
 */
function deadLinks(repository, page, text) {
  const targets = [...text.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)].map((match) => match[1] ?? '');
  const local = targets.filter((target) => !/^([a-z][a-z\d+.-]*:|#|\/)/i.test(target));
  return local
    .map((target) => decodeURI(target.replace(/[#?].*$/, '')))
    .filter((target) => !repository.exists(posix.join(posix.dirname(page), target)))
    .map((target) => `links to ${target}, which does not exist`);
}

/**
 * @param {Repository} repository
 * @param {string} text
 */
function missingPaths(repository, text) {
  return [...text.matchAll(/`([^`]+)`/g)]
    .map((match) => (match[1] ?? '').replace(/:\d+$/, ''))
    .filter((path) => NAMED_PATH.test(path) && !/(^|\/)(dist|node_modules)(\/|$)/.test(path))
    .filter((path) => !repository.exists(path))
    .map((path) => `names ${path}, which does not exist`);
}

/**
 * @param {Repository} repository
 * @param {string} text
 */
function unknownScripts(repository, text) {
  if (!repository.has('package.json')) return [];
  const { scripts = {} } = JSON.parse(repository.text('package.json'));
  return [...text.matchAll(/npm run ([\w:-]+)/g)]
    .map((match) => match[1] ?? '')
    .filter((name) => !(name in scripts))
    .map((name) => `names npm run ${name}, which package.json does not have`);
}

/**
 * @param {Repository} repository
 * @param {(typeof REFERENCE_PAGES)[number]} page
 * @returns {Problem[]}
 */
function stalePages(repository, page) {
  if (!repository.has(page.from)) return [];
  const wanted = page.render(repository.source(page.from));
  if (repository.has(page.to) && repository.text(page.to) === wanted) return [];
  return [
    { file: page.to, line: 1, message: `differs from ${page.from}: run node tools/generate-reference.mjs` },
  ];
}
