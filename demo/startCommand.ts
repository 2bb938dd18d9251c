import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const root = new URL('../', import.meta.url);
const manifest = z.object({ scripts: z.object({ start: z.string() }) });

/** What `npm start` runs, as the container and the templates do. */
export function startCommand(): string {
  return manifest.parse(JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))).scripts.start;
}

/** The same for Node: its flags, then the absolute path of the program, or of another one in its place. */
export function startArguments(program?: URL): string[] {
  const words = startCommand().split(' ').slice(1);
  return [...words.slice(0, -1), fileURLToPath(program ?? new URL(words.at(-1) ?? '', root))];
}
