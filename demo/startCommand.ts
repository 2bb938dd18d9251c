import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const root = new URL('../', import.meta.url);
const manifest = z.object({ scripts: z.object({ start: z.string() }) });

/** What `npm start` gives to Node, as the container and the templates do: its flags, then the absolute path of the program. */
export function startArguments(): string[] {
  const { scripts } = manifest.parse(JSON.parse(readFileSync(new URL('package.json', root), 'utf8')));
  const words = scripts.start.split(' ').slice(1);
  return [...words.slice(0, -1), fileURLToPath(new URL(words.at(-1) ?? '', root))];
}
