import {
  copyFileSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type OutputFile } from 'esbuild';
import { z } from 'zod';
import { buildProgram, programNames } from '../../src/browserCode/build.ts';
import { billOfMaterials } from './billOfMaterials.ts';
import { notices } from './notices.ts';
import { ownLines } from './ownLines.ts';
import { packagesIn } from './packages.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The entry points, as `server/<name>.js`. */
const PROGRAMS = {
  main: 'src/main.ts',
  doctor: 'src/doctor.ts',
  record: 'src/record.ts',
  pgliteCreator: 'src/database/pgliteCreator.ts',
  calendarReader: 'src/schedules/ical/calendarReader.ts',
};
/** Optional dependencies of packages: faster or native implementations. They are not installed. */
const MISSED = ['bufferutil', 'dtrace-provider', 'encoding', 'pg-native', 'utf-8-validate'];
/** The embedded database expects these files next to its code. */
const PGLITE = ['pglite.wasm', 'pglite.data', 'initdb.wasm'].map(
  (name) => `@electric-sql/pglite/dist/${name}`,
);

const manifest = z.looseObject({
  name: z.string(),
  version: z.string(),
  scripts: z.object({ start: z.string(), doctor: z.string(), record: z.string() }),
});

/** The bundle refers to something that is not in it. */
class BundleFault extends Error {}

/**
 * Bundles Ringdown into a few files that need only Node: `server/main.js` with all production packages, source maps
 * of our own code, the files of the programs for browsers, the embedded database, licences, and the bill of materials. The
 * same sources produce the same bytes.
 *
 * @param folder may exist already; other files in it stay
 * @throws BundleFault; esbuild's own errors
 */
export async function bundleInto(folder: string): Promise<void> {
  const server = join(folder, 'server');
  // Their names change with their content, so older ones would stay.
  rmSync(join(server, 'browser'), { recursive: true, force: true });
  mkdirSync(server, { recursive: true });
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: PROGRAMS,
    outdir: server,
    write: false,
    metafile: true,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22.18',
    // Halves the code that Node has to parse and keep. Names are kept, because errors and logs show them.
    minifyWhitespace: true,
    keepNames: true,
    sourcemap: 'linked',
    sourcesContent: false,
    external: MISSED,
    // CommonJS packages `require` Node's built-in modules, which an ES module cannot do.
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    logLevel: 'error',
    tsconfigRaw: {},
  });
  for (const { imports } of Object.values(metafile.outputs)) {
    for (const { path, external } of imports) {
      if (external && !isBuiltin(path) && !MISSED.includes(path)) throw new BundleFault(`${path} is missing`);
    }
  }
  for (const file of outputFiles) writeFileSync(file.path, contentsOf(file));
  for (const file of PGLITE) copyFileSync(join(root, 'node_modules', file), join(server, basename(file)));
  const metafiles = [metafile];
  for (const name of programNames) {
    const program = await buildProgram(name);
    metafiles.push(program.metafile);
    mkdirSync(join(server, 'browser', name), { recursive: true });
    for (const { path, contents } of program.outputFiles) {
      writeFileSync(join(server, 'browser', name, basename(path)), contents);
    }
  }
  // Read at run time.
  for (const file of globSync('texts/**/*.json', { cwd: join(root, 'src') })) {
    cpSync(join(root, 'src', file), join(folder, file));
  }
  checkFiles(server, outputFiles);
  const own = manifest.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  writeFileSync(join(folder, 'package.json'), deployedManifest(own));
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  const packages = packagesIn(root, metafiles);
  writeFileSync(join(folder, 'THIRD-PARTY-NOTICES.txt'), notices(root, packages));
  writeFileSync(join(folder, 'sbom.cdx.json'), billOfMaterials(own, packages));
}

function contentsOf({ path, contents, text }: OutputFile): Uint8Array | string {
  if (!path.endsWith('.map')) return contents;
  return ownLines(text, (source) => {
    const file = relative(root, join(dirname(path), source));
    return file.startsWith('src/') ? posix.join('..', file) : null;
  });
}

/** @throws BundleFault if code refers to a file next to it that is missing */
function checkFiles(server: string, outputs: readonly OutputFile[]): void {
  for (const { path, text } of outputs.filter((output) => output.path.endsWith('.js'))) {
    for (const [, name = ''] of text.matchAll(/new URL\("([^"]+\.\w+)",import\.meta\.url\)/g)) {
      if (!existsSync(join(server, name))) throw new BundleFault(`${basename(path)} needs ${name}`);
    }
  }
}

/** Our package.json, without packages and with only the commands that exist. */
function deployedManifest(own: z.infer<typeof manifest>): string {
  const { name, version, private: isPrivate, description, license, type, engines } = own;
  const scripts = Object.fromEntries(
    (['start', 'doctor', 'record'] as const).map((script) => [
      script,
      own.scripts[script].replace(/src\/(\w+)\.ts$/, 'server/$1.js'),
    ]),
  );
  const kept = { name, version, private: isPrivate, description, license, type, engines, scripts };
  return `${JSON.stringify(kept, null, 2)}\n`;
}
