import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Locator } from 'playwright-core';
import * as z from 'zod';
import { freePort } from '../../demo/ports.ts';
import { startDemo } from '../../demo/interactive.ts';
import type { Demo } from '../../demo/interactive.ts';
import { textsFor } from '../../src/texts/texts.ts';
import { evaluateOn, hardToRead } from './support/accessibility.ts';
import { PATIENCE_MS, keepScreenshots, localOnly, openBrowser } from './support/browser.ts';
import { Chat } from './support/chat.ts';
import { PhonesPage } from './support/phonesPage.ts';
import { PHONE_CARD_PX, addStyles, inDark, narrow } from './support/teamsLook.ts';

/** `LOOKS=1 npm run test:e2e test/e2e/looks.test.ts` keeps a picture of each, to be looked at; ignored by git. */
const screenshots = process.env['LOOKS']
  ? fileURLToPath(new URL('./screenshots/looks/', import.meta.url))
  : null;

const faults = z.array(z.string());

/**
 * Each card that people see, wide and as narrow as on a phone, in English and in German. Two pages show the same chat: one
 * has the dark look of Teams, which is the same in every language, so English is enough for it.
 */
describe('the looks of the cards', () => {
  let demo: Demo;
  let browser: Browser;
  let chat: Chat;
  let dark: Chat;
  let phones: PhonesPage;
  let language: 'en' | 'de' = 'en';

  before(async function () {
    // It starts four programs.
    this.timeout(180_000);
    demo = await startDemo({
      ports: { bot: await freePort(), chat: await freePort(), phones: await freePort() },
      database: 'memory',
      language: () => language,
      onFault: (what) => assert.fail(what),
    });
    Object.assign(demo.emulator.timings, { perCharacterMs: 5, failureMs: 200 });
    browser = await openBrowser();
    const context = await browser.newContext({
      viewport: { width: 1000, height: 1500 },
      reducedMotion: 'reduce',
    });
    context.setDefaultTimeout(PATIENCE_MS);
    chat = new Chat(await context.newPage());
    dark = new Chat(await context.newPage());
    phones = new PhonesPage(await context.newPage());
    for (const { page } of [chat, dark, phones]) await localOnly(page);
    await inDark(dark.page);
    for (const each of [chat, dark]) {
      await each.open(demo.chatUrl);
      await each.page.getByRole('button', { name: 'Hide log panel' }).click();
      await addStyles(each.page, each === dark);
    }
    await phones.open(demo.phonesUrl);
    if (screenshots !== null) mkdirSync(screenshots, { recursive: true });
  });

  after(async () => {
    await browser?.close();
    await demo?.stop();
  });

  afterEach(async function () {
    const { currentTest: test } = this;
    if (test?.state !== 'failed') return;
    await keepScreenshots({ light: chat.page, dark: dark.page, phones: phones.page }, test.fullTitle());
  });

  /** Looks at a card in all its looks. `prepare` is done on each page first, such as folding something out. */
  async function look(
    name: string,
    find: (page: Chat) => Locator,
    prepare?: (page: Chat, card: Locator) => Promise<void>,
  ): Promise<void> {
    for (const page of language === 'de' ? [chat] : [chat, dark]) {
      // A page behind another one draws seldom.
      await page.page.bringToFront();
      const card = find(page);
      await card.waitFor();
      await prepare?.(page, card);
      // The colours take no room: one width is enough for them.
      for (const width of page === dark ? ['narrow'] : ['narrow', 'wide']) {
        await narrow(page.page, width === 'narrow');
        const where = `${language}-${name}-${page === dark ? 'dark' : 'light'}-${width}`;
        if (screenshots !== null) await card.screenshot({ path: `${screenshots}${where}.png` });
        assert.deepEqual(faults.parse(await evaluateOn(card, outOfPlace)), [], where);
        if (width === 'narrow') assert.equal((await card.boundingBox())?.width, PHONE_CARD_PX, where);
      }
      if (language === 'en') assert.deepEqual(await hardToRead(card), [], name);
    }
    await chat.page.bringToFront();
  }

  for (const locale of ['en', 'de'] as const) {
    describe(`in ${locale === 'en' ? 'English' : 'German'}`, () => {
      const texts = textsFor(locale);
      const { ended } = texts.status;
      const { card: words } = texts.chat;
      const alerts = texts.escalationChat.card;
      const subject = `checkout ${locale}`;

      before(() => {
        language = locale;
      });

      it('help', async () => {
        await chat.say('help');
        await look('help', (page) => page.cardOf(words.helpTitle));
      });

      it('a choice between namesakes', async () => {
        await chat.say(`call Chris Green: ${subject}`);
        await look('choice', (page) => page.cards.filter({ hasText: texts.chat.chooseByNumber() }).last());
      });

      it('a transfer that failed: the link to Teams, the call again, and the message that is left', async () => {
        const [adele, megan] = [phones.phone('Adele Vance'), phones.phone('Megan Bowen')];
        await chat.say('call Adele Vance');
        await phones.rings(adele);
        await phones.answer(adele);
        await megan.getByText('Call handed over to you').waitFor();
        await chat.reads(chat.cardOf('Adele Vance'), texts.status.running.transferring.text);
        await phones.decline(megan);
        const failed = (page: Chat): Locator =>
          page.cards.filter({ hasText: ended.failed.text }).filter({ hasText: 'Adele Vance' }).last();
        await look('transferFailed', failed);

        const card = failed(chat);
        await card.getByRole('button', { name: words.callAgain }).waitFor();
        await chat.page.evaluate('window.open = (url) => { window.openedLink = url; return null; }');
        await card.getByRole('link', { name: words.callInTeams }).click();
        assert.equal(
          await chat.page.evaluate('window.openedLink'),
          'https://teams.microsoft.com/l/call/0/0?users=adele%40contoso.example',
        );

        await look('leaveMessage', failed, async (page, shown) => {
          await page.press(shown, words.leaveMessage);
          await shown.getByText(words.leaveMessageHint('Adele Vance')).waitFor();
        });
        await card.getByRole('textbox').fill(`about ${subject}`);
        await chat.press(card, words.callAndSay);
        await phones.rings(adele);
        await phones.answer(adele);
        const left = (page: Chat): Locator => page.cardOf(`about ${subject}`);
        await chat.reads(left(chat), ended.answered.text);
        await look('messageLeft', left, async (page, shown) => {
          await page.press(shown, words.details);
        });
      });

      it('calls that reach nobody, and what the administration can mend', async () => {
        for (const [name, end] of [
          ['Lee Gu', 'busy'],
          ['Isaiah Langer', 'unreachable'],
          ['Grady Archie', 'not_allowed'],
        ] as const) {
          await chat.say(`call ${name}: ${subject}`);
          const find = (page: Chat): Locator =>
            page.cardOf(name).filter({ hasText: ended[end].text }).filter({ hasText: subject });
          await find(chat).waitFor();
          if (end !== 'not_allowed' || locale !== 'en') continue;
          await look(end, find, async (page, shown) => await page.press(shown, words.forAdministrators));
        }
      });

      it('an escalation, while it calls and when it is acknowledged', async () => {
        await chat.say(`escalate Nestor Wilke, Alex Wilber: ${subject}`);
        const find = (page: Chat): Locator => page.cardOf(subject).filter({ hasText: alerts.ladder });
        await chat.reads(find(chat), alerts.calling(['Nestor Wilke']));
        await look('escalation', find);
        await chat.press(find(chat), alerts.acknowledge);
        for (const page of [chat, dark]) await find(page).getByText(alerts.noLongerNeeded).waitFor();
        await look('acknowledged', find, async (page, shown) => await page.press(shown, alerts.showDetails));
      });

      it('the history, page by page, and a call again from it', async () => {
        const { history } = texts;
        // One more than a page shows.
        await chat.say(`call Lee Gu: more of ${subject}`);
        await chat.reads(chat.cardOf(`more of ${subject}`), ended.busy.text);
        await chat.say('history');
        const newest = (page: Chat): Locator => page.cards.filter({ hasText: history.title }).last();
        await look('history', newest);
        await chat.press(newest(chat), history.older);
        const older = chat.cards.filter({ hasText: history.titleOlder }).last();
        await older.waitFor();
        await chat.press(older, history.newest);
        await newest(chat).waitFor();
        const before = await chat.cards.count();
        const again = chat.page.getByRole('button', { name: history.again });
        const row = newest(chat).locator('div').filter({ hasText: 'Lee Gu' }).filter({ has: again });
        await row.last().getByRole('button').click();
        await chat.reads(chat.cards.nth(before), ended.busy.text);
      });
    });
  }
});

/** What sticks out of the card, or is cut off at its side. Runs in the page. */
const outOfPlace = `(card) => {
  const frame = card.getBoundingClientRect();
  return [...card.querySelectorAll('*')].flatMap((element) => {
    const box = element.getBoundingClientRect();
    if (box.width === 0) return [];
    const sticksOut = box.left < frame.left - 1 || box.right > frame.right + 1;
    const isCut = element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflowX !== 'visible';
    return sticksOut || isCut ? [element.tagName + ' "' + element.textContent.slice(0, 60) + '"'] : [];
  });
}`;
