import { once } from 'node:events';
import { Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { isMainThread, Worker } from 'node:worker_threads';

/*
 * A program of its own: `node pgliteCreator.ts <folder>` creates an embedded database in a new folder and ends.
 * Errors go to stderr. The parent holds stdin open; when it closes, this process ends.
 */

/** The database blocks the main thread, which would notice the parent's end too late. */
async function endWithParent(): Promise<void> {
  const parent = new Socket({ fd: 0 });
  parent.on('error', () => undefined);
  await once(parent.resume(), 'close');
  process.kill(process.pid, 'SIGKILL');
}

async function create(folder: string): Promise<void> {
  new Worker(new URL(import.meta.url)).unref();
  // Ctrl-C reaches both processes. The parent decides how to end.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  // No optimisation: it takes longer than it saves, and twice the memory (docs/performance.md).
  setFlagsFromString('--wasm-tier-up-filter=0');
  const { startPglite } = await import('./pglite.ts');
  const pglite = await startPglite({ dataDir: folder });
  await pglite.close();
}

if (isMainThread) {
  try {
    await create(process.argv[2] ?? '');
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
} else {
  await endWithParent();
}
