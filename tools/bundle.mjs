// @ts-check
/**
 * Bundles, made by tsup from what tsc has compiled or, for the pages, from their source: the one file that
 * a page without a build step loads, and the entries of core for a browser and for a host with nothing but
 * the language. The second kind is thrown away: that it can be made is the check, its size the figure.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'tsup';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ELEMENTS = join(ROOT, 'packages/web-components');
const CORE = join(ROOT, 'packages/core/dist');
const CORE_ENTRIES = { '.': 'index', './cron': 'cron', './simulate': 'simulate' };

/**
 * Options of every bundle: one minified ESM file with all that it imports, declarations left to tsc.
 * @type {import('tsup').Options}
 */
const BUNDLE = {
  format: 'esm',
  target: 'es2023',
  config: false,
  dts: false,
  minify: true,
  silent: true,
  // tsup would strip `node:` and leave the import in the bundle, where nobody notices it.
  removeNodeProtocol: false,
  splitting: false,
  noExternal: [/.*/],
};

async function bundleElements() {
  const entry = join(ELEMENTS, 'src/app.ts');
  if (!existsSync(entry)) return;
  await build({
    ...BUNDLE,
    entry: { 'hera.bundle': entry },
    outDir: join(ELEMENTS, 'dist'),
    outExtension: () => ({ js: '.js' }),
    platform: 'browser',
    tsconfig: join(ELEMENTS, 'tsconfig.json'),
    clean: false,
  });
  report('packages/web-components/dist/hera.bundle.js', join(ELEMENTS, 'dist/hera.bundle.js'));
}

/**
 * Fails where an entry of core reaches for something its platform does not have.
 *
 * @param {'browser' | 'neutral'} platform
 * @param {string} folder
 */
async function checkCore(platform, folder) {
  for (const [name, file] of Object.entries(CORE_ENTRIES)) {
    const entry = join(CORE, `${file}.js`);
    if (!existsSync(entry)) continue;
    await build({
      ...BUNDLE,
      entry: { [file]: entry },
      outDir: join(folder, platform),
      outExtension: () => ({ js: '.js' }),
      platform,
      // A neutral bundle looks at no field of package.json but `exports`, unless it is told to.
      esbuildOptions: (options) => void (options.mainFields = ['browser', 'module', 'main']),
    });
    report(`@hera/core ${name} (${platform})`, join(folder, platform, `${file}.js`));
  }
}

/**
 * @param {string} name
 * @param {string} file
 */
function report(name, file) {
  const bundle = readFileSync(file);
  console.log(`${name}: ${bundle.length} bytes, ${brotliCompressSync(bundle).length} with brotli`);
}

const folder = mkdtempSync(join(tmpdir(), 'hera-bundle-'));
try {
  await bundleElements();
  await checkCore('browser', folder);
  await checkCore('neutral', folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
