import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { openEmbedded, pollingOften } from '../../support/databases.ts';
import { startWorld, type World } from '../../support/world.ts';
import { buildConsole } from '../../support/e2e/browser.ts';
import { openInTeams, type TeamsHost, type TeamsOptions } from '../../support/e2e/teamsHost.ts';
import { opensWindows } from '../../support/e2e/windows.ts';

const CONSOLE_CLIENT_ID = '70000000-0000-4000-8000-000000000007';

describe('The console as a tab in Teams', () => {
  let page: Page;
  let world: World;
  const openWindow = opensWindows();

  beforeEach(async () => {
    world = await startWorld({
      database: pollingOften(await openEmbedded()),
      clock: 'real',
      env: { CONSOLE_CLIENT_ID },
    });
    await buildConsole(world);
    page = await openWindow({ locale: 'en-GB' });
  });

  /** The token that Teams requests for the person: its audience is the application ID URI. */
  async function tokenOf(name: string): Promise<string> {
    const { emulator, url } = world;
    const { entraUrl, tenantId } = emulator.addresses;
    const { id } = emulator.people.get(name);
    const claims = { tid: tenantId, oid: id, sub: id, name, scp: 'access_as_user' };
    return await emulator.keys.sign(
      {
        ...claims,
        iss: `${entraUrl}/${tenantId}/v2.0`,
        aud: `api://${new URL(url).host}/${CONSOLE_CLIENT_ID}`,
        azp: '1fec8e78-bce4-4aaf-ab1b-5451cc387264',
        ver: '2.0',
      },
      3_600_000,
    );
  }

  async function open(path: string, options: Partial<TeamsOptions> = {}): Promise<TeamsHost> {
    const tab = `${world.url}/console${path}`;
    return await openInTeams(page, { tab, token: async () => await tokenOf('Megan Bowen'), ...options });
  }

  const account = ({ tab }: TeamsHost) => tab.getByRole('button', { name: 'Megan Bowen', exact: true });

  it('knows who reads, and follows the theme of Teams', async () => {
    const teams = await open('/duty');
    await account(teams).waitFor();
    await teams.tab.locator('[data-look=light]').waitFor();
    await teams.changeTheme('dark');
    await teams.tab.locator('[data-look=dark]').waitFor();
    await teams.changeTheme('contrast');
    await teams.tab.locator('[data-look=contrast]').waitFor();
  });

  it('opens the page that a deep link names', async () => {
    const teams = await open('/history', { subEntityId: '/calls/call_1' });
    await account(teams).waitFor();
    const path = await teams.tab.locator(':root').evaluate('location.pathname');
    assert.equal(path, '/console/calls/call_1');
  });

  it('asks for consent if Teams gives no token', async () => {
    const teams = await open('', { token: async () => await Promise.resolve(null) });
    await teams.tab.getByRole('button', { name: 'Sign in with Microsoft' }).waitFor();
  });

  it('shows in a channel the page that somebody has chosen', async () => {
    const teams = await open('/configure', { frameContext: 'settings' });
    await teams.tab.getByRole('radio', { name: 'Duty' }).check();
    const { entityId, contentUrl, websiteUrl, suggestedDisplayName } = await teams.save();
    const duty = `${world.url}/console/duty`;
    assert.deepEqual(
      { entityId, contentUrl, websiteUrl, suggestedDisplayName },
      { entityId: '/duty', contentUrl: duty, websiteUrl: duty, suggestedDisplayName: 'Duty' },
    );
  });

  it('is shown by no other site', async () => {
    await page.route('https://evil.example/', async (route) => {
      const body = `<iframe src="${world.url}/console"></iframe>`;
      await route.fulfill({ contentType: 'text/html', body });
    });
    const refused = page.waitForEvent('console', (message) => /frame-ancestors/.test(message.text()));
    await page.goto('https://evil.example/');
    assert.match((await refused).text(), /frame-ancestors/);
  });
});
