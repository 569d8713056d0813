/**
 * Loads definitions from a file or a folder: YAML, TypeScript or JavaScript modules, recorded workflows. All
 * problems of all files are found in one go, each with its file and line; nothing is half loaded.
 */
import { createHash } from 'node:crypto';
import { readFile, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { DefinitionPart, DefinitionProblem, Definitions, Job } from '@hera/core';
import {
  FILE_SCHEMA,
  definitionWarnings,
  mergeDefinitions,
  parsePath,
  validateDefinitions,
  validateShape,
} from '@hera/core';
import { readModule } from './read-module.js';
import { readYaml } from './read-yaml.js';
import type { ReadFile } from './read-yaml.js';
import { isWorkflow, readWorkflow } from './wfformat.js';

/** How to load. */
export interface LoadOptions {
  /** Run times of recorded workflows are multiplied by this; default 1. */
  readonly scale?: number;
  /** Folder that file names are shown relative to; default the current one. */
  readonly cwd?: string;
}

/** What files say, and everything that is wrong with it. */
export interface LoadedDefinitions {
  /** With the text of script files in place; valid when `problems` is empty. */
  readonly definitions: Definitions;
  readonly functions: readonly Job[];
  /** Modules that hold `functions`, absolute. */
  readonly modules: readonly string[];
  readonly problems: readonly DefinitionProblem[];
  readonly warnings: readonly DefinitionProblem[];
  /** Every file read, in order of their names. */
  readonly files: readonly string[];
  /** The problem with the file and line of its path. */
  place(problem: DefinitionProblem): DefinitionProblem;
  /** Changes with every byte of every file, script files included. */
  readonly digest: string;
}

/** A file or folder that is not there. */
export class SourceNotFound extends Error {
  override readonly name = 'SourceNotFound';
}

const MODULE = /\.(ts|mts|cts|js|mjs|cjs)$/;
const DEFINITION_FILE = /\.hera\.(ya?ml|json|ts|mts|js|mjs)$/;
/** Enough for every estate; a folder given by mistake (`/`) is refused, not walked. */
const FILES_MAX = 20_000;

/** Loads files of any kind, and all `*.hera.*` files below folders. Throws `SourceNotFound`. */
export async function loadDefinitions(
  sources: readonly string[],
  options: LoadOptions = {},
): Promise<LoadedDefinitions> {
  const loader = new Loader(options);
  const seen = new Set<string>();
  for (const source of sources) {
    const root = await realPathOf(source);
    const isFolder = (await stat(root)).isDirectory();
    const files = isFolder ? await definitionFiles(root) : [root];
    if (files.length === 0) throw new SourceNotFound(`no *.hera.yaml file in ${source}`);
    for (const file of files.filter((path) => !seen.has(path))) {
      seen.add(file);
      await loader.read(file, isFolder ? root : dirname(root));
    }
  }
  return loader.finish();
}

async function realPathOf(source: string): Promise<string> {
  try {
    return await realpath(source);
  } catch {
    throw new SourceNotFound(`no such file or folder: ${source}`);
  }
}

async function definitionFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && DEFINITION_FILE.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/[\\/](node_modules|\.git|\.hera)[\\/]/.test(path.slice(folder.length)));
  if (files.length > FILES_MAX)
    throw new SourceNotFound(`more than ${FILES_MAX} definition files in ${folder}`);
  return files.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

class Loader {
  readonly #parts: DefinitionPart[] = [];
  readonly #problems: DefinitionProblem[] = [];
  readonly #readers = new Map<string, ReadFile>();
  /** By the name in problems: where each file lies, and the folder that its scripts must lie in. */
  readonly #places = new Map<string, { readonly path: string; readonly root: string }>();
  readonly #functions: Job[] = [];
  readonly #modules: string[] = [];
  readonly #hash = createHash('sha256');
  readonly #options: LoadOptions;

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  async read(path: string, root: string): Promise<void> {
    const file = this.#shown(path);
    this.#places.set(file, { path, root });
    const text = await readFile(path, 'utf8');
    this.#hash.update(`${relative(root, path)}\0${text}\0`);
    if (MODULE.test(path)) await this.#readModule(path, file);
    else if (path.endsWith('.json') && !DEFINITION_FILE.test(path)) this.#readJson(text, file);
    else this.#readYaml(text, file);
  }

