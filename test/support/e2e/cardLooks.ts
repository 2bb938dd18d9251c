import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Locator } from 'playwright-core';
import * as z from 'zod';
import { languages, textsFor } from '../../../src/texts/texts.ts';
import { evaluateOn, hardToRead } from './accessibility.ts';
import type { Chat } from './chat.ts';
import type { PhonesPage } from './phonesPage.ts';
import { STAGE_MS, openStage, type Stage } from './stage.ts';
import { PHONE_CARD_PX, inLooks, looks, wear } from './teamsLook.ts';

/** `LOOKS=1 npm run test:e2e test/e2e/looksInEnglish.test.ts` saves a picture of each for review; ignored by git. */
const screenshots = process.env['LOOKS']
  ? fileURLToPath(new URL('../../e2e/screenshots/looks/', import.meta.url))
  : null;

const faults = z.array(z.string());

/** Opens a stage for a suite, whose cards can be viewed in all looks. `language` is asked at each message. */
function inStage(language: () => string): {
  stage: () => Stage;
  look: (name: string, card: Locator) => Promise<void>;
} {
  let opened: Stage | undefined;
  const stage = (): Stage => {
    assert.ok(opened);
    return opened;
  };

  before('open the stage', async function () {
    this.timeout(STAGE_MS);
    opened = await openStage({ language, dress: inLooks, viewport: { width: 1000, height: 1500 } });
    Object.assign(opened.demo.emulator.timings, { perCharacterMs: 5, failureMs: 200 });
    await opened.chat.page.getByRole('button', { name: 'Hide log panel' }).click();
    if (screenshots !== null) mkdirSync(screenshots, { recursive: true });
  });

  after('close the stage', async () => await opened?.close());

  afterEach('keep what a failed test shows', async function () {
    const { currentTest: test } = this;
    if (test?.state === 'failed') await opened?.keep(test.fullTitle());
  });

  /** Checks a card in all its looks. */
  async function look(name: string, card: Locator): Promise<void> {
    const { page } = stage().chat;
    await card.waitFor();
    for (const width of ['wide', 'narrow'] as const) {
      await wear(page, 'light', width);
      const where = `${language()}-${name}-${width}`;
      assert.deepEqual(faults.parse(await evaluateOn(card, outOfPlace)), [], where);
      if (width === 'narrow') assert.equal((await card.boundingBox())?.width, PHONE_CARD_PX, where);
    }
    // Colours do not affect the layout, and are the same in every language.
    for (const theme of language() === 'en' ? looks : (['light'] as const)) {
      await wear(page, theme, 'narrow');
      if (language() === 'en') assert.deepEqual(await hardToRead(card), [], `${name}-${theme}`);
      if (screenshots === null) continue;
      for (const width of ['wide', 'narrow'] as const) {
        await wear(page, theme, width);
        await card.screenshot({ path: `${screenshots}${language()}-${name}-${theme}-${width}.png` });
      }
    }
    await wear(page, 'light', 'wide');
  }

  return { stage, look };
}

/** The main cards in every language but English, on one stage. */
export function describeMainCardLooks(): void {
  describe('the looks of the main cards', () => {
    const others = languages.filter((tag) => tag !== 'en');
    let [language = ''] = others;
    const { stage, look } = inStage(() => language);

    for (const own of others) {
      describe(`in ${own}`, () => {
        const texts = textsFor(own);
        const { call: words, escalation: alerts, status } = texts.cards;
        const subject = `checkout ${own}`;
        let chat: Chat;

        before('speak the language', () => {
          language = own;
          ({ chat } = stage());
        });

        it('help', async () => {
          await chat.say('help');
          await look('help', chat.cardOf(texts.cards.help.title));
        });

        it('a choice between namesakes', async () => {
          await chat.say(`call Chris Green: ${subject}`);
          await look('choice', chat.cards.filter({ hasText: texts.chat.choices.byNumber }).last());
        });

        it('a call that failed: the link to Teams, and the buttons to call again and to leave a message', async () => {
          const card = chat.cards.nth(await chat.cards.count());
          await chat.say('call Lee Gu');
          await chat.reads(card, status.ended.busy);
          await chat.press(card, words.leaveMessage);
          await card.getByText(words.leaveMessageHint({ callee: 'Lee Gu' })).waitFor();
          await look('busy', card);
          // Closed again: the chat's own input is found as the only one.
          await chat.press(card, words.leaveMessage);
        });

        it('an escalation, while it calls and after it is acknowledged', async () => {
          await chat.say(`escalate Nestor Wilke, Alex Wilber: ${subject}`);
          const card = chat.cardOf(subject).filter({ hasText: alerts.calls });
          await chat.reads(card, alerts.sentence.calling({ people: 'Nestor Wilke', count: 1 }));
          await look('escalation', card);
          await chat.press(card, alerts.button.acknowledge);
          await card.getByText(alerts.noLongerNeeded).waitFor();
          await chat.press(card, alerts.button.showDetails);
          await look('acknowledged', card);
        });
      });
    }
  });
}

