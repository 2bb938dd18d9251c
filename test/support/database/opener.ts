import { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { openDatabase } from '../../../src/database/open.ts';

// A process that opens the embedded database in a data folder (`node opener.ts <folder>`), and prints the id of each
// process that it starts.
subscribe('child_process', (message) => {
  if (typeof message !== 'object' || message === null || !('process' in message)) return;
  const { process: child } = message;
  if (child instanceof ChildProcess) child.once('spawn', () => process.stdout.write(`${child.pid}\n`));
});
const database = await openDatabase({ url: null, dataDir: process.argv[2] ?? '' });
await database.close();
