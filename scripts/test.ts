import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { inLanes, root, runMocha } from './mocha.ts';

/*
 * `npm test [FILE…]`: without a file all tests but the browser's, in as many mocha processes at once as there are
 * processors; one begins with those that mostly wait. mocha's own `--parallel` is not used: it ends its workers by force,
 * and so could not tell what a test has left open (test/support/leaks.ts).
 */
const shared = mkdtempSync(join(tmpdir(), 'ringdown-tests-'));
process.on('exit', () => rmSync(shared, { recursive: true, force: true }));
const env = {
  ...process.env,
  RINGDOWN_TEST_FILES: shared,
  // Half of a short run is compiling; the processes that tests start share it too.
  NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compiled'),
};

/** What takes longest, so that no processor is left with one of these at the end. */
const FIRST = [
  'test/integration/crash.test.ts',
  'test/escalations',
  'test/integration/alertCrash.test.ts',
  'test/integration/talk.test.ts',
  'test/integration/alerts.test.ts',
];
/** They wait for processes, leases and polls in real time, and leave the processors to others meanwhile. */
const WAITING = [
  'test/integration/crash.test.ts',
  'test/integration/alertCrash.test.ts',
  'test/integration/ladderCrash.test.ts',
  'test/integration/databaseAway.test.ts',
  'test/integration/stopping.test.ts',
  'test/integration/twoVersions.test.ts',
];
/** The files of this folder are batches of their own. */
const SPLIT = 'test/integration';

interface Batch {
  name: string;
  files: string[];
}

function batches(): Batch[] {
  const files = globSync('test/**/*.test.ts', { cwd: root, exclude: ['test/e2e/**'] });
  const folder = (file: string): string => file.split('/').slice(0, 2).join('/');
  const named = Object.groupBy(files, (file) => {
    if (file.startsWith(`${SPLIT}/`)) return file;
    return file.split('/').length > 2 ? folder(file) : 'test';
  });
  const rank = ({ name }: Batch): number => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  return Object.entries(named)
    .map(([name, members = []]) => ({ name, files: members.toSorted() }))
    .toSorted((a, b) => rank(a) - rank(b) || b.files.length - a.files.length);
}

const queue = batches();
const named = process.argv.slice(2);
if (named.length > 0) {
  process.exitCode = (await runMocha(named, { output: 'shown', env })).code;
} else {
  const failed: string[] = [];
  const told: string[] = [];
  // Two of those that wait go side by side only when nothing else is left.
  const next = (waiting: boolean): Batch | undefined => {
    const nth = queue.findIndex(({ name }) => WAITING.includes(name) === waiting);
    return nth === -1 ? queue.shift() : queue.splice(nth, 1)[0];
  };
  const lanes = availableParallelism();
  const run = async (batch: Batch): Promise<void> => {
    const { code, text } = await runMocha(batch.files, { output: 'kept', env });
    console.log(`\n=== ${batch.name}\n${text}`);
    if (code === 0) return;
    failed.push(batch.name);
    // mocha tells its failures behind their count; else its last lines say how far it came. Without the counts:
    // whoever sums up would count them twice.
    const lines = (text.split(/^.*\d+ failing.*$/m).at(-1) ?? '').slice(-10_000);
    told.push(`--- ${batch.name}\n${lines.replaceAll(/^.*\d+ passing.*$/gm, '')}`);
  };
  await inLanes(lanes, (lane) => next(lane === 0), run);
  if (failed.length === 0) {
    console.log('All tests have passed.');
  } else {
    console.log(`\n=== what has failed\n${told.join('\n')}\nFailed: ${failed.join(', ')}`);
    process.exitCode = 1;
  }
}
