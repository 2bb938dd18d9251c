import assert from 'node:assert/strict';
import { alertmanagerBody } from '../support/alerts/bodies.ts';
import { openEmbedded } from '../support/databases.ts';
import { startWorld, type World } from '../support/world.ts';

const second = 1000;
const minute = 60 * second;

/** The UTC time of day, this many minutes from now. */
const clockIn = (minutes: number): string =>
  new Date(Date.now() + minutes * minute).toISOString().slice(11, 16);

const YAML = (): string => `
quietHours: {from: "${clockIn(-60)}", to: "${clockIn(60)}", except: [critical]}
policies: {payments: {steps: [{targets: [{user: Adele Vance}]}]}}
`;

/** A summary of the cards in a person's chat. */
function cardsOf(world: World, name: string): unknown[] {
  const { channel } = world.emulator;
  return channel.messages(channel.personal(name).id).map(({ activity }) => activity.summary);
}

describe('an alert that becomes worse during quiet hours', function () {
  const ways = {
    'from a sender': async (world: World, severity: string, summary: string) =>
      await world.api(
        'POST',
        '/api/v1/alerts/alertmanager/payments',
        alertmanagerBody([{ severity, summary }]),
      ),
    'from the API, with the same dedupKey': async (world: World, severity: string, summary: string) =>
      await world.api('POST', '/api/v1/escalations', {
        policy: 'payments',
        dedupKey: 'disk',
        severity,
        summary,
      }),
  };
  for (const [way, send] of Object.entries(ways)) {
    it(`calls, and says what it is now: ${way}`, async () => {
      const world = await startWorld({ database: await openEmbedded(), yaml: YAML() });
      const rings = (): number => world.emulator.phone('Adele Vance').rings().length;
      assert.equal((await send(world, 'warning', 'Disk 80 % full')).status, 202);
      await world.pass(10 * second);
      assert.equal(rings(), 0);
      assert.deepEqual(cardsOf(world, 'Adele Vance'), ['You are being called: Disk 80 % full']);
      assert.equal((await send(world, 'critical', 'Disk 99 % full')).status, 202);
      await world.pass(3 * second);
      assert.equal(rings(), 1);
      await world.pass(10 * second);
      assert.match(world.emulator.phone('Adele Vance').spoken()[0] ?? '', /Disk 99 % full/);
      assert.deepEqual(cardsOf(world, 'Adele Vance'), ['You are being called: Disk 99 % full']);
    });
  }
});
