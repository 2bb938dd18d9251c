import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { keptBuild } from './keptBuild.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What runs in browsers. Each program is a set of entry points, built together. */
interface BrowserProgram {
  entryPoints: { in: string; out: string }[];
  /** Whether names contain a hash of the content, so that browsers may keep the files. */
  hashed: boolean;
}

const page = (device: string): BrowserProgram => ({
  entryPoints: [
    { in: `src/talk/browser/${device}.ts`, out: 'page' },
    { in: 'src/talk/browser/page.css', out: 'page' },
  ],
  hashed: false,
});

const programs = {
  /** The browser call page with the real calling SDK. */
  azure: page('azure'),
  /** The same with a device that works only with the emulator. */
  standIn: page('standIn'),
  console: { entryPoints: [{ in: 'src/console/browser/main.tsx', out: 'main' }], hashed: true },
} satisfies Record<string, BrowserProgram>;

export type ProgramName = keyof typeof programs;
/** In the order in which a bundled server lists them. */
export const programNames = ['azure', 'standIn', 'console'] as const satisfies ProgramName[];

/**
 * Builds a program for browsers, with esbuild's metafile. Paths of output files are relative to the project's root.
 *
 * @throws esbuild's own errors
 */
export async function buildProgram(name: ProgramName) {
  const { entryPoints, hashed } = programs[name];
  return await build({
    absWorkingDir: root,
    entryPoints,
    outdir: '.',
    entryNames: hashed ? '[name]-[hash]' : '[name]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    // Microsoft's licence of the calling SDK (3 c) requires to keep its notices.
    legalComments: 'inline',
    logLevel: 'error',
    tsconfigRaw: {},
  });
}

/*
 * Also a program: `node build.ts azure|standIn|console` prints the files as JSON, [name, content] each. esbuild starts a
 * child process that lives as long as its parent, so the server does not run esbuild itself.
 */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const name = programNames.find((known) => known === process.argv[2]) ?? 'console';
  const printed = await keptBuild(root, name, async () => {
    const { outputFiles } = await buildProgram(name);
    return JSON.stringify(outputFiles.map(({ path, text }) => [path.slice(path.lastIndexOf('/') + 1), text]));
  });
  process.stdout.write(printed);
}
