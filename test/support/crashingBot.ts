import { mkdirSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { createApp } from '../../src/app.ts';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';

/**
 * The bot as a process of its own that kills itself, as `kill -9` would, when it comes to a place for the n-th time:
 * `node crashingBot.ts [place] [n]`. Without a place it lives.
 *
 * With `CRASH_PLACES` (separated by commas) and `CRASH_FOLDER`, which is empty at first, it kills itself at each of these
 * places, but only once among all processes that share the folder: what was come to stands in it.
 */
const [place, times] = process.argv.slice(2);
const { CRASH_PLACES: places, CRASH_FOLDER: folder, ...env } = process.env;
let left = Number(times ?? 1);

function isFirstHere(here: string): boolean {
  if (folder === undefined || !places?.split(',').includes(here)) return false;
  try {
    mkdirSync(join(folder, here));
    return true;
  } catch {
    return false;
  }
}

const app = await createApp({
  config: readConfig(env),
  clock: systemClock,
  log: createLog('info', []),
  checkpoint: (here) => {
    if ((here === place && --left === 0) || isFirstHere(here)) process.kill(process.pid, 'SIGKILL');
  },
});
process.on('SIGTERM', () => {
  void app.stop(5_000).then(() => process.exit(0));
});
await app.start();
// Node writes it when a process ends by itself, which these mostly do not.
flushCompileCache();
