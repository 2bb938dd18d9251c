import assert from 'node:assert/strict';
import type { Message } from '../../../emulator/connector/activity.ts';
import { alertmanagerBody } from '../../support/alerts/bodies.ts';
import { openEmbedded } from '../../support/databases.ts';
import { startWorld, type World } from '../../support/world.ts';
import { wordsOf } from '../../support/chat/room.ts';

const second = 1000;
const adele = 'Adele Vance';
const alex = 'Alex Wilber';

const yaml = `
policies:
  payments:
    steps:
      - {targets: [{user: ${adele}}], ringTimeoutSeconds: 120}
      - {targets: [{user: ${alex}}], ringTimeoutSeconds: 120}
`;

interface Answer {
  id: string;
  status: string;
  summary: string;
  revision: number;
  timeline: { type: string }[];
}

/** Adele's phone is called because of the alert "one", and her card shows it. */
class Night {
  readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  static async begin(): Promise<Night> {
    const world = await startWorld({ database: await openEmbedded(), yaml });
    for (const name of [adele, alex]) world.emulator.people.script(name, { byHand: true });
    const night = new Night(world);
    await night.fires('one');
    await world.pass(3 * second);
    assert.match(wordsOf(night.card()), /one$/);
    return night;
  }

  async fires(name: string): Promise<void> {
    const body = alertmanagerBody([{ fingerprint: name, summary: name }]);
    const { status } = await this.world.api('POST', '/api/v1/alerts/alertmanager/payments', body);
    assert.equal(status, 202);
    await this.world.pass(second);
  }

  /** Makes the chat service reject updates, so that cards stay as they are. */
  cardsStay(status: number): void {
    const operation = 'connector.updateActivity';
    this.world.emulator.faults.add({ operation, kind: 'status', status, times: 1000 });
  }

  card(): Message {
    const { channel } = this.world.emulator;
    const card = channel
      .messages(channel.personal(adele).id)
      .findLast(({ activity }) => JSON.stringify(activity).includes('"id":"details"'));
    assert.ok(card);
    return card;
  }

  async say(from: string, text: string): Promise<string> {
    const { channel } = this.world.emulator;
    const before = channel.messages(channel.personal(from).id).length;
    await channel.send({ from, text });
    await this.world.pass(500);
    return channel.messages(channel.personal(from).id).slice(before).map(wordsOf).join('\n');
  }

  /** Oldest first. */
  async all(): Promise<Answer[]> {
    const { items } = (await this.world.api('GET', '/api/v1/escalations')).body as { items: Answer[] };
    const found = await Promise.all(
      items.map(async ({ id }) => (await this.world.api('GET', `/api/v1/escalations/${id}`)).body as Answer),
    );
    return found.toReversed();
  }

  async stands(): Promise<string[]> {
    return (await this.all()).map(({ status, summary }) => `${status}: ${summary}`);
  }

  /** Presses a button on Adele's card. @returns the answer */
  async press(button: string): Promise<string> {
    const heard = await this.world.emulator.channel.press(adele, this.card(), button);
    await this.world.settle();
    return JSON.stringify(heard.body);
  }

  async act(what: string, body: object): Promise<string> {
    const [first] = await this.all();
    const answer = await this.world.api('POST', `/api/v1/escalations/${first?.id}/${what}`, body);
    return String(answer.status);
  }
}

const inPart = /That covers what you have seen of .* Alerts added since then call again\./;

describe('People acknowledge and end what they were shown or heard', function () {
  /** After "two" was added unseen: the action, what happens to "one", and the answer. */
  const acts: readonly [
    how: string,
    status: string,
    act: (night: Night, seen: number) => Promise<string>,
    said: RegExp,
  ][] = [
    ['ack in chat', 'acknowledged', async (night) => await night.say(adele, 'ack'), inPart],
    ['resolve in chat', 'resolved', async (night) => await night.say(adele, 'resolve'), inPart],
    ['the card', 'acknowledged', async (night) => await night.press('Acknowledge'), inPart],
    [
      'a revision through the API',
      'acknowledged',
      async (night, revision) => await night.act('acknowledge', { by: adele, revision }),
      /200/,
    ],
    [
      'an end through the API',
      'cancelled',
      async (night, revision) => await night.act('cancel', { by: adele, revision }),
      /200/,
    ],
    [
      'a key, after the phone said it',
      'acknowledged',
      async (night) => {
        night.world.emulator.phone(adele).press('one');
        await night.world.pass(second);
        return '';
      },
      /^$/,
    ],
  ];
  for (const [how, status, act, said] of acts) {
    it(`${how}: alerts added later call again`, async () => {
      const night = await Night.begin();
      const [{ revision } = { revision: 0 }] = await night.all();
      night.world.emulator.phone(adele).answer();
      await night.world.pass(2 * second);
      night.cardsStay(503);
      await night.fires('two');
      assert.match(await act(night, revision), said);
      await night.world.pass(2 * second);
      const [first, next, ...others] = await night.all();
      assert.deepEqual([first?.status, next?.status, others], [status, 'open', []]);
      assert.equal(next?.summary, 'two');
      assert.ok(first?.timeline.some(({ type }) => type === 'notCovered'));
    });
  }

  it('a card that could not be updated covers what it shows, not what it should show', async () => {
    const night = await Night.begin();
    night.cardsStay(403);
    await night.fires('two');
    assert.match(await night.press('Acknowledge'), inPart);
    await night.world.pass(2 * second);
    assert.deepEqual(await night.stands(), ['acknowledged: one', 'open: two']);
  });

  it('what a card shows by then is covered in every chat of that person', async () => {
    const night = await Night.begin();
    await night.fires('two');
    await night.world.pass(2 * second);
    const group = night.world.emulator.channel.groupChat([adele, alex]);
    await night.world.emulator.channel.send({
      from: adele,
      text: 'ack',
      conversation: group,
      mentions: ['bot'],
    });
    await night.world.pass(5 * second);
    assert.match((await night.stands()).join(), /^acknowledged: 2 alerts: one$/);
  });

  it('somebody who was shown nothing is asked first, and acknowledges what the question showed', async () => {
    const night = await Night.begin();
    assert.match(
      await night.say(alex, 'ack'),
      /I have not shown you this alert yet\. .*acknowledge it\?\s+1\. one/,
    );
    assert.deepEqual(await night.stands(), ['open: one']);
    await night.fires('two');
    assert.match(await night.say(alex, '1'), inPart);
    await night.world.pass(2 * second);
    assert.deepEqual(await night.stands(), ['acknowledged: one', 'open: two']);
  });
});
