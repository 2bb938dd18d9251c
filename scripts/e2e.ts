import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/*
 * `npm run test:e2e [FILE…]`: the browser's tests, each file in a process of its own. restify changes what Node's own HTTP
 * server gives to everybody in its process: the product's server and the demo's proxy before the chat must not share one.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const mocha = join(dirname(createRequire(import.meta.url).resolve('mocha/package.json')), 'bin', 'mocha.js');
const given = process.argv.slice(2);
const files = given.length > 0 ? given : globSync('test/e2e/**/*.test.ts', { cwd: root }).toSorted();

for (const file of files) {
  const { status } = spawnSync(process.execPath, [mocha, '--config', 'test/e2e/.mocharc.json', file], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = 1;
}
