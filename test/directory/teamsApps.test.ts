import assert from 'node:assert/strict';
import { createEmulator, type Emulator } from '../../emulator/emulator.ts';
import { systemClock } from '../../src/clock.ts';
import { GraphClient } from '../../src/directory/graphClient.ts';
import { createAppInstaller, hasApp, type AppInstaller } from '../../src/directory/teamsApps.ts';
import { afterTest } from '../support/afterTest.ts';

const bot = '11111111-2222-3333-4444-555555555555';
const machine = '22222222-2222-3333-4444-555555555555';
const teamsAppId = '2c7a1b3e-4d5f-4a6b-8c9d-0e1f2a3b4c5d';

/** With the permission that covers no other app. */
describe('installing the Teams app by Graph', () => {
  let emulator: Emulator;
  beforeEach('the manifest names the bot', async () => {
    emulator = createEmulator();
    await emulator.start();
    emulator.graph.manifestApplication = bot;
    afterTest(async () => await emulator.stop());
  });
  const tokenOf = (application: string) => async (): Promise<string> =>
    await emulator.keys.sign({ aud: emulator.addresses.graphUrl, appid: application }, 60_000);
  const installerOf = (application: string): AppInstaller =>
    createAppInstaller({
      graphUrl: emulator.addresses.graphUrl,
      getToken: tokenOf(application),
      clock: systemClock,
      teamsAppId,
    });
  const graphOf = (application: string): GraphClient =>
    new GraphClient({
      graphUrl: emulator.addresses.graphUrl,
      getToken: tokenOf(application),
      clock: systemClock,
    });

  it('works for the bot’s own identity, which then sees the app', async () => {
    const lynne = emulator.people.get('Lynne Robbins').id;
    assert.equal(await hasApp(graphOf(bot), lynne, { teamsAppId }), false);
    assert.deepEqual(await installerOf(bot).install(lynne), { kind: 'installed' });
    assert.equal(await hasApp(graphOf(bot), lynne, { teamsAppId }), true);
    assert.deepEqual(await installerOf(bot).install(lynne), { kind: 'present' });
  });

  it('fails for another identity with the same permission, and says what the manifest must name', async () => {
    const lynne = emulator.people.get('Lynne Robbins').id;
    const done = await installerOf(machine).install(lynne);
    assert.ok(done.kind === 'notPermitted');
    assert.match(done.fault.message, /webApplicationInfo\.id in its manifest must be MicrosoftAppId/);
    assert.equal(emulator.people.get('Lynne Robbins').appInstalled, false);
  });
});
