import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmulator } from '../../emulator/emulator.ts';
import { alertmanagerBody } from '../support/alerts/bodies.ts';
import { afterTest } from '../support/afterTest.ts';
import { botProcess, type BotProcess } from '../support/botProcess.ts';
import { onPostgres } from '../support/databases.ts';
import { cases, itInBoth } from '../support/long.ts';
import { until } from '../support/until.ts';
import { API_KEY } from '../support/world.ts';

/** Killed with SIGKILL at each of these places, once, between the 202 and the call. */
const places = [
  'after alert stored',
  'before commit of alerts.workOff',
  'after commit of alerts.workOff',
  'before job alerts.workOff',
  'before commit of escalation.resolveStep',
  'after commit of escalation.resolveStep',
  'after job alerts.workOff',
];

async function post(bot: BotProcess, body: unknown): Promise<number | null> {
  const sent = fetch(`${bot.url}/api/v1/alerts/alertmanager/payments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${API_KEY}` },
    body: JSON.stringify(body),
  });
  return await sent.then(
    (response) => response.status,
    () => null,
  );
}

async function alertOnce(
  database: (folder: string) => Promise<{ url: string } | { dataDir: string }>,
  place: string,
): Promise<void> {
  const emulator = createEmulator({ timings: { perCharacterMs: 2 } });
  emulator.people.script('Adele Vance', { answers: { afterMs: 150 } });
  afterTest(async () => await emulator.stop());
  await emulator.start();
  const folder = mkdtempSync(join(tmpdir(), 'ringdown-alerts-'));
  afterTest(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'ringdown.yaml');
  writeFileSync(file, 'policies: {payments: {steps: [{targets: [{user: Adele Vance}]}]}}\n');
  const bot = await botProcess(emulator, await database(folder), { CONFIG_FILE: file });
  afterTest(async () => await bot.stop());
  emulator.channel.connect(`${bot.url}/api/messages`);

  await bot.start({ place });
  const sent = post(bot, alertmanagerBody());
  assert.equal(await bot.ended(), 'SIGKILL', 'it came to the place and was killed');
  await sent;
  await bot.start();

  let items: { status: string }[] = [];
  await until(async () => {
    ({ items } = (await bot.get('/api/v1/escalations')) as { items: { status: string }[] });
    return items.length > 0 && emulator.phone('Adele Vance').rings().length > 0;
  }, 'the phone is called');
  assert.equal(items.length, 1);
  assert.equal(await post(bot, alertmanagerBody([{ status: 'resolved' }])), 202);
  await until(async () => {
    ({ items } = (await bot.get('/api/v1/escalations')) as { items: { status: string }[] });
    return items[0]?.status === 'resolved';
  }, 'it is resolved');
  assert.equal(emulator.phone('Adele Vance').rings().length, 1, 'the phone was called once');
}

describe('an alert that was stored is worked on, wherever the process was killed', function () {
  describe('on PGlite', () => {
    for (const place of cases('alerts on PGlite', places, [])) {
      itInBoth(
        place,
        async () => await alertOnce(async (folder) => ({ dataDir: join(folder, 'data') }), place),
      );
    }
  });

  onPostgres((_open, freshUrl) => {
    for (const place of cases('alerts on PostgreSQL', places, [0])) {
      itInBoth(place, async () => await alertOnce(async () => ({ url: await freshUrl() }), place));
    }
  });
});
