import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import type { Demo } from '../../demo/interactive.ts';
import { textsFor } from '../../src/texts/texts.ts';
import type { Chat } from '../support/e2e/chat.ts';
import type { PhonesPage } from '../support/e2e/phonesPage.ts';
import { STAGE_MS, openStage, type Stage } from '../support/e2e/stage.ts';

const { running, ended } = textsFor('en').status;
const buttons = textsFor('en').chat.card;

describe('calling somebody from the chat', () => {
  let stage: Stage;
  let demo: Demo;
  let chat: Chat;
  let phones: PhonesPage;

  before(async function () {
    this.timeout(STAGE_MS);
    stage = await openStage();
    ({ demo, chat, phones } = stage);
    Object.assign(demo.emulator.timings, { perCharacterMs: 12, failureMs: 500 });
  });

  after(async () => await stage?.close());

  afterEach(async function () {
    const { currentTest: test } = this;
    if (test?.state === 'failed') await stage?.keep(test.title);
  });

  it('greets, and helps', async () => {
    await chat.page.getByText('Hello, I am Ringdown.').last().waitFor();
    await chat.say('help');
    await chat.cards.filter({ hasText: 'a mail address' }).waitFor();
  });

  it('shows one card from calling to the end, while the phone is answered and hears the message', async () => {
    const adele = phones.phone('Adele Vance');
    demo.emulator.timings.perCharacterMs = 40;
    await chat.say('call Adele Vance: the build is red');
    const card = chat.cardOf('the build is red');
    await chat.reads(card, running.dialing.text);
    const cards = await chat.cards.count();
    const places = [await placeOf(card)];
    await phones.rings(adele);
    await adele.getByText('Ringdown', { exact: true }).waitFor();
    await phones.call('Adele Vance').getByText('Connecting').waitFor();

    await phones.answer(adele);
    await chat.reads(card, running.speaking.text);
    places.push(await placeOf(card));
    await phones.call('Adele Vance').getByText('Connected', { exact: true }).waitFor();
    await adele.getByText('the build is red').waitFor();

    await chat.reads(card, ended.answered.text);
    demo.emulator.timings.perCharacterMs = 12;
    places.push(await placeOf(card));
    await phones.call('Adele Vance').getByText('200/7000').waitFor();
    await adele.getByText('Call ended').waitFor();
    assert.equal(await chat.cards.count(), cards, 'a further card has come');
    assert.equal(new Set(places).size, 1, `the card jumps: ${places.join(', ')}`);
    assert.equal(await card.getByRole('button', { name: buttons.hangUp }).count(), 0);
  });

  it('calls again by the button of the card, as a new call with a card of its own', async () => {
    const adele = phones.phone('Adele Vance');
    const cards = await chat.cards.count();
    await chat.press(chat.cardOf('the build is red'), buttons.callAgain);
    await phones.rings(adele);
    const card = chat.cards.nth(cards);
    await chat.reads(card, running.dialing.text);
    await phones.answer(adele);
    await chat.reads(card, ended.answered.text);
    assert.equal(await chat.cards.count(), cards + 1);
    assert.equal(demo.emulator.phone('Adele Vance').rings().length, 2);
  });

  it('says that the person declined', async () => {
    await setScript(phones.phone('Alex Wilber'), 'Rings: you answer');
    await chat.say('call Alex Wilber: are you there?');
    const alex = phones.phone('Alex Wilber');
    await phones.rings(alex);
    await phones.decline(alex);
    await chat.reads(chat.cardOf('Alex Wilber'), ended.declined.text);
    await alex.getByText('Call declined').waitFor();
    await phones.call('Alex Wilber').getByText('487/10024').waitFor();
  });

  it('says that nobody answered', async () => {
    const { timings } = demo.emulator;
    const { unansweredMs } = timings;
    timings.unansweredMs = 1_500;
    await chat.say('call Nestor Wilke: are you there?');
    const card = chat.cardOf('Nestor Wilke');
    await phones.rings(phones.phone('Nestor Wilke'));
    await chat.reads(card, ended.no_answer.text);
    timings.unansweredMs = unansweredMs;
    await phones.phone('Nestor Wilke').getByText('Missed call').waitFor();
    await card.getByRole('button', { name: buttons.callAgain }).waitFor();
  });

  it('hangs up by the button of the card: the phone falls silent', async () => {
    const sian = phones.phone("Siân O'Connor-Łukasz");
    await setScript(sian, 'Rings: you answer');
    await chat.say("call Siân O'Connor-Łukasz: about the logo");
    const card = chat.cardOf('about the logo');
    await phones.rings(sian);
    await chat.press(card, buttons.hangUp);
    await chat.reads(card, ended.cancelled.text);
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
    await chat.reads(chat.cardOf('the invoice'), ended.answered.text);
    const developer = demo.emulator.phone('chris.green@contoso.example');
    assert.deepEqual(developer.rings(), []);
  });

  it('connects the person with the asker, whose own phone rings with their name', async () => {
    const [adele, megan] = [phones.phone('Adele Vance'), phones.phone('Megan Bowen')];
    await chat.say('call Adele Vance');
    await phones.rings(adele);
    await phones.answer(adele);
    await megan.getByText('Call handed over to you').waitFor();
    await megan.getByText('Adele Vance').waitFor();
    await phones.call('Adele Vance').getByText('Transferring').waitFor();
    await phones.answer(megan);
    await chat.reads(chat.cards.last(), ended.connected_to_caller.text);
    await adele.getByRole('button', { name: 'Hang up' }).click();
    await megan.getByText('Call ended').waitFor();
  });

  it('is called in a group chat when it is mentioned there', async () => {
    await chat.goTo('Operations');
    await chat.mention('Ringdown');
    await chat.page.keyboard.type(' call Joni Sherman: the deployment hangs');
    await chat.page.getByRole('button', { name: 'Send Message' }).click();
    await chat.reads(chat.cardOf('the deployment hangs'), ended.answered.text);
    await chat.goTo('Personal Chat');
  });
});

async function setScript(phone: Locator, behaviour: string): Promise<void> {
  await phone.getByRole('combobox', { name: 'When called' }).selectOption({ label: behaviour });
}

/** Where a card stands and how high it is, in whole pixels. */
async function placeOf(card: Locator): Promise<string> {
  const box = await card.boundingBox();
  return box ? `${Math.round(box.y)}+${Math.round(box.height)}` : 'nowhere';
}
