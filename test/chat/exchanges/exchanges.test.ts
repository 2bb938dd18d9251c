import assert from 'node:assert/strict';
import { pino } from 'pino';
import type { Message } from '../../../emulator/connector/activity.ts';
import { readRingdownYaml } from '../../../src/config/ringdownYaml.ts';
import { Jobs } from '../../../src/database/jobRunner.ts';
import { createTransact } from '../../../src/database/transaction.ts';
import { coversIn } from '../../../src/schedules/coverStore.ts';
import { stateAfter } from '../../../src/schedules/exchange.ts';
import { loadExchange, saveExchange } from '../../../src/schedules/exchangeStore.ts';
import { onDuty } from '../../../src/schedules/onDuty.ts';
import { afterTest } from '../../support/afterTest.ts';
import { wordsOf } from '../../support/chat/room.ts';
import { inRoom, storyOf } from '../../support/chat/story.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A duty that has not begun by then, whatever time of day the tests run at. */
const AHEAD = 3 * DAY;
const members = ['Adele Vance', "Siân O'Connor-Łukasz"];

const yaml = `
timeZone: Europe/Berlin
rotations:
  web: {members: [adele@contoso.example, sian@contoso.example], every: 1d, handover: "Mon 00:00"}
  db: {members: [adele@contoso.example, sian@contoso.example], every: 1d, handover: "Mon 00:00"}
  solo: {members: [adele@contoso.example, adele@contoso.example], every: 1d, handover: "Mon 00:00"}
policies:
  web: {steps: [{targets: [{rotation: web}]}]}
  two: {steps: [{targets: [{rotation: web}, {rotation: db}]}]}
  solo: {steps: [{targets: [{rotation: solo}]}]}
  plain: {steps: [{targets: [{user: adele@contoso.example}]}]}
`;
const { web } = readRingdownYaml(yaml, {}).rotations;

