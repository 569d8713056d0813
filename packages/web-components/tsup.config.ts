/** The bundle by itself: `npx tsup` in this folder. `npm run build` makes the same one with tools/bundle.mjs. */
import { defineConfig } from 'tsup';

export default defineConfig({
  entry: { 'hera.bundle': 'src/app.ts' },
  format: 'esm',
  target: 'es2023',
  platform: 'browser',
  outExtension: () => ({ js: '.js' }),
  dts: false,
  minify: true,
  splitting: false,
  clean: false,
  noExternal: [/.*/],
});
