/**
 * The agent of function jobs loads one plain module. This writes it: it reads the author's modules in the
 * way they were read here, whatever their language and wherever they lie.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Writes the module into the folder and gives its path. */
export async function writeFunctionModule(folder: string, modules: readonly string[]): Promise<string> {
  const path = join(folder, 'functions.mjs');
  const reader = new URL('./read-module.js', import.meta.url).href;
  const text = `// Written by hera at each start.
import { readModule } from ${JSON.stringify(reader)};

const read = await Promise.all(${JSON.stringify(modules)}.map((path) => readModule(path, path)));
const [problem] = read.flatMap(({ problems }) => problems);
if (problem !== undefined) throw new Error(\`\${problem.file}: \${problem.message}\`);
export const jobs = read.flatMap(({ functions }) => functions);
`;
  await writeFile(path, text, { mode: 0o600 });
  return path;
}
