/**
 * `download[hdfs:///etl/sync.py sync.py]` asks for a file to be fetched before the script runs. The directive
 * is taken out of the script and its line left standing, so that line numbers stay right. The local name is
 * optional: the last part of the address. What the fetching does is the worker's.
 */
import { SchedulerError } from '../model/errors.js';
import { applyEdits } from './draft.js';
import type { Draft } from './draft.js';

/** A file that the worker fetches before the script runs. */
export interface Download {
  readonly uri: string;
  /** Where the file lies in the work directory: a relative path that stays inside it. */
  readonly name: string;
}

/** A directive as it stands in the script, not yet rendered. */
export interface DownloadDirective {
  readonly text: string;
  readonly uri: string;
  readonly name: string | undefined;
}

/**
 * A `${…}` inside an address may hold what an address may not: spaces, quotes, brackets. Each character is
 * matched in one way only, so that no text takes long.
 */
const WORD = String.raw`(?:\$\{[^{}\n]*\}|\$(?!\{)|[^\s[\]$])+`;
const ADDRESS = String.raw`(?:[A-Za-z][A-Za-z0-9+.-]*:/|(?=\$\{))${WORD}`;
const DIRECTIVE = new RegExp(
  String.raw`(?<![\p{L}\p{N}_$.])download\[[ \t]*(${ADDRESS})(?:[ \t]+(${WORD}))?[ \t]*\]`,
  'gu',
);

/** Takes the directives out; any number may stand on a line. */
export function takeDownloads(draft: Draft): {
  readonly draft: Draft;
  readonly directives: DownloadDirective[];
} {
  const matches = [...draft.text.matchAll(DIRECTIVE)];
  const directives = matches.map(([text, uri = '', name]) => ({ text, uri, name }));
  const edits = matches.map(({ 0: { length }, index }) => ({
    start: index,
    end: index + length,
    text: '',
    parts: [],
  }));
  return { draft: applyEdits(draft, edits), directives };
}

/** The downloads that rendered directives ask for; of two with the same local name the first counts. */
export function downloadsOf(directives: readonly DownloadDirective[]): Download[] {
  const byName = new Map<string, Download>();
  for (const directive of directives) {
    const { uri } = directive;
    const path = uri.replace(/[?#].*$/s, '');
    const name = directive.name ?? path.slice(path.lastIndexOf('/') + 1);
    if (!isInside(name)) throw badName(directive.text, name);
    if (!byName.has(name)) byName.set(name, { uri, name });
  }
  return [...byName.values()];
}

function isInside(name: string): boolean {
  if (name === '' || name.includes('\\') || name.includes('\0')) return false;
  return name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

function badName(expression: string, name: string): SchedulerError {
  const what = name === '' ? 'it needs a local name' : `${name} does not lie in the work directory`;
  return new SchedulerError('TEMPLATE_INVALID', `${expression}: ${what}`, { expression, offset: 0 });
}
