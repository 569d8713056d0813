/** The pages: the files of web-components, one HTML file that loads them, and headers that close the rest. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';

const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
    "img-src 'self' data:; font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
} as const;

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Hera</title>
    <link rel="icon" href="data:," />
    <script type="module" src="/assets/hera.bundle.js"></script>
  </head>
  <body>
    <hera-app></hera-app>
    <noscript>Hera needs JavaScript.</noscript>
  </body>
</html>
`;

/** Folder of web-components' built files; null when they are not there. */
export function assetsFolder(): string | null {
  const entry = fileURLToPath(import.meta.resolve('@hera/web-components'));
  return existsSync(entry) ? dirname(entry) : null;
}

/** Adds the page at every address that is neither of the API nor a file, and the files under `/assets/`. */
export async function addPages(app: FastifyInstance, assets: string | null): Promise<void> {
  if (assets !== null) {
    await app.register(async (scope) => {
      scope.addHook('onRoute', (route) => {
        route.config = { ...route.config, isPage: true };
      });
      await scope.register(fastifyStatic, {
        root: assets,
        prefix: '/assets/',
        index: false,
        dotfiles: 'ignore',
        setHeaders: (reply) => {
          for (const [name, value] of Object.entries(HEADERS)) void reply.header(name, value);
          // Built files keep their names: the browser asks each time whether they have changed.
          void reply.header('cache-control', 'no-cache');
        },
      });
    });
  }
  const page = (reply: FastifyReply) =>
    reply.headers(HEADERS).header('cache-control', 'no-cache').type('text/html; charset=utf-8').send(PAGE);
  app.get('/', { config: { isPage: true } }, (_request, reply) => page(reply));
}

/** Where the bundle lies, for a hint when it has not been built. */
export const bundlePath = (assets: string) => join(assets, 'hera.bundle.js');
