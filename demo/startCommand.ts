import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const root = new URL('../', import.meta.url);
const manifest = z.object({ scripts: z.object({ start: z.string() }) });

/** What `npm start` has a shell run. Of App Service too: the shell becomes Node, so that signals come to Ringdown. */
export function startCommand(): string {
  return manifest.parse(JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))).scripts.start;
}

/** The same without a shell, as the container and the unit of systemd have it. */
export function startWords(): string[] {
  return startCommand()
    .replace(/^exec /, '')
    .split(' ');
}

/** The same for Node: its flags, then the absolute path of the program, or of another one in its place. */
export function startArguments(program?: URL): string[] {
  const words = startWords().slice(1);
  return [...words.slice(0, -1), fileURLToPath(program ?? new URL(words.at(-1) ?? '', root))];
}