describe('Exchanging duty in chat', () => {
  const room = inRoom({ yaml });
  const { say, words, press, nowOf } = storyOf(room);
  const then = (): string =>
    `on ${new Date(room().clock.now() + AHEAD).toLocaleDateString('sv', { timeZone: 'Europe/Berlin' })}`;
  let asker: string;
  let asked: string;

  beforeEach(async () => {
    const { database, emulator, clock } = room();
    for (const table of ['exchanges', 'cover_spans', 'jobs'] as const)
      await database.sql.deleteFrom(table).execute();
    assert.ok(web && 'members' in web);
    const isAdele = onDuty({ ...web, timeZone: 'Europe/Berlin' }, clock.now() + AHEAD).member.startsWith(
      'adele',
    );
    [asker = '', asked = ''] = isAdele ? members : members.toReversed();
    // So that Ringdown may write to her.
    for (const from of members) await emulator.channel.send({ from, text: 'thanks' });
    await room().settle();
  });

  const newest = (who: string): Message => {
    const { channel } = room().emulator;
    const message = channel.messages(channel.personal(who).id).at(-1);
    assert.ok(message);
    return message;
  };
  /** @returns the card of the person who asks, and the question */
  async function ask(policy = 'web'): Promise<{ own: Message; question: Message }> {
    await say(`swap ${policy} with ${asked} ${then()}`, { from: asker });
    return { own: newest(asker), question: newest(asked) };
  }
  const covers = async (): Promise<string[]> => {
    const { database, clock } = room();
    const now = clock.now();
    return (await coversIn(database.sql, now, now + 30 * DAY))
      .map(({ person }) => person.displayName)
      .toSorted();
  };
  const buttons = (message: Message): string[] =>
    [...JSON.stringify(nowOf(message).activity).matchAll(/"Action\.Execute","title":"([^"]+)"/g)].map(
      ([, title = '']) => title,
    );
  /** Without the hours between. */
  async function later(ms: number): Promise<void> {
    room().clock.setTime(room().clock.now() + ms);
    await room().pass(5_000);
  }
  const shown = (message: Message): string => wordsOf(nowOf(message));

  it('asks with exact times; the yes makes both covers, and both cards say so', async () => {
    const { own, question } = await ask();
    assert.match(
      shown(own),
      new RegExp(
        `^Exchange duty: web\nYou take web: .*, 00:00–24:00\n${asked} takes web: .*, 00:00–24:00\nTimes are in Europe/Berlin\\.\nI have asked ${asked}\\.`,
      ),
    );
    assert.match(
      shown(question),
      new RegExp(
        `${asker} would like to exchange duty with you\\.\nYou take web: .*, 00:00–24:00\n${asker} takes web: `,
      ),
    );
    assert.deepEqual(
      [buttons(own), buttons(question), await covers()],
      [['Withdraw'], ['Yes, exchange', 'No'], []],
    );
    // Only she can answer, and asking again asks nobody.
    assert.match(await press(asker, question, 'exchangeYes'), /^Only .* can answer this\.$/);
    assert.match((await words(`swap web with ${asked} ${then()}`, { from: asker })).join(), /already asked/);
    await press(asked, question, 'Yes, exchange');
    assert.match(shown(own), new RegExp(`${asked} said yes\\. Both covers are in place\\.`));
    assert.match(shown(question), /You said yes\. Both covers are in place\./);
    assert.deepEqual([buttons(own), buttons(question), await covers()], [[], [], members.toSorted()]);
    await press(asked, question, 'exchangeYes').catch(() => undefined);
    assert.equal((await covers()).length, 2);
  });

  it('changes nothing after a no, or if the asker withdraws; a later message tells the asker of the no', async () => {
    const first = await ask();
    await press(asker, first.own, 'Withdraw');
    assert.match(
      shown(first.question),
      new RegExp(`${asker} withdrew the question\\. Nothing has changed\\.`),
    );
    const { own, question } = await ask();
    await later(HOUR);
    await press(asked, question, 'No');
    assert.match(shown(own), /said no\. Nothing has changed\./);
    assert.match(wordsOf(newest(asker)), /^Exchange duty: web\n.* said no\. Nothing has changed\./);
    assert.deepEqual(await covers(), []);
  });

  it('ends when the time for the answer is over', async () => {
    const { own, question } = await ask();
    await later(DAY);
    assert.match(shown(own), /did not answer in time\. Nothing has changed\./);
    assert.match(shown(question), /You did not answer in time/);
    assert.deepEqual([buttons(question), await covers()], [[], []]);
  });

  it('shows the outcome also if the process dies right after it was stored', async () => {
    const { own, question } = await ask();
    const { database, clock } = room();
    // Its job engine never runs.
    const transact = createTransact(database, new Jobs(database, clock, pino({ enabled: false })));
    const { id } = await database.sql.selectFrom('exchanges').select('id').executeTakeFirstOrThrow();
    await transact(async (work) => {
      const exchange = await loadExchange(work.sql, id);
      assert.ok(exchange);
      const state = stateAfter(exchange, { kind: 'decline' }, clock.now());
      assert.ok(state);
      await saveExchange(work.sql, exchange, state);
      const now = clock.now();
      work.enqueue({ name: 'card.show', data: { subject: `exchange:${id}` }, notBefore: now });
    });
    await room().pass(10_000);
    assert.match(shown(own), /said no/);
    assert.match(shown(question), /You said no/);
  });

  it('offers a plain cover to somebody who has nothing to give', async () => {
    const [card] = await say(`swap solo with Megan ${then()}`, { from: 'Adele Vance' });
    assert.ok(card);
    assert.match(shown(card), /Megan Bowen has no duty of this length/);
    assert.deepEqual(buttons(card), ['Ask anyway', 'Do not ask']);
    await say('thanks', { from: 'Megan Bowen' });
    await press('Adele Vance', card, 'Ask anyway');
    const question = newest('Megan Bowen');
    assert.match(shown(question), /Adele Vance asks you to take over a duty, with nothing in return\./);
    await press('Megan Bowen', question, 'Yes, I take it');
    assert.match(shown(card), /Megan Bowen said yes\. The cover is in place\./);
    assert.deepEqual(await covers(), ['Megan Bowen']);
  });

  it('asks which duty, and says if the question cannot be delivered', async () => {
    const [which] = await say(`swap two with ${asked} ${then()}`, { from: asker });
    assert.ok(which);
    assert.match(shown(which), /several duties for two then.*\n1\. web, .*00:00–24:00\n2\. db, /);
    const chat = room().emulator.channel.personal(asked);
    chat.writesBlocked = true;
    afterTest(() => void (chat.writesBlocked = false));
    await press(asker, which, '2  db');
    await room().pass(1000);
    assert.match(shown(which), /Exchange duty: two \(db\)/);
    assert.match(shown(which), /I could not ask .*: the bot is blocked there\. Nothing has changed\./);
  });

  const refusals: readonly (readonly [text: () => string, answer: RegExp])[] = [
    [() => `swap plain with Alex ${then()}`, /has no rotation/],
    [() => `swap web with ${asker} ${then()}`, /That is you/],
    [
      () => `swap web with ${asked} today`,
      /no duty for web to give then\. Your next one is .*00:00–24:00 \(Europe\/Berlin\)/,
    ],
    [() => `swap web with ${asked} on blargh`, /do not understand the time "on blargh"/],
    [() => `swap web with ${asked} on 2020-01-01`, /already passed/],
    [() => `swap web with ${asked} on 2099-01-01`, /too far ahead/],
    [() => `swap web with Help Desk ${then()}`, /not a person/],
    [() => `swap web with ${asked} ${then()}?`, /That was a question/],
    [() => 'swap web', /With whom\?/],
    [() => `swap web with ${asked}`, /For which time\?/],
  ];
  it('says why nothing is asked', async () => {
    for (const [text, answer] of refusals) {
      room().clock.setTime(room().clock.now() + 5_000);
      assert.match((await words(text(), { from: asker })).join('\n'), answer, text());
    }
    assert.match(
      (
        await words(`swap web with Adele ${then()}`, {
          from: { id: 'eve', name: 'Eve' },
          channelId: 'webchat',
        })
      ).join(),
      /only in Teams/,
    );
    assert.equal((await room().database.sql.selectFrom('exchanges').select('id').execute()).length, 0);
  });
});
