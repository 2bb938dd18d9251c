import { spawn, type ChildProcess } from 'node:child_process';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/*
 * `npm test [FILE…]`: without a file all tests but the browser's, in one mocha process more at once than there are
 * processors; one of them begins with those that mostly wait. mocha's own `--parallel` is not used: it ends its workers by force,
 * and so could not tell what a test has left open (test/support/leaks.ts).
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const mocha = join(dirname(createRequire(import.meta.url).resolve('mocha/package.json')), 'bin', 'mocha.js');
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

const running = new Set<ChildProcess>();

async function run(
  files: readonly string[],
  output: 'shown' | 'kept',
): Promise<{ code: number; text: string }> {
  return await new Promise((resolve) => {
    const child = spawn(process.execPath, [mocha, ...files], {
      cwd: root,
      env,
      stdio: output === 'shown' ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    const text: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => text.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => text.push(chunk));
    child.on('close', (code) => {
      running.delete(child);
      resolve({ code: code ?? 1, text: Buffer.concat(text).toString() });
    });
  });
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    for (const child of running) child.kill(signal);
    process.exitCode = 1;
    queue.length = 0;
  });
}

const queue = batches();
const named = process.argv.slice(2);
if (named.length > 0) {
  process.exitCode = (await run(named, 'shown')).code;
} else {
  const failed: string[] = [];
  const told: string[] = [];
  // Two of those that wait go side by side only when nothing else is left.
  const next = (waiting: boolean): Batch | undefined => {
    const nth = queue.findIndex(({ name }) => WAITING.includes(name) === waiting);
    return nth === -1 ? queue.shift() : queue.splice(nth, 1)[0];
  };
  const lane = async (waiting: boolean): Promise<void> => {
    for (let batch = next(waiting); batch; batch = next(waiting)) {
      const { code, text } = await run(batch.files, 'kept');
      console.log(`\n=== ${batch.name}\n${text}`);
      if (code === 0) continue;
      failed.push(batch.name);
      // mocha tells its failures behind their count; else its last lines say how far it came. Without the counts:
      // whoever sums up would count them twice.
      const lines = (text.split(/^.*\d+ failing.*$/m).at(-1) ?? '').slice(-10_000);
      told.push(`--- ${batch.name}\n${lines.replaceAll(/^.*\d+ passing.*$/gm, '')}`);
    }
  };
  const lanes = Array.from({ length: availableParallelism() + 1 }, async (_, nth) => await lane(nth === 0));
  await Promise.all(lanes);
  if (failed.length === 0) {
    console.log('All tests have passed.');
  } else {
    console.log(`\n=== what has failed\n${told.join('\n')}\nFailed: ${failed.join(', ')}`);
    process.exitCode = 1;
  }
}
