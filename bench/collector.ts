import { renameSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/*
 * Preloaded into a program under measurement (`--import`): on SIGUSR2 it collects all garbage and writes to the file
 * COLLECTED_FILE what is still held.
 */
setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');
const file = process.env['COLLECTED_FILE'];

process.on('SIGUSR2', () => {
  if (typeof collect !== 'function' || !file) return;
  // What has a finalizer goes only the second time.
  for (let nth = 0; nth < 2; nth++) Reflect.apply(collect, undefined, []);
  writeFileSync(`${file}.new`, JSON.stringify(process.memoryUsage()));
  renameSync(`${file}.new`, file);
});
