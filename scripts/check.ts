import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/*
 * `npm run check`: runs every check, even after one has failed, and lists the failures at the end.
 * The last line, `checks: N passed, N failed`, is read by .ci/run.
 */
const checks = {
  types: ['tsc', '--noEmit', '--pretty', 'false'],
  'types of the call page': ['tsc', '--noEmit', '--pretty', 'false', '--project', 'src/talk/browser'],
  'types of the console': ['tsc', '--noEmit', '--pretty', 'false', '--project', 'src/console/browser'],
  lint: ['oxlint', '--type-aware', '--deny-warnings', '--report-unused-disable-directives'],
  format: ['prettier', '--check', '--log-level', 'warn', '--cache', '.'],
  'unused code': ['knip', '--no-progress'],
  texts: ['node', 'scripts/texts.ts', '--check'],
};

const root = fileURLToPath(new URL('..', import.meta.url));
const env = {
  ...process.env,
  // npm sets this too; here it makes the script work without npm.
  PATH: [join(root, 'node_modules', '.bin'), process.env['PATH']].join(delimiter),
};

interface CheckResult {
  name: string;
  passed: boolean;
  output: string;
}

function run(name: string, [command = '', ...args]: readonly string[]): Promise<CheckResult> {
  const started = performance.now();
  return new Promise((resolve) => {
    const output: Buffer[] = [];
    const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const end = (passed: boolean, note = '') => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.log(`${passed ? 'ok    ' : 'failed'} ${name} (${seconds} s)`);
      resolve({ name, passed, output: `${Buffer.concat(output).toString().trim()}${note}` });
    };
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
    child.on('error', (error) => end(false, `\n${command} could not be started: ${error.message}`));
    child.on('close', (code, signal) => end(code === 0, signal === null ? '' : `\nended by ${signal}`));
  });
}

const results = await Promise.all(Object.entries(checks).map(([name, command]) => run(name, command)));
const failed = results.filter(({ passed }) => !passed);
for (const { name, output } of failed) console.log(`\n--- ${name} ---\n${output}`);
console.log(`\nchecks: ${results.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;
