import { createInterface } from 'node:readline';
import { DataDirInUse, lockDataDir } from '../../../src/database/dataDirLock.ts';

// A process that locks each data folder that it is told, one per line, and prints for each: held, in use or failed.
for await (const dataDir of createInterface({ input: process.stdin })) {
  const outcome = await lockDataDir(dataDir).then(
    () => 'held',
    (error: unknown) => (error instanceof DataDirInUse ? 'in use' : `failed: ${String(error)}`),
  );
  process.stdout.write(`${outcome}\n`);
}
