import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmulator } from '../../emulator/emulator.ts';
import { afterTest } from '../support/afterTest.ts';
import { botProcess } from '../support/botProcess.ts';
import { fillDataDir } from '../support/databases.ts';
import { cases, itLong } from '../support/long.ts';
import { nadia, Page, talkYaml } from '../support/talk.ts';
import { until } from '../support/until.ts';

/** Where the bot is killed with SIGKILL, after the call has ended and before its identity is deleted. */
const places = [
  'before deleteIdentity',
  'before commit of identity.delete',
  'after commit of identity.delete',
  'before revokeTokens',
  'after deleteIdentity',
];

describe('killed before the identity of a browser call is deleted', function () {
  itLong('Ringdown revokes and deletes it after the restart', async () => {
    for (const place of cases('talk crash', places, [])) await dieAt(place);
  });
});

async function dieAt(place: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ringdown-talk-'));
  const file = join(folder, 'ringdown.yaml');
  writeFileSync(file, talkYaml);
  const dataDir = join(folder, 'data');
  await fillDataDir(dataDir);
  const emulator = createEmulator();
  await emulator.start();
  const bot = await botProcess(emulator, { dataDir }, { CONFIG_FILE: file });
  afterTest(async () => {
    await bot.stop();
    await emulator.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  await bot.start({ place });
  emulator.channel.connect(`${bot.url}/api/messages`);
  const { conversationId } = await emulator.channel.send({
    from: nadia,
    text: 'call Adele Vance',
    channelId: 'webchat',
  });
  const address = (): string | undefined =>
    /http:[^" ]*\/talk\/[\w-]{43}/.exec(JSON.stringify(emulator.channel.messages(conversationId)))?.[0];
  await until(() => address() !== undefined, 'the card has a link');
  const page = new Page(
    { url: bot.url, settle: async () => undefined, pass: async () => undefined },
    address() ?? '',
  );
  assert.equal((await page.join()).status, 200);
  // It may die before it has answered.
  await page.report('ended', { code: 603 }).catch(() => undefined);
  await until(() => bot.hasEnded, `it dies (${place})`);
  await bot.start();
  // The page repeats what was not stored before the kill.
  await page.report('ended', { code: 603 });
  await until(() => emulator.identities.list().length === 0, `the identity is deleted (${place})`);
  assert.ok(emulator.requests.count('revokeAccessTokens') > 0);
}
