import { mkdirSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { createApp } from '../../src/app.ts';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config/config.ts';
import { createLog } from '../../src/operations/logging/log.ts';

/**
 * The bot as a process that kills itself, like `kill -9`, when it reaches a place for the nth time: `node
 * crashingBot.ts [place] [n]`. Without a place it runs normally.
 *
 * With `CRASH_PLACES` (comma-separated) and `CRASH_FOLDER` (initially empty), it kills itself at each of these places
 * `CRASH_TIMES` times (default 1), counted across all processes that share the folder, where each death is recorded.
 * If `CRASH_SIGNAL` is SIGSTOP, it freezes there instead.
 *
 * It records each place that it reaches in the folder `CRASH_SEEN`. With `CLOCK_WRONG_BY_MS` its machine has a wrong
 * clock.
 */
const [place, times] = process.argv.slice(2);
const {
  CRASH_PLACES: places,
  CRASH_FOLDER: folder,
  CRASH_TIMES: deaths = '1',
  CRASH_SIGNAL: signal = 'SIGKILL',
  CRASH_SEEN: seen,
  CLOCK_WRONG_BY_MS: wrongBy = '0',
  ...env
} = process.env;
let left = Number(times ?? 1);

/** @returns whether this is the first process to create it */
function isMade(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch {
    return false;
  }
}

function diesHere(here: string): boolean {
  if (folder === undefined || !places?.split(',').includes(here)) return false;
  return Array.from({ length: Number(deaths) }, (_, nth) => join(folder, `${here}, ${nth + 1}`)).some(isMade);
}

const app = await createApp({
  config: readConfig(env),
  clock: { ...systemClock, now: () => systemClock.now() + Number(wrongBy) },
  sharesTime: true,
  log: createLog('info', []),
  checkpoint: (...here) => {
    if (seen !== undefined) here.forEach((one) => isMade(join(seen, one)));
    const isTheNth = place !== undefined && here.includes(place) && --left === 0;
    // After a commit nobody comes to its other places any more, so a death there counts for each of them. Before it, the
    // restart comes to all of them again.
    const dies = here[0]?.startsWith('after ') ? here.filter(diesHere).length > 0 : here.some(diesHere);
    if (isTheNth || dies) process.kill(process.pid, signal);
  },
});
process.on('SIGTERM', () => {
  void app.stop(5_000).then(() => process.exit(0));
});
await app.start();
// Node writes it when a process exits normally, which these mostly do not.
flushCompileCache();
