import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Locator, Page } from 'playwright-core';
import * as z from 'zod';
import { curl } from '../../demo/interactive.ts';
import type { Demo } from '../../demo/interactive.ts';
import { Timelines } from '../../demo/timelines.ts';
import { textsFor } from '../../src/texts/texts.ts';
import type { Chat } from '../support/e2e/chat.ts';
import type { PhonesPage } from '../support/e2e/phonesPage.ts';
import { STAGE_MS, openStage, type Stage } from '../support/e2e/stage.ts';
import { until } from '../support/until.ts';

const alerts = textsFor('en').cards.escalation;
const { call: buttons, status } = textsFor('en').cards;
const { running, ended } = status;

/** `README_PICTURES=1 npm run test:e2e demo` takes the README's pictures; otherwise this is only a trial. */
const folder = process.env['README_PICTURES'] ? '../../docs/images/' : './screenshots/';
const pictures = fileURLToPath(new URL(folder, import.meta.url));

const escalation = z.object({
  id: z.string(),
  status: z.string(),
  acknowledgedBy: z.object({ name: z.string(), way: z.string() }).nullable(),
  calls: z.array(
    z.object({ target: z.object({ displayName: z.string() }), disposition: z.string().nullable() }),
  ),
});

describe('the demo', () => {
  let stage: Stage;
  let demo: Demo;
  let chat: Chat;
  let phones: PhonesPage;

  before(async function () {
    this.timeout(STAGE_MS);
    stage = await openStage({ viewport: { width: 1280, height: 640 } });
    ({ demo, chat, phones } = stage);
    Object.assign(demo.emulator.timings, { perCharacterMs: 12, failureMs: 500 });
    await chat.page.getByRole('button', { name: 'Hide log panel' }).click();
  });

  after(async () => await stage?.close());

  afterEach(async function () {
    const { currentTest: test } = this;
    if (test?.state === 'failed') await stage?.keep(test.title);
  });

  it('greets, and shows one card from start to end while the callee answers and hears the message', async () => {
    const adele = phones.phone('Adele Vance');
    demo.emulator.timings.perCharacterMs = 40;
    await chat.page.getByText('Hello, I am Ringdown.').last().waitFor();
    await chat.say('call Adele Vance: the build is red');
    const card = chat.cardOf('the build is red');
    await chat.reads(card, running.dialing);
    const cards = await chat.cards.count();
    const places = [await placeOf(card)];
    await phones.rings(adele);
    await adele.getByText('Ringdown', { exact: true }).waitFor();
    await phones.call('Adele Vance').getByText('Connecting').waitFor();
    await takePicture(phones.page, 'phones.png');

    await phones.answer(adele);
    await chat.reads(card, running.speaking);
    places.push(await placeOf(card));
    await takePicture(chat.page, 'chat.png');
    await phones.call('Adele Vance').getByText('Connected', { exact: true }).waitFor();
    await adele.getByText('the build is red').waitFor();

    await chat.reads(card, ended.answered);
    demo.emulator.timings.perCharacterMs = 12;
    places.push(await placeOf(card));
    await phones.call('Adele Vance').getByText('200/7000').waitFor();
    await adele.getByText('Call ended').waitFor();
    assert.equal(await chat.cards.count(), cards, 'another card has appeared');
    assert.equal(new Set(places).size, 1, `the card jumps: ${places.join(', ')}`);
    assert.equal(await card.getByRole('button', { name: buttons.hangUp }).count(), 0);
  });

  it('calls again with the card’s button, as a new call with its own card', async () => {
    const adele = phones.phone('Adele Vance');
    const cards = await chat.cards.count();
    await chat.press(chat.cardOf('the build is red'), buttons.callAgain);
    await phones.rings(adele);
    const card = chat.cards.nth(cards);
    await chat.reads(card, running.dialing);
    await phones.answer(adele);
    await chat.reads(card, ended.answered);
    assert.equal(await chat.cards.count(), cards + 1);
    assert.equal(demo.emulator.phone('Adele Vance').rings().length, 2);
  });

  it('says that the person declined', async () => {
    await setScript(phones.phone('Alex Wilber'), 'Rings: you answer');
    await chat.say('call Alex Wilber: are you there?');
    const alex = phones.phone('Alex Wilber');
    await phones.rings(alex);
    await phones.decline(alex);
    await chat.reads(chat.cardOf('Alex Wilber'), ended.declined);
    await alex.getByText('Call declined').waitFor();
    await phones.call('Alex Wilber').getByText('487/10024').waitFor();
  });

  it('says that nobody answered', async () => {
    const { timings } = demo.emulator;
    const { unansweredMs } = timings;
    timings.unansweredMs = 1_500;
    await chat.say('call Nestor Wilke: are you there?');
    const card = chat.cardOf('Nestor Wilke');
    await chat.reads(card, ended.no_answer);
    timings.unansweredMs = unansweredMs;
    await phones.phone('Nestor Wilke').getByText('Missed call').waitFor();
    await card.getByRole('button', { name: buttons.callAgain }).waitFor();
  });

  it('hangs up with the card’s button, and the phone stops ringing', async () => {
    const sian = phones.phone("Siân O'Connor-Łukasz");
    await setScript(sian, 'Rings: you answer');
    await chat.say("call Siân O'Connor-Łukasz: about the logo");
    const card = chat.cardOf('about the logo');
    await phones.rings(sian);
    await chat.press(card, buttons.hangUp);
    await chat.reads(card, ended.cancelled);
    await sian.getByText('Missed call').waitFor();
    await phones.call("Siân O'Connor-Łukasz").getByText('487/0').waitFor();
  });

  it('asks which of two namesakes is meant, and calls that one only', async () => {
    const accountant = phones.phone('Chris Green', 'Accountant');
    await setScript(accountant, 'Rings: you answer');
    await chat.say('call Chris Green: the invoice');
    const choice = chat.cards.filter({ hasText: 'Accountant' }).last();
    await choice.waitFor();
    const offered = await choice.innerText();
    const number = offered.indexOf('Accountant') > offered.indexOf('Developer') ? '2' : '1';
    await chat.press(choice, new RegExp(`^${number}\\b`));
    await phones.rings(accountant);
    await phones.answer(accountant);
    await chat.reads(chat.cardOf('the invoice'), ended.answered);
    const developer = demo.emulator.phone('chris.green@contoso.example');
    assert.deepEqual(developer.rings(), []);
  });

  it('connects the callee to the asker, whose phone shows the callee’s name', async () => {
    const [adele, megan] = [phones.phone('Adele Vance'), phones.phone('Megan Bowen')];
    await chat.say('call Adele Vance');
    await phones.rings(adele);
    await phones.answer(adele);
    await megan.getByText('Call handed over to you').waitFor();
    await megan.getByText('Adele Vance').waitFor();
    await phones.call('Adele Vance').getByText('Transferring').waitFor();
    await phones.answer(megan);
    await chat.reads(chat.cards.last(), ended.connected_to_caller);
    await adele.getByRole('button', { name: 'Hang up' }).click();
    await megan.getByText('Call ended').waitFor();
  });

  it('shows the help', async () => {
    await chat.say('help');
    await chat.cards.filter({ hasText: 'an email address' }).waitFor();
  });

  it('works in a group chat when mentioned', async () => {
    demo.emulator.people.script('Joni Sherman', { answers: { afterMs: 200, listens: true } });
    await chat.goTo('Operations');
    await chat.mention('Ringdown');
    await chat.page.keyboard.type(' call Joni Sherman: the deployment hangs');
    await chat.page.getByRole('button', { name: 'Send Message' }).click();
    await chat.reads(chat.cardOf('the deployment hangs'), ended.answered);
    await chat.goTo('Personal Chat');
  });

  it('escalates for a program through three people until one acknowledges on the card; card, API and terminal agree', async () => {
    const { emulator } = demo;
    const { people, timings } = emulator;
    const { unansweredMs } = timings;
    people.script('Debra Berger', { declines: { afterMs: 200 } });
    timings.unansweredMs = 1_500;
    /** The demo's output. */
    const terminal: string[] = [];
    const timelines = new Timelines(demo.bot, Date.now(), (_who, words) => terminal.push(words));
    const { stdout } = await promisify(execFile)('sh', ['-c', curl(demo.bot)]);
    const started = escalation.parse(JSON.parse(stdout));
    assert.equal(started.status, 'open');

    await until(() => emulator.phone('Nestor Wilke').incoming() !== null, 'Nestor Wilke’s phone rings');
    timings.unansweredMs = unansweredMs;
    const card = chat.cardOf('Checkout errors over 5 %');
    await card.getByRole('button', { name: alerts.button.acknowledge }).waitFor();
    await chat.reads(card, alerts.sentence.calling({ people: 'Megan Bowen', count: 1 }));
    await chat.press(card, alerts.button.acknowledge);
    const ladder = [
      ['Debra Berger', ended.declined],
      ['Nestor Wilke', ended.no_answer],
      ['Megan Bowen', alerts.noLongerNeeded],
    ];
    await card.getByText(alerts.noLongerNeeded).waitFor();

    const shown = await card.innerText();
    assert.match(shown, /Acknowledged by Megan Bowen, on the card\./);
    // The times before the names are times of day.
    const rows = [...shown.matchAll(/^\d+:\d\d [AP]M\s+(\S+ \S+)\s\s+(.+)$/gm)].map(([, ...row]) => row);
    assert.deepEqual(rows, ladder);
    assert.equal(await card.getByRole('button', { name: alerts.button.acknowledge }).count(), 0);

    const now = escalation.parse(await demo.bot.get(`/api/v1/escalations/${started.id}`));
    assert.equal(now.status, 'acknowledged');
    assert.deepEqual(now.acknowledgedBy && [now.acknowledgedBy.name, now.acknowledgedBy.way], [
      'Megan Bowen',
      'card',
    ]);
    assert.deepEqual(
      now.calls.map(({ target, disposition }) => [target.displayName, disposition]),
      [
        ['Debra Berger', 'declined'],
        ['Nestor Wilke', 'no_answer'],
        ['Megan Bowen', 'cancelled'],
      ],
    );

    await timelines.tell();
    assert.deepEqual(terminal, [
      'Started by demo: Checkout errors over 5 %',
      'Calling Debra Berger …',
      'Debra Berger: declined (487/10024).',
      'Calling Nestor Wilke …',
      'Nestor Wilke: no answer (487/10004).',
      'Calling Megan Bowen …',
      'Acknowledged by Megan Bowen, on the card.',
      'Megan Bowen: cancelled.',
    ]);
    // In Teams everybody has a chat; the Playground shows one person's.
    for (const name of ['Debra Berger', 'Nestor Wilke']) {
      const { channel } = emulator;
      const own = channel.messages(channel.personal(name).id).map(({ activity }) => activity);
      assert.match(JSON.stringify(own), /Checkout errors over 5 %/, name);
    }
    // The card's Details section says the same, word for word.
    await chat.press(card, alerts.button.showDetails);
    for (const words of terminal) await card.getByText(words).last().waitFor();
  });
});

async function setScript(phone: Locator, behaviour: string): Promise<void> {
  await phone.getByRole('combobox', { name: 'When called' }).selectOption({ label: behaviour });
}

/** Takes a picture for the README, which must be small. */
async function takePicture(page: Page, name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  const path = `${pictures}${name}`;
  await page.screenshot({ path });
  const { size } = statSync(path);
  assert.ok(size < 120_000, `${name} has ${size} bytes`);
}

/** A card's position and height, in whole pixels. */
async function placeOf(card: Locator): Promise<string> {
  const box = await card.boundingBox();
  return box ? `${Math.round(box.y)}+${Math.round(box.height)}` : 'nowhere';
}
