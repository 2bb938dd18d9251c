import assert from 'node:assert/strict';
import { CloudAdapter, TurnContext } from 'botbuilder';
import type { Incoming } from '../../../src/chat/turn/activity.ts';
import { isOpenToEdits, takeActivity } from '../../../src/chat/turn/activityStore.ts';
import { Edits } from '../../../src/chat/turn/edits.ts';
import { messageKeyOf } from '../../../src/chat/turn/identity.ts';
import { Pace } from '../../../src/chat/connector/pace.ts';
import { ChatTurn } from '../../../src/chat/turn/turn.ts';
import { CommitUnknown } from '../../../src/database/transactionErrors.ts';
import type { Database } from '../../../src/database/open.ts';
import { textsFor } from '../../../src/texts/texts.ts';
import { testClock } from '../../support/clock.ts';
import { Crowd } from '../../../src/database/crowd.ts';
import { openEmbedded } from '../../support/databases.ts';
import { ended, happen } from '../../support/chat/calls.ts';
import { wordsOf } from '../../support/chat/room.ts';
import { inRoom, storyOf } from '../../support/chat/story.ts';

const alex = 'Alex Wilber';
const { sent, accepted } = happen;

describe('An edited message', function () {
  const room = inRoom();
  const { happens, onlyCall } = storyOf(room);

  /** Writes a message. @returns its id */
  async function say(text: string): Promise<string> {
    const { activityId } = await room().emulator.channel.send({ from: alex, text });
    await room().settle();
    return activityId;
  }
  /** Edits the message. @returns what the bot has said since */
  async function edit(id: string, text: string, eventType = 'editMessage'): Promise<string[]> {
    const before = new Set(
      room()
        .messages()
        .map((message) => message.id),
    );
    const { channel } = room().emulator;
    const channelData = { tenant: { id: channel.tenantId }, eventType };
    const heard = await channel.post({ from: alex }, { type: 'messageUpdate', id, text, channelData });
    assert.equal(heard.status, 200);
    await room().settle();
    return room()
      .messages()
      .filter((message) => !before.has(message.id))
      .map(wordsOf);
  }

  for (const first of [
    'cal Adele',
    'call Zyxwv Qponm: hi',
    'call Adele?',
    'call',
    'status',
    '> call Adele Vance: hi',
  ]) {
    it(`is carried out once if the original had no effect: ${first}`, async () => {
      const id = await say(first);
      assert.deepEqual(await room().placed(), []);
      assert.deepEqual(await edit(id, 'call Adele Vance: hi'), ['Adele Vance: Calling …']);
      assert.deepEqual(await edit(id, 'call Adele Vance: hi'), [], 'delivered again');
      const call = await onlyCall();
      await happens(call, sent, accepted, ended(603, 0));
      assert.match((await edit(id, 'call Adele Vance: hello')).join(), /once/);
      await onlyCall();
    });
  }

  it('can be edited again after its command has failed', async () => {
    const id = await say('cal Adele');
    room().emulator.faults.add({ operation: 'graph.*', kind: 'status', status: 403, times: 20 });
    assert.match((await edit(id, 'call Megan Bowen: hi')).join(), /^I cannot look up people right now/);
    assert.deepEqual(await room().placed(), []);
    room().emulator.faults.clear();
    assert.deepEqual(await edit(id, 'call Megan Bowen: hello'), ['Megan Bowen: Calling …']);
    assert.match((await edit(id, 'call Megan Bowen: hello again')).join(), /once/);
    await onlyCall();
  });

  it('never acts on what it quotes', async () => {
    const id = await say('cal Adele');
    await edit(id, '<quoted messageId="1"/> thanks');
    await edit(id, '<blockquote>call Adele Vance: hi</blockquote> thanks');
    await edit(id, '> call Adele Vance: hi');
    assert.deepEqual(await room().placed(), []);
  });

  it('calls nobody a second time', async () => {
    const id = await say('call Adele Vance: teh build is red');
    await happens(await onlyCall(), sent, accepted, ended(603, 0));
    const [answer, ...more] = await edit(id, 'call Adele Vance: the build is red');
    assert.match(answer ?? '', /once/);
    assert.deepEqual(more, []);
    await onlyCall();
  });

  it('is not carried out after a choice was offered; the choice stays open', async () => {
    const id = await say('call Chris Green: hi');
    assert.match((await edit(id, 'call Adele Vance: hi')).join(), /once/);
    assert.deepEqual(await room().placed(), []);
  });

  it('whose original is no longer known does nothing, and says so', async () => {
    assert.match((await edit('1772050244572', 'call Adele Vance: hi')).join(), /once/);
    assert.deepEqual(await edit('1772050244572', 'good morning everybody'), [], 'nothing was asked for');
    assert.deepEqual(await room().placed(), []);
  });

  it('does not act when a deleted message is restored', async () => {
    const id = await say('cal Adele');
    assert.deepEqual(await edit(id, 'call Adele Vance: hi', 'undeleteMessage'), []);
    assert.deepEqual(await room().placed(), []);
  });
});

describe('An edit whose command fails', () => {
  const broken = new Error('broken');
  const incoming: Incoming = {
    type: 'messageUpdate',
    id: '1',
    channelId: 'msteams',
    serviceUrl: '',
    from: { id: 'alex', name: alex, aadObjectId: null },
    botId: '',
    conversation: { id: 'c', kind: 'personal' },
    tenantId: null,
    text: 'call Adele',
    isEdit: true,
    entities: [],
    attachments: [],
    value: null,
    locale: undefined,
    timeZone: null,
    replyToId: null,
    invokeName: null,
    membersAdded: [],
    membersRemoved: [],
    action: null,
  };
  const message = messageKeyOf(incoming) ?? '';

  /** Failures: when, with which error, and whether another edit may act. */
  const failures: readonly [
    string,
    error: Error,
    mayActAgain: boolean,
    fail: (turn: ChatTurn, database: Database) => Promise<void>,
  ][] = [
    ['before anything is stored', broken, true, async () => undefined],
    [
      'in its transaction',
      broken,
      true,
      async (turn, { sql }) => {
        await sql.transaction().execute(async (inside) => {
          assert.ok(await turn.isFirstDelivery(inside));
          throw broken;
        });
      },
    ],
    [
      'after its transaction',
      broken,
      false,
      async (turn, { sql }) => {
        await sql.transaction().execute(async (inside) => {
          assert.ok(await turn.isFirstDelivery(inside));
        });
      },
    ],
    ['while it commits', new CommitUnknown(broken), false, async () => undefined],
  ];
  for (const [when, error, mayActAgain, fail] of failures) {
    it(`${when} ${mayActAgain ? 'leaves the message to the next edit' : 'may have acted'}`, async () => {
      const database = await openEmbedded();
      const clock = testClock();
      await takeActivity(database.sql, message, new Date(clock.now()), { nothingDone: true });
      const turn = new ChatTurn(new TurnContext(new CloudAdapter(), {}), {
        incoming,
        database,
        crowd: new Crowd(clock),
        clock,
        pace: new Pace(clock),
        changesNothing: false,
        asker: { kind: 'chat', key: 'alex', name: alex },
        texts: textsFor('en'),
        retries: { add: async () => undefined },
      });
      const edited = new Edits({ database }).inTurn(
        turn,
        { kind: 'call', person: { by: 'text', text: 'Adele' } },
        async () => {
          await fail(turn, database);
          throw error;
        },
      );
      await assert.rejects(edited, error);
      assert.equal(await isOpenToEdits(database.sql, message), mayActAgain);
    });
  }
});
