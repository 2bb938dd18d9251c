import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/**
 * Builds the page's script, with esbuild's metafile.
 *
 * @param device the device that the page calls with, see bundle.ts
 * @throws esbuild's own errors
 */
export async function buildPage(device: string) {
  return await build({
    absWorkingDir: fileURLToPath(new URL('../../', import.meta.url)),
    entryPoints: [fileURLToPath(new URL(`./browser/${device}.ts`, import.meta.url))],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    // Microsoft's licence (3 c) requires to keep its notices.
    legalComments: 'inline',
    logLevel: 'error',
    tsconfigRaw: {},
  });
}

/*
 * Also a program: `node buildPage.ts azure|standIn` prints the script. esbuild starts a child process that lives as long
 * as its parent, so the server does not run esbuild itself.
 */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { outputFiles } = await buildPage(process.argv[2] ?? '');
  for (const { contents } of outputFiles) process.stdout.write(contents);
}
