import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/*
 * A program of its own, `node buildPage.ts azure|standIn`: it prints the page's script. esbuild leaves a process behind
 * that ends with whoever loaded it, which is not to be the server.
 */
const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL(`./browser/${process.argv[2]}.ts`, import.meta.url))],
  bundle: true,
  minify: true,
  write: false,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  // Microsoft's notices must stay (its licence, 3 c).
  legalComments: 'inline',
  logLevel: 'error',
  tsconfigRaw: {},
});
for (const { contents } of outputFiles) process.stdout.write(contents);
