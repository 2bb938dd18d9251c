import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/**
 * The script of the page, with what it was made of.
 *
 * @param device which one the page talks with, see bundle.ts
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
    // Microsoft's notices must stay (its licence, 3 c).
    legalComments: 'inline',
    logLevel: 'error',
    tsconfigRaw: {},
  });
}

/*
 * A program of its own too, `node buildPage.ts azure|standIn`: it prints the script. esbuild leaves a process behind that
 * ends with whoever loaded it, which is not to be the server.
 */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { outputFiles } = await buildPage(process.argv[2] ?? '');
  for (const { contents } of outputFiles) process.stdout.write(contents);
}
