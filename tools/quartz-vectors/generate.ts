/**
 * Asks Quartz 2.3.2 the questions of questions.ts and writes its answers to packages/core/test/vectors.
 * How to run it, and what it needs: README.md in this folder.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { makeQuestions } from './questions.js';
import type { Question } from './questions.js';

const SEED = 2_302;
const JARS =
  process.env.QUARTZ_CLASSPATH ??
  '/usr/share/java/quartz2-2.3.2.jar:/usr/share/java/slf4j-api.jar:/usr/share/java/slf4j-nop.jar';
const target = new URL('../../packages/core/test/vectors/quartz-2.3.2.tsv', import.meta.url);
const oracle = fileURLToPath(new URL('./Oracle.java', import.meta.url));

const questions = makeQuestions(SEED);
const input = questions
  .map((q) => [q.expression, q.zone, q.from, q.count])
  .map((fields) => fields.map(oneLine).join('\t'));
const output = execFileSync('java', ['-cp', JARS, oracle], {
  input: input.join('\n'),
  maxBuffer: 2 ** 28,
  encoding: 'utf8',
});
const [header = '', ...answers] = output.trimEnd().split('\n');
if (answers.length !== questions.length)
  throw new Error(`${questions.length} questions, ${answers.length} answers`);

const lines = questions.flatMap((question, n) => {
  const answer = answers[n] ?? '';
  if (isBeyondTables(question, answer)) return [];
  const fields = [
    question.expression.replaceAll('\t', '\\t'),
    question.zone,
    question.from,
    compact(answer, question.from),
  ];
  return [fields.join('\t')];
});
writeFileSync(
  target,
  `# Quartz 2.3.2, seed ${SEED}, ${header}; see tools/quartz-vectors/README.md\n${lines.join('\n')}\n`,
);
console.log(`${lines.length} vectors in ${fileURLToPath(target)}`);

/** Each answer as the seconds since the one before it, the first since `from`; words stay as they are. */
function compact(answer: string, from: number): string {
  let last = from;
  return answer
    .split(',')
    .map((text) => {
      if (!/^\d+$/.test(text)) return text;
      const seconds = Number(text) - last;
      last = Number(text);
      return String(seconds);
    })
    .join(',');
}

/** Java's table for Casablanca ends in 2037, while the clocks there go on changing around Ramadan. */
function isBeyondTables({ zone }: Question, answer: string): boolean {
  const last = Number(answer.split(',').findLast((text) => /^\d+$/.test(text)) ?? 0);
  return zone === 'Africa/Casablanca' && last > Date.UTC(2037, 0) / 1000;
}

/** Tabs part the fields of a question, so a tab in an expression is put to Quartz as a space. */
function oneLine(field: string | number): string {
  return String(field).replaceAll('\t', ' ');
}
