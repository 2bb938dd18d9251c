import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { lookUp } from '../config/lookUp.ts';

export interface Asset {
  type: string;
  body: Buffer;
  /** The gzipped body. The calling SDK is large. */
  packed: Buffer;
}

/** The calling SDK is about 7 MB. */
const LARGEST = 64 * 1024 * 1024;
const pack = promisify(gzip);
const run = promisify(execFile);
const file = (name: string): string => fileURLToPath(new URL(`./browser/${name}`, import.meta.url));

/**
 * Serves the page's scripts and styles. They are built from the installed packages on first use and kept in memory. A
 * bundled server (scripts/bundle) has no packages and contains the built scripts.
 *
 * @param device what the page calls with: `azure` is the real SDK, `standIn` works only with the emulator
 */
export function createBundle(device: 'azure' | 'standIn'): (name: string) => Promise<Asset | null> {
  const made = new Map<string, Promise<Asset>>();
  const makers: Readonly<Record<string, () => Promise<Asset>>> = {
    'page.js': async () => await asset('text/javascript; charset=utf-8', await script(device)),
    'page.css': async () => await asset('text/css; charset=utf-8', await readFile(file('page.css'))),
  };
  return async (name) => {
    const make = lookUp(makers, name);
    if (!make) return null;
    const known = made.get(name);
    if (known) return await known;
    const making = make();
    made.set(name, making);
    // After a failure, the next request tries again.
    making.catch(() => made.delete(name));
    return await making;
  };
}

async function asset(type: string, body: Buffer): Promise<Asset> {
  return { type, body, packed: await pack(body) };
}

/** Built scripts. The packages do not change while the process runs. */
const scripts = new Map<string, Promise<Buffer>>();

async function script(device: string): Promise<Buffer> {
  const known = scripts.get(device);
  if (known) return await known;
  const building = build(device);
  scripts.set(device, building);
  building.catch(() => scripts.delete(device));
  return await building;
}

async function build(device: string): Promise<Buffer> {
  const built = file(`${device}.js`);
  if (existsSync(built)) return await readFile(built);
  const options = { encoding: 'buffer', maxBuffer: LARGEST } as const;
  const { stdout } = await run(process.execPath, [file('../buildPage.ts'), device], options);
  return stdout;
}
