import { spawn, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
const mocha = join(dirname(createRequire(import.meta.url).resolve('mocha/package.json')), 'bin', 'mocha.js');

const running = new Set<ChildProcess>();
const stopping = new AbortController();

// Who stops us stops all of it: what runs is told, and nothing more is begun.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    stopping.abort();
    process.exitCode = 1;
    for (const child of running) child.kill(signal);
  });
}

/** Runs mocha in a process of its own. @returns its exit code, and what it wrote where that is kept */
export async function runMocha(
  args: readonly string[],
  { output, env = process.env }: { output: 'shown' | 'kept'; env?: NodeJS.ProcessEnv },
): Promise<{ code: number; text: string }> {
  return await new Promise((resolve) => {
    const child = spawn(process.execPath, [mocha, ...args], {
      cwd: root,
      env,
      stdio: output === 'shown' ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    const text: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => text.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => text.push(chunk));
    child.on('close', (code) => {
      running.delete(child);
      resolve({ code: code ?? 1, text: Buffer.concat(text).toString() });
    });
  });
}

/** So many at a time: each lane takes the next one, by its number, until there is none. */
export async function inLanes<Item>(
  count: number,
  next: (lane: number) => Item | undefined,
  run: (item: Item) => Promise<void>,
): Promise<void> {
  const lane = async (nth: number): Promise<void> => {
    for (let item = next(nth); item !== undefined && !stopping.signal.aborted; item = next(nth))
      await run(item);
  };
  await Promise.all(Array.from({ length: count }, async (_, nth) => await lane(nth)));
}
