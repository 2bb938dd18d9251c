import { flushCompileCache } from 'node:module';
import { createApp } from '../../src/app.ts';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';

/**
 * The bot as a process of its own that kills itself, as `kill -9` would, when it comes to a place for the n-th time:
 * `node crashingBot.ts [place] [n]`. Without a place it lives.
 */
const [place, times] = process.argv.slice(2);
let left = Number(times ?? 1);

const app = await createApp({
  config: readConfig(process.env),
  clock: systemClock,
  log: createLog('info', []),
  checkpoint: (here) => {
    if (here === place && --left === 0) process.kill(process.pid, 'SIGKILL');
  },
});
process.on('SIGTERM', () => {
  void app.stop(5_000).then(() => process.exit(0));
});
await app.start();
// Node writes it when a process ends by itself, which these mostly do not.
flushCompileCache();
