import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { z } from 'zod';
import type { ProgramName } from './build.ts';

export interface Asset {
  type: string;
  body: Buffer;
  /** The gzipped body. The calling SDK is large. */
  packed: Buffer;
}

/** The files of a program that runs in browsers. */
export interface Assets {
  /** Builds the program if nobody has asked for it yet. */
  find: (name: string) => Promise<Asset | null>;
  /** The script of this entry point (`main-4XJ2.js`), and before it those that it imports, which a page can preload. */
  scripts: (entry: string) => Promise<string[]>;
}

/** The calling SDK is about 7 MB. */
const LARGEST = 64 * 1024 * 1024;
const TYPES: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.css': 'text/css' };
const pack = promisify(gzip);
const run = promisify(execFile);
const file = (name: string): string => fileURLToPath(new URL(`./${name}`, import.meta.url));
const printed = z.array(z.tuple([z.string(), z.string()]));

/**
 * The files of a program. They are built from the installed packages on first use and kept in memory. A bundled server
 * (scripts/bundle) has no packages and contains the built files.
 */
export function createAssets(program: ProgramName): Assets {
  const packed = new Map<string, Promise<Asset>>();
  return {
    find: async (name) => {
      const body = (await filesOf(program)).get(name);
      if (body === undefined) return null;
      const known = packed.get(name) ?? asset(name, body);
      packed.set(name, known);
      return await known;
    },
    scripts: async (entry) => {
      const files = await filesOf(program);
      const script = [...files.keys()].find((name) => name.startsWith(`${entry}-`) && name.endsWith('.js'));
      return script === undefined ? [] : withImports(script, files);
    },
  };
}

async function asset(name: string, body: Buffer): Promise<Asset> {
  const type = `${TYPES[extname(name)] ?? 'application/octet-stream'}; charset=utf-8`;
  return { type, body, packed: await pack(body, { level: 9 }) };
}

/** A script after all scripts that it imports, directly or not. `import()` does not count. */
function withImports(script: string, files: Files, before: readonly string[] = []): string[] {
  const text = files.get(script)?.toString() ?? '';
  let found = [...before];
  for (const [, name = ''] of text.matchAll(/(?:from|import)"\.\/([\w-]+\.js)"/g)) {
    if (!found.includes(name)) found = withImports(name, files, found);
  }
  return found.includes(script) ? found : [...found, script];
}

type Files = ReadonlyMap<string, Buffer>;

/** Built programs. The packages do not change while the process runs. */
const built = new Map<ProgramName, Promise<Files>>();

async function filesOf(program: ProgramName): Promise<Files> {
  const known = built.get(program);
  if (known) return await known;
  const building = build(program);
  built.set(program, building);
  // After a failure, the next request tries again.
  building.catch(() => built.delete(program));
  return await building;
}

async function build(program: ProgramName): Promise<Files> {
  const folder = file(`browser/${program}`);
  if (existsSync(folder)) {
    const read = async (name: string) => [name, await readFile(`${folder}/${name}`)] as const;
    return new Map(await Promise.all((await readdir(folder)).map(read)));
  }
  const { stdout } = await run(process.execPath, [file('build.ts'), program], { maxBuffer: LARGEST });
  return new Map(printed.parse(JSON.parse(stdout)).map(([name, text]) => [name, Buffer.from(text)]));
}
