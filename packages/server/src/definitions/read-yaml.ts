/**
 * Reads one definition file in YAML 1.2 and remembers the line of everything in it, so that each problem can
 * name its line. What the YAML library says of broken text is kept, except for the mistake everybody makes
 * once: an unquoted cron expression that begins with `*`, which YAML reads as an alias.
 */
import type { DefinitionProblem, PathStep } from '@hera/core';
import { LineCounter, isAlias, isMap, isNode, isSeq, parseDocument, visit } from 'yaml';
import type { Document, Node } from 'yaml';

/** More aliases than this are an attack on memory, not a definition file. */
const ALIASES_MAX = 100;

/** What one file says. `value` is undefined when its text does not read. */
export interface ReadFile {
  readonly value: unknown;
  readonly problems: readonly DefinitionProblem[];
  /** Line of the deepest part of the path that the file has; from 1. */
  lineOf(steps: readonly PathStep[]): number;
}

/** Reads the text of a file; `file` is the name in problems. */
export function readYaml(text: string, file: string): ReadFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2' });
  const lineOf = (steps: readonly PathStep[]) => lines.linePos(offsetOf(document, steps)).line;
  const aliases = aliasProblems(document, { text, lines, file });
  const problems = [...aliases, ...syntaxProblems(document, lines, file)].filter(firstOfLine());
  if (problems.length > 0) return { value: undefined, problems, lineOf };
  try {
    return { value: document.toJS({ maxAliasCount: ALIASES_MAX }) as unknown, problems, lineOf };
  } catch (error) {
    const message = `${file}: ${(error as Error).message}`;
    return { value: undefined, problems: [{ path: '', rule: 'yaml', message, file, line: 1 }], lineOf };
  }
}

function syntaxProblems(document: Document, lines: LineCounter, file: string): DefinitionProblem[] {
  return document.errors.map((error) => {
    const { line } = lines.linePos(error.pos[0]);
    const message = SYNTAX_CURES[error.code] ?? lowerFirst(error.message);
    return { path: '', rule: 'yaml', message: `line ${line} is not valid YAML: ${message}`, file, line };
  });
}

/** What to do about the mistakes that are made most. */
const SYNTAX_CURES: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'a tab indents it; use spaces',
  DUPLICATE_KEY: 'the key stands twice in the same map',
};

interface Source {
  readonly text: string;
  readonly lines: LineCounter;
  readonly file: string;
}

/** Aliases that name no anchor. */
function aliasProblems(document: Document, { text, lines, file }: Source): DefinitionProblem[] {
  const problems: DefinitionProblem[] = [];
  const anchors = new Set<string>();
  visit(document, (_key, node) => {
    if (isAlias(node)) {
      if (anchors.has(node.source)) return;
      const offset = node.range?.[0] ?? 0;
      const { line } = lines.linePos(offset);
      const found = /^[^,}\]#\r\n]*/.exec(text.slice(offset))?.[0].trim() ?? '*';
      const message =
        `line ${line}: YAML reads the unquoted ${found} as an alias, because it begins with "*"; ` +
        `put it in quotes: "${found}"`;
      problems.push({ path: '', rule: 'alias', message, file, line });
    } else if (isNode(node) && 'anchor' in node && typeof node.anchor === 'string') {
      anchors.add(node.anchor);
    }
  });
  return problems;
}

function firstOfLine(): (problem: DefinitionProblem) => boolean {
  const seen = new Set<number | undefined>();
  return ({ line }) => !seen.has(line) && seen.add(line) !== undefined;
}

/** Where the deepest known part of a path begins: its key in a map, its item in a list. */
function offsetOf(document: Document, steps: readonly PathStep[]): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const step of steps) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => keyText(key) === String(step));
      if (pair === undefined) break;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number') {
      node = node.items[step];
      offset = startOf(node) ?? offset;
    } else {
      break;
    }
  }
  return offset;
}

const startOf = (node: unknown) => (node as Node | null | undefined)?.range?.[0];
const keyText = (key: unknown) =>
  typeof key === 'object' && key !== null && 'value' in key ? String(key.value) : String(key);
const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
