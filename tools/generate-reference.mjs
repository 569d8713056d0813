// @ts-check
/**
 * Writes the pages of docs/reference that are made from code, so that they cannot fall behind it.
 * `node tools/generate-reference.mjs` writes them; with `--check` it writes nothing and exits 1 where a page
 * differs. tools/check.mjs makes the same comparison.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { openRepository } from './checks/repository.mjs';

/** Each generated page: where it lies, the file it is made from, and how. */
export const REFERENCE_PAGES = [
  { to: 'docs/reference/errors.md', from: 'packages/core/src/model/errors.ts', render: renderErrors },
];

/**
 * The page of error codes: one row per member of `ErrorDetails`, in the order of the code.
 *
 * @param {ts.SourceFile} source
 */
export function renderErrors(source) {
  const details = source.statements.find(
    (statement) => ts.isInterfaceDeclaration(statement) && statement.name.text === 'ErrorDetails',
  );
  if (!details || !ts.isInterfaceDeclaration(details)) throw new Error('model/errors.ts has no ErrorDetails');
  const rows = details.members.filter(ts.isPropertySignature).map((member) => {
    const code = member.name.getText(source);
    return `| \`${code}\` | ${docOf(member) || '–'} | ${factsOf(source, member.type) || '–'} |`;
  });
  return `# Errors

Generated from \`packages/core/src/model/errors.ts\` by \`tools/generate-reference.mjs\`; do not edit.

Every error a caller can act on is a \`SchedulerError\` with one of these codes. Test \`error.code\`, or use
\`isSchedulerError(error, code)\`; never match on the message. The facts are in \`error.details\`.

| Code | Meaning | Facts |
|---|---|---|
${rows.join('\n')}
`;
}

/**
 * The docstring of a member, on one line.
 *
 * @param {ts.Node} node
 */
function docOf(node) {
  const docs = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  const text = docs.map((doc) => ts.getTextOfJSDocComment(doc.comment) ?? '').join(' ');
  return text.replace(/\s+/g, ' ').trim();
}

/**
 * @param {ts.SourceFile} source
 * @param {ts.TypeNode | undefined} type
 */
function factsOf(source, type) {
  if (!type || !ts.isTypeLiteralNode(type)) return '';
  const facts = type.members.filter(ts.isPropertySignature).map((fact) => {
    const factType = fact.type?.getText(source).replace(/^readonly /, '') ?? 'unknown';
    return `\`${fact.name.getText(source)}: ${factType.replaceAll('|', '\\|')}\``;
  });
  return facts.join(', ');
}

function main() {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const isCheck = process.argv.includes('--check');
  const repository = openRepository(root);
  for (const { to, from, render } of REFERENCE_PAGES) {
    const page = render(repository.source(from));
    if (repository.has(to) && repository.text(to) === page) continue;
    console.log(`${to}: ${isCheck ? `differs from ${from}` : 'written'}`);
    if (isCheck) process.exitCode = 1;
    else {
      mkdirSync(dirname(join(root, to)), { recursive: true });
      writeFileSync(join(root, to), page);
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
