import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import * as z from 'zod';
import { freePort } from '../../demo/ports.ts';
import { curl, startDemo } from '../../demo/interactive.ts';
import type { Demo } from '../../demo/interactive.ts';
import { Timelines } from '../../demo/timelines.ts';
import { textsFor } from '../../src/texts/texts.ts';
import { PATIENCE_MS, keepScreenshots, localOnly, openBrowser } from '../support/e2e/browser.ts';
import { Chat } from '../support/e2e/chat.ts';
import { STAGE_MS } from '../support/e2e/stage.ts';

const texts = textsFor('en');
const buttons = texts.escalationChat.card;

const answer = z.object({
  id: z.string(),
  status: z.string(),
  acknowledgedBy: z.object({ name: z.string(), way: z.string() }).nullable(),
  calls: z.array(
    z.object({ target: z.object({ displayName: z.string() }), disposition: z.string().nullable() }),
  ),
});

describe('an escalation that a program starts', () => {
  let demo: Demo;
  let browser: Browser;
  let chat: Chat;
  /** What the demo prints. */
  const terminal: string[] = [];

  before(async function () {
    this.timeout(STAGE_MS);
    demo = await startDemo({
      ports: { bot: await freePort(), chat: await freePort(), phones: await freePort() },
      database: 'memory',
      onFault: (what) => assert.fail(what),
    });
    browser = await openBrowser();
    chat = new Chat(await browser.newPage({ viewport: { width: 1440, height: 900 } }));
    chat.page.setDefaultTimeout(2 * PATIENCE_MS);
    await localOnly(chat.page);
    await chat.open(demo.chatUrl);
    await chat.page.getByText('Hello, I am Ringdown.').last().waitFor();
  });

  after(async () => {
    await browser?.close();
    await demo?.stop();
  });

  afterEach(async function () {
    const { currentTest: test } = this;
    if (test?.state === 'failed') await keepScreenshots({ chat: chat.page }, test.title);
  });

  it('goes from who declines, by who does not answer, to who acknowledges on the card; card, API and terminal agree', async () => {
    const timelines = new Timelines(demo.bot, Date.now(), (_who, words) => terminal.push(words));
    const { stdout } = await promisify(execFile)('sh', ['-c', curl(demo.bot)]);
    const started = answer.parse(JSON.parse(stdout));
    assert.equal(started.status, 'open');

    const card = chat.cardOf('Checkout errors over 5 %');
    await card.getByRole('button', { name: buttons.acknowledge }).waitFor();
    await chat.reads(card, buttons.calling(['Megan Bowen']));
    await chat.press(card, buttons.acknowledge);
    const ladder = [
      ['Debra Berger', texts.status.ended.declined.text],
      ['Nestor Wilke', texts.status.ended.no_answer.text],
      ['Megan Bowen', buttons.noLongerNeeded],
    ];
    await card.getByText(buttons.noLongerNeeded).waitFor();

    const shown = await card.innerText();
    assert.match(shown, /Acknowledged by Megan Bowen, on the card\./);
    // The times before the names are those of the day.
    const rows = [...shown.matchAll(/^\d+:\d\d [AP]M\s+(\S+ \S+)\s\s+(.+)$/gm)].map(([, ...row]) => row);
    assert.deepEqual(rows, ladder);
    assert.equal(await card.getByRole('button', { name: buttons.acknowledge }).count(), 0);

    const now = answer.parse(await demo.bot.get(`/api/v1/escalations/${started.id}`));
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
      'Nestor Wilke: no answer.',
      'Calling Megan Bowen …',
      'Acknowledged by Megan Bowen, on the card.',
      'Megan Bowen: cancelled.',
    ]);
    // In Teams everybody has a chat; the Playground shows that of one person.
    for (const name of ['Debra Berger', 'Nestor Wilke']) {
      const { channel } = demo.emulator;
      const [own] = channel.messages(channel.personal(name).id);
      assert.match(JSON.stringify(own?.activity), /Checkout errors over 5 %/, name);
    }
    // What the card keeps under Details is the same, word for word.
    await chat.press(card, buttons.showDetails);
    for (const words of terminal) await card.getByText(words).last().waitFor();
  });
});