/** Every card that people see: narrow as on a phone, and wide; light, dark and in high contrast. */
export function describeCardLooks(): void {
  describe('the looks of the cards in English', () => {
    const language = 'en';
    const { stage, look } = inStage(() => language);
    let chat: Chat;
    let phones: PhonesPage;

    before(() => {
      ({ chat, phones } = stage());
    });

    const texts = textsFor(language);
    const alerts = texts.cards.escalation;
    const { call: words, status } = texts.cards;
    const { running, ended } = status;
    const subject = `checkout ${language}`;

    it('help', async () => {
      await chat.say('help');
      await look('help', chat.cardOf(texts.cards.help.title));
    });

    it('a choice between namesakes', async () => {
      await chat.say(`call Chris Green: ${subject}`);
      await look('choice', chat.cards.filter({ hasText: texts.chat.choices.byNumber }).last());
    });

    it('a failed transfer: the link to Teams, the button to call again, and the remaining message', async () => {
      const [adele, megan] = [phones.phone('Adele Vance'), phones.phone('Megan Bowen')];
      await chat.say('call Adele Vance');
      await phones.rings(adele);
      await phones.answer(adele);
      await megan.getByText('Call handed over to you').waitFor();
      await chat.reads(chat.cardOf('Adele Vance'), running.transferring);
      await phones.decline(megan);
      const card = chat.cards.filter({ hasText: ended.failed }).filter({ hasText: 'Adele Vance' }).last();
      await look('transferFailed', card);

      await card.getByRole('button', { name: words.callAgain }).waitFor();
      await chat.page.evaluate('window.open = (url) => { window.openedLink = url; return null; }');
      await card.getByRole('link', { name: words.callInTeams }).click();
      assert.equal(
        await chat.page.evaluate('window.openedLink'),
        'https://teams.microsoft.com/l/call/0/0?users=adele%40contoso.example',
      );

      await chat.press(card, words.leaveMessage);
      await card.getByText(words.leaveMessageHint({ callee: 'Adele Vance' })).waitFor();
      await look('leaveMessage', card);
      await card.getByRole('textbox').fill(`about ${subject}`);
      await chat.press(card, words.callAndSay);
      await phones.rings(adele);
      await phones.answer(adele);
      const left = chat.cardOf(`about ${subject}`);
      await chat.reads(left, ended.answered);
      await chat.press(left, words.details);
      await look('messageLeft', left);
    });

    it('calls that reach nobody, and what an administrator can fix', async () => {
      for (const [name, end] of [
        ['Lee Gu', 'busy'],
        ['Isaiah Langer', 'unreachable'],
        ['Grady Archie', 'not_allowed'],
      ] as const) {
        await chat.say(`call ${name}: ${subject}`);
        const card = chat.cardOf(name).filter({ hasText: ended[end] }).filter({ hasText: subject });
        await card.waitFor();
        if (end !== 'not_allowed') continue;
        await chat.press(card, words.forAdministrators);
        await look(end, card);
      }
    });

    it('an escalation, while it calls and after it is acknowledged', async () => {
      await chat.say(`escalate Nestor Wilke, Alex Wilber: ${subject}`);
      const card = chat.cardOf(subject).filter({ hasText: alerts.calls });
      await chat.reads(card, alerts.sentence.calling({ people: 'Nestor Wilke', count: 1 }));
      await look('escalation', card);
      await chat.press(card, alerts.button.acknowledge);
      await card.getByText(alerts.noLongerNeeded).waitFor();
      await chat.press(card, alerts.button.showDetails);
      await look('acknowledged', card);
    });

    it('the history, page by page, and calling again from it', async () => {
      const { history } = texts.chat;
      // One more than fits on a page.
      await chat.say(`call Lee Gu: more of ${subject}`);
      await chat.reads(chat.cardOf(`more of ${subject}`), ended.busy);
      await chat.say('history');
      const newest = chat.cards.filter({ hasText: history.title }).last();
      await look('history', newest);
      await chat.press(newest, history.older);
      const older = chat.cards.filter({ hasText: history.titleOlder }).last();
      await older.waitFor();
      await chat.press(older, history.newest);
      await newest.waitFor();
      const before = await chat.cards.count();
      const again = chat.page.getByRole('button', { name: history.again });
      const row = newest.locator('div').filter({ hasText: 'Lee Gu' }).filter({ has: again });
      await row.last().getByRole('button').click();
      await chat.reads(chat.cards.nth(before), ended.busy);
    });
  });
}

/** Elements that overflow the card, or are cut off at its side. Runs in the page. */
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
