import { once } from 'node:events';
import { Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { isMainThread, Worker } from 'node:worker_threads';

/*
 * A program of its own: `node pgliteCreator.ts <folder>` creates an embedded database in a folder that is not there yet,
 * and ends. What went wrong it says on stderr. stdin is held open by whoever wants the database: with it this process ends.
 */

/** The database works without a pause, so the main thread would hear of its parent's end too late. */
async function endWithParent(): Promise<void> {
  const parent = new Socket({ fd: 0 });
  parent.on('error', () => undefined);
  await once(parent.resume(), 'close');
  process.kill(process.pid, 'SIGKILL');
}

async function create(folder: string): Promise<void> {
  new Worker(new URL(import.meta.url)).unref();
  // Ctrl-C goes to both processes: how to end is the parent's to say.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  // Nothing is optimised: it takes longer than is gained, and twice the memory (docs/performance.md).
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
