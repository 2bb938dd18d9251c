import assert from 'node:assert/strict';
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { DataDirInUse, lockDataDir } from '../../src/database/dataDirLock.ts';
import { openDatabase } from '../../src/database/open.ts';
import { afterTest } from '../support/afterTest.ts';
import { itLong } from '../support/long.ts';

describe('the data folder', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'ringdown-data-'));
    afterTest(() => rmSync(dataDir, { recursive: true, force: true }));
  });

  async function lock(folder = dataDir): Promise<() => Promise<void>> {
    const release = await lockDataDir(folder);
    afterTest(release);
    return release;
  }

  it('is made if it is not there', async () => {
    const inside = join(dataDir, 'a', 'b');
    await lock(inside);
    assert.ok(existsSync(inside));
  });

  it('can be locked again once it was released', async () => {
    const release = await lock();
    await release();
    await lock();
    // Released twice, it does not release another's lock.
    await release();
    await assert.rejects(lock(), DataDirInUse);
  });

  it('that cannot be written is told as what the system says', async () => {
    writeFileSync(join(dataDir, 'file'), '');
    await assert.rejects(lock(join(dataDir, 'file')), { code: 'EEXIST' });
  });

  it('is refused to a second one in the same process, in words that help', async () => {
    await lock();
    await assert.rejects(lock(), (error: Error) => {
      assert.ok(error instanceof DataDirInUse);
      assert.match(error.message, /in use by another Ringdown process/);
      assert.ok(error.message.includes(dataDir));
      return true;
    });
  });

  it('is the same folder by another name', async () => {
    await lock();
    const link = `${dataDir}-link`;
    symlinkSync(dataDir, link);
    afterTest(() => rmSync(link));
    await assert.rejects(lock(link), DataDirInUse);
  });

  it('is refused to a second process', async () => {
    const other = new Holder();
    assert.equal(await other.lock(dataDir), 'held');
    await assert.rejects(lock(), DataDirInUse);
  });

  it('is refused while a process that holds it does not answer', async () => {
    const other = new Holder();
    assert.equal(await other.lock(dataDir), 'held');
    other.child.kill('SIGSTOP');
    await assert.rejects(lock(), DataDirInUse);
  });

  it('is free at once when the process that held it was killed', async () => {
    const other = new Holder();
    assert.equal(await other.lock(dataDir), 'held');
    await other.kill();
    await lock();
  });

  itLong('is taken over by one process only when several find that its holder is dead', async function () {
    const processes = Array.from({ length: 6 }, () => new Holder());
    const folders = Array.from({ length: 25 }, (_, round) => join(dataDir, `round${round}`));
    const dead = new Holder();
    for (const folder of folders) assert.equal(await dead.lock(folder), 'held');
    await dead.kill();
    for (const folder of folders) {
      const outcomes = await Promise.all(processes.map(async (one) => await one.lock(folder)));
      assert.deepEqual(outcomes.toSorted(), ['held', ...Array<string>(5).fill('in use')]);
      await assert.rejects(lock(folder), DataDirInUse);
    }
  });

  itLong('keeps the database across restarts, and lets only one process have it', async function () {
    const first = await openDatabase({ url: null, dataDir });
    await first.sql.insertInto('settings').values({ name: 'kept', value: '{"by":"us"}' }).execute();
    await assert.rejects(openDatabase({ url: null, dataDir }), DataDirInUse);
    await first.close();
    const second = await openDatabase({ url: null, dataDir });
    afterTest(async () => await second.close());
    assert.deepEqual(await second.sql.selectFrom('settings').selectAll().execute(), [
      { name: 'kept', value: { by: 'us' } },
    ]);
  });

  it('is free again when the database in it could not be opened', async () => {
    writeFileSync(join(dataDir, 'pglite'), 'not a folder');
    await assert.rejects(openDatabase({ url: null, dataDir }));
    await lock();
  });
});

/** Another process, killed after the test. */
class Holder {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: Interface;

  constructor() {
    const script = fileURLToPath(new URL('../support/database/dataDirHolder.ts', import.meta.url));
    this.child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.child.stdout });
    afterTest(async () => await this.kill());
  }

  async lock(dataDir: string): Promise<string> {
    const answer = once(this.#lines, 'line');
    this.child.stdin.write(`${dataDir}\n`);
    return z.tuple([z.string()]).parse(await answer)[0];
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exit;
  }
}