  async finish(): Promise<LoadedDefinitions> {
    const merged = mergeDefinitions(this.#parts);
    const place = (problem: DefinitionProblem) => this.#place(problem, merged.fileOf(problem.path));
    this.#problems.push(...merged.problems.map((problem) => this.#place(problem, problem.file)));
    // Rules between parts are checked only when every file could be read: a missing file has missing jobs.
    if (this.#problems.length === 0) {
      this.#problems.push(...validateDefinitions(merged.definitions).map(place));
    }
    const isValid = this.#problems.length === 0;
    const inlined = isValid ? await this.#inline(merged.definitions, merged.fileOf) : {};
    const definitions = this.#problems.length === 0 ? inlined : {};
    return {
      definitions,
      functions: this.#functions,
      modules: this.#modules,
      problems: this.#problems,
      warnings: this.#problems.length === 0 ? definitionWarnings(definitions).map(place) : [],
      files: [...this.#places.keys()],
      place,
      digest: this.#hash.digest('hex'),
    };
  }

  async #readModule(path: string, file: string): Promise<void> {
    const { definitions, functions, problems } = await readModule(path, file);
    this.#problems.push(...problems);
    this.#functions.push(...functions);
    if (functions.length > 0) this.#modules.push(path);
    this.#parts.push({ file, definitions });
  }

  #readJson(text: string, file: string): void {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      const { line, message } = brokenJson(text, error as Error);
      this.#problems.push({ path: '', rule: 'json', message: `is not valid JSON: ${message}`, file, line });
      return;
    }
    if (!isWorkflow(value)) {
      const message = 'is neither a recorded workflow in WfFormat 1.5 nor named *.hera.json';
      this.#problems.push({ path: '', rule: 'format', message, file });
      return;
    }
    const { definitions, problems } = readWorkflow(value, { file, scale: this.#options.scale ?? 1 });
    // JSON is YAML: its reader knows the lines. It is slow, so it reads only what is wrong.
    if (problems.length > 0) this.#readers.set(file, readYaml(text, file));
    this.#problems.push(...problems.map((problem) => this.#place(problem, file)));
    this.#parts.push({ file, definitions });
  }

  #readYaml(text: string, file: string): void {
    const reader = readYaml(text, file);
    this.#readers.set(file, reader);
    this.#problems.push(...reader.problems);
    if (reader.problems.length > 0) return;
    const shape = validateShape(reader.value, FILE_SCHEMA);
    this.#problems.push(...shape.map((problem) => this.#place(problem, file)));
    if (shape.length > 0) return;
    const { hera: _, ...definitions } = reader.value as Definitions & { readonly hera: number };
    this.#parts.push({ file, definitions });
  }

  #place(problem: DefinitionProblem, file: string | undefined): DefinitionProblem {
    if (file === undefined) return problem;
    const line = this.#readers.get(file)?.lineOf(parsePath(problem.path));
    return { ...problem, file, ...(line !== undefined && { line }) };
  }

  /** Puts the text of `script: { file }` in its place: the definitions then stand alone. */
  async #inline(
    definitions: Definitions,
    fileOf: (path: string) => string | undefined,
  ): Promise<Definitions> {
    const jobs = { ...definitions.jobs };
    for (const [name, job] of Object.entries(jobs)) {
      if (typeof job.script !== 'object') continue;
      const path = `jobs.${name}.script.file`;
      const file = fileOf(`jobs["${name}"]`) ?? '';
      const found = await this.#script(job.script.file, this.#places.get(file));
      if ('problem' in found) {
        const message = `${path} is "${job.script.file}", ${found.problem}`;
        this.#problems.push(this.#place({ path, rule: 'script', message }, file));
      } else {
        this.#hash.update(`${name}\0${found.text}\0`);
        jobs[name] = { ...job, script: found.text };
      }
    }
    return { ...definitions, jobs };
  }

  async #script(
    name: string,
    place: { readonly path: string; readonly root: string } | undefined,
  ): Promise<{ text: string } | { problem: string }> {
    if (place === undefined) return { problem: 'but a module has no folder: read the file in it' };
    const path = resolve(dirname(place.path), name);
    if (isAbsolute(name) || relative(place.root, path).startsWith('..')) {
      return { problem: `which lies outside ${place.root}` };
    }
    try {
      return { text: await readFile(path, 'utf8') };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return { problem: code === 'ENOENT' ? 'which does not exist' : `which cannot be read: ${code}` };
    }
  }

  #shown(path: string): string {
    const shown = relative(this.#options.cwd ?? process.cwd(), path);
    return shown.startsWith('..') ? path : shown || basename(path);
  }
}

/** Line and reason of what `JSON.parse` refuses: it names a position, or the end of the text. */
function brokenJson(text: string, { message }: Error): { readonly line: number; readonly message: string } {
  const position = /at position (\d+)/.exec(message)?.[1];
  const before = text.slice(0, position === undefined ? text.trimEnd().length : Number(position));
  return { line: before.split('\n').length, message: message.replace(/ in JSON at position.*$/, '') };
}
