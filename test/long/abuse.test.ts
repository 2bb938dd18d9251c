import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { API_KEY, startBot } from '../../bench/bots.ts';
import { createEmulator } from '../../emulator/emulator.ts';
import { afterTest } from '../support/afterTest.ts';
import { fillDataDir } from '../support/databases.ts';
import { abuse, type Abuse } from '../support/http/abuse.ts';
import { sample } from '../support/long.ts';

const MOST_MB = 400;
const ASKS = 20;

describe('A server that is abused', function () {
  this.timeout(30 * 60_000);

  it('answers every client that has a key, in bounded memory', async () => {
    const emulator = createEmulator();
    await emulator.start();
    afterTest(async () => await emulator.stop());
    const dataDir = mkdtempSync(join(tmpdir(), 'ringdown-abuse-'));
    afterTest(() => rmSync(dataDir, { recursive: true, force: true }));
    await fillDataDir(dataDir);
    // With the flags of `npm start`, which the memory depends on.
    const bot = await startBot({ emulator: emulator.addresses, database: { dataDir } });
    afterTest(async () => await bot.stop());
    const attacks: [kind: Abuse, connections: number, key?: string][] = [
      ['silent', sample === 1 ? 10_000 : 2_000],
      ['slow', 400],
      ['huge', 10],
      ['endless', 10],
      ['bomb', 10],
      ['bomb', 10, API_KEY],
    ];
    for (const [kind, connections, key] of attacks) {
      const end = await abuse(kind, bot.port, connections, key);
      for (let nth = 0; nth < ASKS; nth++) {
        const answer = await fetch(`${bot.url}/api/v1/calls?limit=1`, {
          headers: { authorization: `Bearer ${API_KEY}`, connection: 'close' },
        });
        assert.equal(answer.status, 200, kind);
        await answer.arrayBuffer();
      }
      await end();
      const mb = mostMemory(bot.pid);
      assert.ok(mb < MOST_MB, `${kind}: ${mb} MB`);
    }
  });
});

/** The most that the process has held so far, in MB. Source: proc(5), on Linux only. */
function mostMemory(pid: number): number {
  const most = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(most) / 1024);
}
