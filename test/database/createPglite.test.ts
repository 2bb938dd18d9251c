import assert from 'node:assert/strict';
import { ChildProcess, spawn } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createPglite, DatabaseNotCreated } from '../../src/database/createPglite.ts';
import { openDatabase } from '../../src/database/open.ts';
import { afterTest } from '../support/afterTest.ts';
import { until } from '../support/until.ts';
import { itLong } from '../support/long.ts';

describe('the first start of the embedded database', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'ringdown data '));
    afterTest(() => rmSync(dataDir, { recursive: true, force: true }));
  });

  const unfinished = (): string[] => readdirSync(dataDir).filter((name) => name.startsWith('pglite.new-'));
  const isBeingCreated = (): boolean => unfinished().length > 0;

  /** Opens the database, and closes it again. */
  async function start(): Promise<void> {
    const database = await openDatabase({ url: null, dataDir });
    try {
      await database.sql.insertInto('settings').values({ name: 'kept', value: '{}' }).execute();
    } finally {
      await database.close();
    }
  }

  itLong('may be killed: the process that creates it ends too, and the next start begins again', async () => {
    const script = fileURLToPath(new URL('../support/database/opener.ts', import.meta.url));
    const first = spawn(process.execPath, [script, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
    afterTest(() => void first.kill('SIGKILL'));
    const lines = createInterface({ input: first.stdout });
    const creator = Number((await once(lines, 'line'))[0]);
    await until(isBeingCreated, 'the database is being created');
    first.kill('SIGKILL');
    await until(() => !isAlive(creator), 'the process that creates the database has ended');
    assert.ok(!existsSync(join(dataDir, 'pglite')));
    const [left] = unfinished();
    assert.ok(left);
    assert.deepEqual(readdirSync(join(dataDir, left)), [], 'the process ended long before it was done');

    // As one that was killed a moment later would have left it: files are written last.
    mkdirSync(join(dataDir, left, 'base'));
    writeFileSync(join(dataDir, left, 'PG_VERSION'), '18\n');
    writeFileSync(join(dataDir, 'pglite.new'), 'not ours');
    await start();
    assert.deepEqual(readdirSync(dataDir).toSorted(), ['lock', 'pglite', 'pglite.new']);
    await assert.rejects(start(), { code: '23505' }, 'a later start finds what this one has written');
  });

  itLong('tells that the process that creates it was ended, and leaves nothing', async () => {
    const creator = creatorOf(start);
    await until(isBeingCreated, 'the database is being created');
    creator.process().kill('SIGKILL');
    await assert.rejects(creator.outcome, (error: Error) => {
      assert.ok(error instanceof DatabaseNotCreated);
      assert.match(error.message, /could not be created in .*pglite: its process ended \(SIGKILL\)$/);
      return true;
    });
    assert.deepEqual(readdirSync(dataDir), ['lock']);
  });

  it('tells what the process that creates it says', async () => {
    const folder = join(dataDir, 'not there', 'pglite');
    await assert.rejects(createPglite(folder), (error: Error) => {
      assert.ok(error instanceof DatabaseNotCreated);
      assert.match(error.message, /its process ended \(1\)\. ENOENT: no such file or directory, mkdir/);
      return true;
    });
  });

  it('gives the process that creates it nothing of its environment, which holds secrets', async function () {
    if (!existsSync('/proc/self/environ')) this.skip();
    const { TZ } = process.env;
    afterTest(() => {
      delete process.env['ACS_CONNECTION_STRING'];
      if (TZ === undefined) delete process.env['TZ'];
      else process.env['TZ'] = TZ;
    });
    process.env['ACS_CONNECTION_STRING'] = 'a secret';
    process.env['TZ'] = 'Europe/Berlin';
    const creator = creatorOf(start);
    await until(isBeingCreated, 'the database is being created');
    const environment = readFileSync(`/proc/${creator.process().pid}/environ`, 'utf8');
    creator.process().kill('SIGKILL');
    await assert.rejects(creator.outcome, DatabaseNotCreated);
    assert.deepEqual(
      environment.split('\0').filter((variable) => variable && !variable.startsWith('LD_LIBRARY_PATH=')),
      ['TZ=Europe/Berlin'],
    );
  });
});

/** Which process a start has started. */
function creatorOf(start: () => Promise<void>): { process: () => ChildProcess; outcome: Promise<void> } {
  const started: ChildProcess[] = [];
  const listener = (message: unknown): void => {
    if (typeof message !== 'object' || message === null || !('process' in message)) return;
    if (message.process instanceof ChildProcess) started.push(message.process);
  };
  subscribe('child_process', listener);
  afterTest(() => void unsubscribe('child_process', listener));
  const outcome = start();
  // Awaited later, when it has failed long since.
  outcome.catch(() => undefined);
  return {
    outcome,
    process: () => {
      const [first] = started;
      assert.ok(first);
      return first;
    },
  };
}

/** A zombie is not: in a container there may be nobody who takes leave of processes without a parent. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const stat = `/proc/${pid}/stat`;
    return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, 'utf8'));
  } catch {
    return false;
  }
}
