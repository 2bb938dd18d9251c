import assert from 'node:assert/strict';
import { mkdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { freePort } from '../../demo/ports.ts';
import { startDemo } from '../../demo/interactive.ts';
import type { Demo } from '../../demo/interactive.ts';
import { PATIENCE_MS, localOnly, openBrowser } from '../support/e2e/browser.ts';
import { Chat } from '../support/e2e/chat.ts';
import { STAGE_MS } from '../support/e2e/stage.ts';
import { PhonesPage } from '../support/e2e/phonesPage.ts';

/** `README_PICTURES=1 npm run test:e2e` takes those of the README again; otherwise they are only tried. */
const folder = process.env['README_PICTURES'] ? '../../docs/images/' : './screenshots/';
const picture = (name: string): string => fileURLToPath(new URL(`${folder}${name}`, import.meta.url));

describe('the pictures of the README', () => {
  let demo: Demo;
  let browser: Browser;

  before(async function () {
    this.timeout(STAGE_MS);
    demo = await startDemo({
      ports: { bot: await freePort(), chat: await freePort(), phones: await freePort() },
      database: 'memory',
      onFault: (what) => assert.fail(what),
    });
    browser = await openBrowser();
  });

  after(async () => {
    await browser?.close();
    await demo?.stop();
  });

  it('show the phone that rings and the card of the call, and are small', async () => {
    mkdirSync(picture(''), { recursive: true });
    const context = await browser.newContext({
      viewport: { width: 1280, height: 640 },
      reducedMotion: 'reduce',
    });
    context.setDefaultTimeout(PATIENCE_MS);
    const chat = new Chat(await context.newPage());
    const phones = new PhonesPage(await context.newPage());
    for (const { page } of [chat, phones]) await localOnly(page);
    await chat.open(demo.chatUrl);
    await phones.open(demo.phonesUrl);
    await chat.page.getByRole('button', { name: 'Hide log panel' }).click();

    await chat.say('call Adele Vance: the build is red');
    const adele = phones.phone('Adele Vance');
    await phones.rings(adele);
    await phones.page.screenshot({ path: picture('phones.png') });
    await phones.answer(adele);
    await chat.cardOf('Adele Vance').getByText('hears the message').waitFor();
    await chat.page.screenshot({ path: picture('chat.png') });

    for (const name of ['phones.png', 'chat.png']) {
      const { size } = statSync(picture(name));
      assert.ok(size < 120_000, `${name} has ${size} bytes`);
    }
  });
});
