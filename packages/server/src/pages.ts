/** The pages: three files that web-components ships, under headers that allow nothing else. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  // Built files keep their names: the browser asks each time whether they have changed.
  'cache-control': 'no-cache',
} as const;

/** Address of each file, and where it lies in the package. */
const FILES = {
  '/': 'index.html',
  '/icon.svg': 'icon.svg',
  '/hera.bundle.js': 'dist/hera.bundle.js',
} as const;

/** Folder of the package web-components; null when it is not installed. */
export function pagesFolder(): string | null {
  const folder = join(dirname(fileURLToPath(import.meta.resolve('@hera/web-components'))), '..');
  return existsSync(join(folder, FILES['/'])) ? folder : null;
}

/** Adds the files, open to anybody: what they show comes from the API, which is not. */
export async function addPages(app: FastifyInstance, folder: string | null): Promise<void> {
  if (folder === null) return;
  await app.register(fastifyStatic, { root: folder, serve: false });
  for (const [url, file] of Object.entries(FILES)) {
    app.get(url, { config: { isPage: true } }, (_request, reply) => reply.headers(HEADERS).sendFile(file));
  }
}
