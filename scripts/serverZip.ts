import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { bundleInto } from './bundle/bundle.ts';
import { zip } from './zip.ts';

/** Relative to the folder that npm runs in, which is the project's. */
const zipPath = join('dist', 'ringdown-linux-x64.zip');

/**
 * Writes the server and everything it needs except Node, for Azure App Service (WEBSITE_RUN_FROM_PACKAGE=1). Includes
 * the ringdown.yaml of the current folder, if there is one.
 *
 * @param path default: dist/ringdown-linux-x64.zip
 * @returns its path, and its size in bytes
 */
export async function writeServerZip(path = zipPath): Promise<{ path: string; bytes: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'ringdown-zip-'));
  try {
    await bundleInto(folder);
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted();
    const contents = Object.fromEntries(files.map((file) => [relative(folder, file), readFileSync(file)]));
    if (existsSync('ringdown.yaml')) contents['ringdown.yaml'] = readFileSync('ringdown.yaml');
    const archive = zip(contents);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, archive);
    return { path, bytes: archive.length };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
