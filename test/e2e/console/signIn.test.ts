import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { openEmbedded, pollingOften } from '../../support/databases.ts';
import { startWorld, type World } from '../../support/world.ts';
import { buildConsole } from '../../support/e2e/browser.ts';
import { openTlsFront } from '../../support/e2e/tlsFront.ts';
import { opensWindows } from '../../support/e2e/windows.ts';

/** MSAL renews tokens that are valid for less than five minutes. The bot accepts them until they expire. */
const SOON_S = 200;
const CONSOLE_CLIENT_ID = '70000000-0000-4000-8000-000000000007';

describe('Signing in to the console in a browser', () => {
  let world: World;
  let page: Page;
  let violations: string[];

  const openWindow = opensWindows();

  beforeEach(async () => {
    const login = await openTlsFront();
    world = await startWorld({
      database: pollingOften(await openEmbedded()),
      clock: 'real',
      env: { CONSOLE_CLIENT_ID },
      emulator: {
        entraOrigin: login.origin,
        onExchange: ({ request }) => {
          if (request.body.toString().includes('grant_type=refresh_token')) renewals += 1;
        },
      },
    });
    login.leadTo(world.emulator.addresses.url);
    await buildConsole(world);
    page = await openWindow({ ignoreHTTPSErrors: true, locale: 'en-GB' });
    violations = [];
    page.on('console', (message) => {
      if (/Content.Security.Policy/i.test(message.text())) violations.push(message.text());
    });
  });

  const account = (name: string) => page.getByRole('button', { name, exact: true });

  async function signIn(name: string, path = ''): Promise<void> {
    await page.goto(`${world.url}/console${path}`);
    await page.getByRole('button', { name: 'Sign in with Microsoft' }).click();
    await page.getByRole('link', { name }).click();
    await account(name).waitFor();
  }

  /** Refresh tokens that the browser has redeemed. */
  let renewals = 0;

  it('leads to the login page and back to the same page, as the person who signed in there', async () => {
    await signIn('Megan Bowen', '/duty');
    assert.equal(new URL(page.url()).pathname, '/console/duty');
    assert.deepEqual(violations, []);
  });

  it('renews a token that expires soon without asking', async () => {
    world.emulator.grants.lifetimeSeconds = SOON_S;
    await signIn('Megan Bowen');
    renewals = 0;
    await page.reload();
    await account('Megan Bowen').waitFor();
    assert.ok(renewals > 0, 'a refresh token was redeemed');
    assert.equal(world.emulator.requests.count('entra.authorize'), 2, 'the login page was shown once');
  });

  it('asks to sign in again if the session has ended', async () => {
    world.emulator.grants.lifetimeSeconds = SOON_S;
    await signIn('Megan Bowen');
    world.emulator.grants.revokeAll();
    await page.reload();
    await page.getByRole('button', { name: 'Sign in with Microsoft' }).click();
    await page.getByRole('link', { name: 'Megan Bowen' }).click();
    await account('Megan Bowen').waitFor();
  });

  it('signs out', async () => {
    await signIn('Megan Bowen');
    await account('Megan Bowen').click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in with Microsoft' }).click();
    await page.getByRole('link', { name: 'Adele Vance' }).click();
    await account('Adele Vance').waitFor();
  });
});
