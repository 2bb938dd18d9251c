import type { FrameLocator, Page } from 'playwright-core';
import { afterTest } from '../afterTest.ts';

/** Where Teams in the browser shows tabs. Chromium gets this address from the test, not from the network. */
const TEAMS = 'https://teams.microsoft.com/';

export interface TeamsOptions {
  /** `contentUrl` of the tab. */
  tab: string;
  /** The answer to a request for a token; null: the person has not agreed yet. */
  token: () => Promise<string | null>;
  theme?: string;
  /** `subEntityId` of a deep link. */
  subEntityId?: string;
  /** `settings`: the tab is being set up. */
  frameContext?: 'content' | 'settings';
}

export interface TeamsHost {
  tab: FrameLocator;
  changeTheme(theme: string): Promise<void>;
  /** Presses Save where a tab is set up. @returns the settings of the new tab */
  save(): Promise<Record<string, string>>;
}

/**
 * A page at the address of Teams that shows a tab in a frame and answers its messages, as teams-js 2 sends them. Only
 * what the console uses: initialize, context, token, theme, and the settings of a tab.
 */
export async function openInTeams(page: Page, options: TeamsOptions): Promise<TeamsHost> {
  const exposed = await page.exposeFunction('tokenOfTest', options.token);
  afterTest(async () => {
    if (!page.isClosed()) await exposed.dispose();
  });
  await page.route(`${TEAMS}**`, async (route) => {
    await route.fulfill({ contentType: 'text/html', body: hostPage(options) });
  });
  await page.goto(TEAMS);
  return {
    tab: page.frameLocator('iframe'),
    changeTheme: async (theme) => await page.evaluate(`tell('themeChange', ['${theme}'])`),
    save: async () => {
      await page.waitForFunction('isValid');
      await page.evaluate(`tell('settings.save', [{}])`);
      await page.waitForFunction('isSaved');
      return await page.evaluate<Record<string, string>>('settings');
    },
  };
}

function hostPage({ tab, theme = 'default', subEntityId, frameContext = 'content' }: TeamsOptions): string {
  const runtime = {
    apiVersion: 4,
    hostVersionsInfo: {},
    isLegacyTeams: false,
    supports: { pages: { config: {} } },
  };
  const known = {
    theme,
    subEntityId,
    entityId: 'now',
    locale: 'en-gb',
    sessionId: 's',
    hostClientType: 'web',
  };
  return `<!doctype html>
<title>Teams</title>
<body style="margin: 0">
<iframe src="${tab}" style="border: 0; width: 100vw; height: 100vh"></iframe>
<script>
  let isValid = false, isSaved = false;
  var settings = null;
  const frame = document.querySelector('iframe').contentWindow;
  const tell = (func, args) => frame.postMessage({ func, args }, '*');
  const answers = {
    initialize: () => ['${frameContext}', 'web', JSON.stringify(${JSON.stringify(runtime)}), '2.58.0'],
    getContext: () => [${JSON.stringify(known)}],
    'authentication.getAuthToken': async () => {
      const token = await tokenOfTest();
      return token === null ? [false, 'resourceRequiresConsent'] : [true, token];
    },
    'settings.setValidityState': ([valid]) => { isValid = valid; },
    'settings.setSettings': ([given]) => { settings = given; return [true]; },
    'settings.save.success': () => { isSaved = true; },
  };
  addEventListener('message', async ({ source, data }) => {
    if (source !== frame || !data.func) return;
    const args = await answers[data.func]?.(data.args);
    if (args) frame.postMessage({ id: data.id, uuid: data.uuid, args }, '*');
  });
</script>
`;
}
