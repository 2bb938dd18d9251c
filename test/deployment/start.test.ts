import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startCommand, startWords } from '../../demo/startCommand.ts';
import { whenOrphaned } from '../../src/operations/orphaned.ts';
import { afterTest } from '../support/afterTest.ts';
import { testClock } from '../support/clock.ts';

const here = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Stands in for Ringdown: reports signals, and takes some time to stop. */
const PROGRAM = `
import { whenOrphaned } from ${JSON.stringify(here('src/operations/orphaned.ts'))};
import { systemClock } from ${JSON.stringify(here('src/clock.ts'))};
const end = (why) => { console.log(why); setTimeout(() => { console.log('stopped'); process.exit(0); }, 100); };
process.on('SIGTERM', () => end('SIGTERM'));
process.on('SIGHUP', () => console.log('SIGHUP'));
setInterval(() => undefined, 1000);
whenOrphaned(() => process.ppid, () => end('orphaned'), systemClock);
console.log('ready ' + process.pid);
`;

describe('npm start', function () {
  /** Runs the start command as npm does, with another program, and sends npm the signal once the program runs. */
  async function heardAfter(signal: NodeJS.Signals): Promise<{ heard: string[]; npmWaited: boolean }> {
    const folder = mkdtempSync(join(tmpdir(), 'ringdown-start-'));
    afterTest(() => rmSync(folder, { recursive: true, force: true }));
    const program = join(folder, 'program.mts');
    writeFileSync(program, PROGRAM);
    const start = startCommand().replace('src/main.ts', program);
    assert.ok(start.includes(program));
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts: { start } }));
    const npm = spawn('npm', ['start', '--silent'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
    let hasEnded = false;
    npm.once('exit', () => (hasEnded = true));
    const lines = createInterface(npm.stdout);
    const heard: string[] = [];
    let npmWaited = false;
    for await (const line of lines) {
      if (line.startsWith('ready')) {
        afterTest(() => killIfThere(Number(line.split(' ')[1])));
        npm.kill(signal);
      } else if (line !== '') heard.push(line);
      if (line === 'stopped') npmWaited = !hasEnded;
    }
    if (!hasEnded) await once(npm, 'exit');
    return { heard, npmWaited };
  }

  it('passes SIGTERM on, and ends when Ringdown has stopped', async () => {
    assert.deepEqual(await heardAfter('SIGTERM'), { heard: ['SIGTERM', 'stopped'], npmWaited: true });
  });

  it('leaves no process behind if SIGHUP kills npm, which does not pass it on', async () => {
    assert.deepEqual((await heardAfter('SIGHUP')).heard, ['orphaned', 'stopped']);
  });

  it('detects by its new parent that it is orphaned, and reports it once', async () => {
    const clock = testClock();
    let parent = 7;
    let told = 0;
    whenOrphaned(
      () => parent,
      () => told++,
      clock,
    );
    await clock.tick(10_000);
    assert.equal(told, 0);
    parent = 1;
    await clock.tick(1_000);
    await clock.tick(10_000);
    assert.equal(told, 1);
  });
});

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has exited, as it should.
  }
}

describe('the systemd unit', () => {
  const unit = readFileSync(here('deploymentTemplates/systemd/ringdown.service'), 'utf8');
  const values = (name: string): string[] =>
    [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value]) => value ?? '');

  it('starts Node itself, as npm start does, and passes SIGHUP on reload', () => {
    assert.deepEqual(values('ExecStart'), [`/usr/bin/env ${startWords().join(' ')}`]);
    assert.deepEqual(values('ExecReload'), ['/bin/kill -HUP $MAINPID']);
  });
});
