import { globSync } from 'node:fs';
import { inLanes, root, runMocha } from './mocha.ts';

/*
 * `npm run test:e2e [FILE…]`: the browser's tests, each file in a process of its own. restify changes what Node's own HTTP
 * server gives to everybody in its process: the product's server and the demo's proxy before the chat must not share one.
 * Two go side by side: a browser's test mostly waits.
 */
const LANES = 2;
/** What takes longest, so that nothing is left to wait for alone at the end. */
const FIRST = ['looks', 'talk', 'calling'];

const rank = (file: string): number => {
  const nth = FIRST.findIndex((name) => file.endsWith(`/${name}.test.ts`));
  return nth === -1 ? FIRST.length : nth;
};
const given = process.argv.slice(2);
const all = globSync('test/e2e/**/*.test.ts', { cwd: root }).toSorted((a, b) => rank(a) - rank(b));
const queue = given.length > 0 ? given : all;
const output = queue.length > 1 ? 'kept' : 'shown';

await inLanes(
  LANES,
  () => queue.shift(),
  async (file) => {
    const { code, text } = await runMocha(['--config', 'test/e2e/.mocharc.json', file], { output });
    if (output === 'kept') console.log(`\n=== ${file}\n${text}`);
    if (code !== 0) process.exitCode = 1;
  },
);
