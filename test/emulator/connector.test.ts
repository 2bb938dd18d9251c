import assert from 'node:assert/strict';
import { CardFactory, MessageFactory, TeamsInfo, TurnContext } from 'botbuilder';
import type { ConversationReference } from 'botbuilder';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { z } from 'zod';
import { Bot } from '../support/emulator/bot.ts';
import { startWorld } from '../support/emulator/world.ts';
import type { World } from '../support/emulator/world.ts';

const card = (title: string): ReturnType<typeof CardFactory.adaptiveCard> =>
  CardFactory.adaptiveCard({
    type: 'AdaptiveCard',
    version: '1.5',
    body: [{ type: 'TextBlock', text: title }],
    actions: [
      { type: 'Action.Execute', title: 'Hang up', verb: 'hangUp', data: { call: '1' } },
      { type: 'Action.Submit', title: 'Call again', data: { again: '1' } },
    ],
  });

const Activity = z.looseObject({
  id: z.string(),
  channelId: z.string(),
  serviceUrl: z.string(),
  locale: z.string(),
  from: z.looseObject({ id: z.string(), aadObjectId: z.string() }),
  recipient: z.looseObject({ id: z.string() }),
  conversation: z.looseObject({ conversationType: z.string(), tenantId: z.string() }),
  channelData: z.looseObject({ tenant: z.object({ id: z.string() }) }),
});

describe('emulator: the channel of a bot', () => {
  let world: World;
  let bot: Bot;
  beforeEach(async () => {
    world = await startWorld();
    bot = new Bot();
    world.emulator.channel.connect(await bot.start());
  });
  afterEach(async () => {
    await bot.stop();
    await world.stop();
  });

  const statusOf = async (promise: Promise<unknown>): Promise<string> => {
    try {
      await promise;
      return 'accepted';
    } catch (error) {
      assert.ok(error instanceof Error && 'statusCode' in error, String(error));
      return `${String(error.statusCode)} ${'code' in error ? String(error.code) : ''}`;
    }
  };
  const texts = (conversationId: string): unknown[] =>
    world.emulator.channel.messages(conversationId).map(({ activity }) => activity.text);

  it('sends what a person writes, as Teams does, and keeps the bot’s answers', async () => {
    const seen: unknown[] = [];
    bot.turn = async (context) => {
      seen.push(context.activity);
      await context.sendActivity(`You said ${context.activity.text}`);
    };
    const heard = await world.emulator.channel.send({ from: 'Alex Wilber', text: 'call Adele Vance' });
    assert.equal(heard.status, 200);
    assert.deepEqual(texts(heard.conversationId), ['You said call Adele Vance']);
    const { channelId, serviceUrl, from, conversation, channelData, id, locale, recipient } = Activity.parse(
      seen[0],
    );
    assert.equal(channelId, 'msteams');
    assert.equal(serviceUrl, world.at.connectorUrl);
    assert.equal(from.aadObjectId, world.emulator.people.get('Alex Wilber').id);
    assert.match(from.id, /^29:/);
    assert.deepEqual([conversation.conversationType, conversation.tenantId], ['personal', world.at.tenantId]);
    assert.equal(channelData.tenant.id, world.at.tenantId);
    assert.equal(id, heard.activityId);
    assert.equal(locale, 'en-US');
    assert.match(recipient.id, /^28:/);
  });

  it('updates and deletes messages, keeping their history', async () => {
    const told: string[] = [];
    world.emulator.channel.on('activity', ({ what, message }) =>
      told.push(`${what} ${message.activity.text ?? ''}`),
    );
    bot.turn = async (context) => {
      const sent = await context.sendActivity('Calling');
      const id = sent?.id ?? '';
      await context.updateActivity({ ...MessageFactory.text('Connected'), id });
      await context.sendActivity('Other');
      await context.deleteActivity((await context.sendActivity('Gone'))?.id ?? '');
    };
    const { conversationId } = await world.emulator.channel.send({ from: 'Alex Wilber', text: 'hello' });
    assert.deepEqual(texts(conversationId), ['Connected', 'Other']);
    const [first] = world.emulator.channel.messages(conversationId);
    assert.deepEqual(
      first?.history.map(({ activity }) => activity.text),
      ['Calling', 'Connected'],
    );
    assert.deepEqual(told, ['sent Calling', 'updated Connected', 'sent Other', 'sent Gone', 'deleted Gone']);
  });

  it('presses buttons: Action.Execute is an invoke, Action.Submit a message with a value', async () => {
    const values: unknown[] = [];
    bot.turn = async (context) => {
      if (context.activity.text) {
        await context.sendActivity({ attachments: [card('Calling')] });
        return;
      }
      values.push([
        context.activity.type,
        context.activity.name,
        context.activity.value,
        context.activity.replyToId,
      ]);
      if (context.activity.type === 'invoke') {
        await context.sendActivity({
          type: 'invokeResponse',
          value: { status: 200, body: { statusCode: 200, type: 'x' } },
        });
      }
    };
    const { conversationId } = await world.emulator.channel.send({ from: 'Alex Wilber', text: 'call' });
    const [message] = world.emulator.channel.messages(conversationId);
    assert.ok(message);
    const pressed = await world.emulator.channel.press('Alex Wilber', message, 'Hang up');
    assert.deepEqual(pressed.body, { statusCode: 200, type: 'x' });
    await world.emulator.channel.press('Alex Wilber', message, 'Call again', { note: 'please' });
    const execute = { type: 'Action.Execute', title: 'Hang up', verb: 'hangUp', data: { call: '1' } };
    assert.deepEqual(values, [
      ['invoke', 'adaptiveCard/action', { action: execute, trigger: 'manual' }, message.id],
      ['message', undefined, { again: '1', note: 'please' }, message.id],
    ]);
    await assert.rejects(
      world.emulator.channel.press('Alex Wilber', message, 'Dance'),
      /no button "Dance"\. It has: Hang up/,
    );
  });

  it('mentions the bot and others in a channel, in a new thread', async () => {
    const channel = world.emulator.channel.teamChannel(['Alex Wilber', 'Adele Vance'], 'Operations');
    bot.turn = async (context) => {
      const { text, entities = [], conversation } = context.activity;
      const mentioned = entities.filter(({ type }) => type === 'mention').length;
      await context.sendActivity(`${mentioned} ${conversation.id.split(';')[1] ?? ''} ${text}`);
    };
    const said = { from: 'Alex Wilber', conversation: channel, text: 'call <at>Adele Vance</at>' };
    const heard = await world.emulator.channel.send({ ...said, mentions: ['Adele Vance', 'bot'] });
    assert.deepEqual(texts(heard.conversationId), [
      `2 messageid=${heard.activityId} <at>Ringdown</at> call <at>Adele Vance</at>`,
    ]);
    await world.emulator.channel.send({ ...said, mentions: ['bot'] });
    assert.equal(texts(heard.conversationId).length, 1);
    assert.equal(texts(channel.id).length, 2);
  });

  it('lists the members', async () => {
    const group = world.emulator.channel.groupChat(
      ['Alex Wilber', 'Adele Vance', 'Patti Fernandez'],
      'On call',
    );
    const seen: unknown[] = [];
    bot.turn = async (context) => {
      const { members, continuationToken } = await TeamsInfo.getPagedMembers(context, 2);
      const member = await TeamsInfo.getMember(context, members[1]?.id ?? '');
      seen.push(members.length, continuationToken, member.aadObjectId, member.name, member.email);
      seen.push(await statusOf(TeamsInfo.getMember(context, '29:nobody')));
    };
    await world.emulator.channel.send({ from: 'Alex Wilber', conversation: group, text: 'hi' });
    const adele = world.emulator.people.get('Adele Vance');
    assert.deepEqual(seen, [2, '2', adele.id, 'Adele Vance', adele.mail, '404 MemberNotFoundInConversation']);
  });

  it('lets a bot start a conversation if its app is installed', async () => {
    const create = async (who: string): Promise<string> => {
      const parameters = {
        isGroup: false,
        bot: { id: '28:ringdown', name: 'Ringdown' },
        members: [{ id: world.emulator.people.get(who).id, name: who }],
        tenantId: world.at.tenantId,
        channelData: { tenant: { id: world.at.tenantId } },
      };
      const greet = async (context: TurnContext): Promise<void> => {
        await context.sendActivity(`Your phone is called, ${who}`);
      };
      const { connectorUrl } = world.at;
      const started = bot.adapter.createConversationAsync('', 'msteams', connectorUrl, '', parameters, greet);
      return statusOf(started);
    };
    assert.equal(await create('Adele Vance'), 'accepted');
    assert.deepEqual(texts(world.emulator.channel.personal('Adele Vance').id), [
      'Your phone is called, Adele Vance',
    ]);
    assert.equal(await create('Lynne Robbins'), '403 BotNotInConversationRoster');
    await world.emulator.channel.announceInstallation('Lynne Robbins');
    assert.equal(await create('Lynne Robbins'), 'accepted');
  });

  it('answers 403 if the bot was removed or blocked, and 404 for missing things', async () => {
    let reference: Partial<ConversationReference> = {};
    bot.turn = async (context) => {
      reference = TurnContext.getConversationReference(context.activity);
    };
    await world.emulator.channel.send({ from: 'Alex Wilber', text: 'hi' });
    const conversation = world.emulator.channel.personal('Alex Wilber');
    const say = async (act: (context: TurnContext) => Promise<unknown>): Promise<string> =>
      statusOf(
        bot.adapter.continueConversationAsync('', reference, async (context) => void (await act(context))),
      );
    const send = (context: TurnContext): Promise<unknown> => context.sendActivity('news');
    assert.equal(await say(send), 'accepted');
    const gone = (context: TurnContext): Promise<unknown> =>
      context.updateActivity({ ...MessageFactory.text('x'), id: '42' });
    assert.equal(await say(gone), '404 ActivityNotFoundInConversation');
    conversation.writesBlocked = true;
    assert.equal(await say(send), '403 MessageWritesBlocked');
    conversation.botRemoved = true;
    assert.equal(await say(send), '403 BotNotInConversationRoster');
  });

  it('enforces seven messages a second per conversation, if turned on', async () => {
    const results: string[] = [];
    bot.turn = async (context) => {
      for (let number = 0; number < 8; number += 1)
        results.push(await statusOf(context.sendActivity(`${number}`)));
    };
    await world.emulator.channel.send({ from: 'Alex Wilber', text: 'go' });
    assert.deepEqual(results, [...Array.from({ length: 7 }, () => 'accepted'), '429 TooManyRequests']);
    results.length = 0;
    await world.pass(60_000);
    world.emulator.channel.limits.enabled = false;
    await world.emulator.channel.send({ from: 'Alex Wilber', text: 'go' });
    assert.deepEqual(new Set(results), new Set(['accepted']));
  });

  it('emulates other channels, where nobody has an object id', async () => {
    bot.turn = async (context) => {
      const { channelId, from } = context.activity;
      await context.sendActivity(`${channelId} ${from.aadObjectId ?? 'nobody'}`);
    };
    const said = { from: { id: 'visitor-1', name: 'Visitor' }, channelId: 'webchat', text: 'hi' };
    const heard = await world.emulator.channel.send(said);
    assert.deepEqual(texts(heard.conversationId), ['webchat nobody']);
  });

  it('signs for a bot with an app id', async () => {
    world.emulator.channel.connect(await secondAddress(bot, world), { appId: 'app-1' });
    await world.emulator.channel.send({ from: 'Alex Wilber', text: 'hi' }).catch(() => undefined);
    const token = bot.authorizations.at(-1)?.replace('Bearer ', '') ?? '';
    const keys = createRemoteJWKSet(new URL(`${world.at.url}/botframework/keys`));
    const { payload } = await jwtVerify(token, keys, {
      issuer: 'https://api.botframework.com',
      audience: 'app-1',
      currentDate: new Date(world.clock.now()),
    });
    assert.equal(payload['serviceurl'], world.at.connectorUrl);
  });
});

/** The same bot again: `connect` replaces the earlier address. */
async function secondAddress(bot: Bot, world: World): Promise<string> {
  await bot.stop();
  world.emulator.channel.limits.enabled = true;
  return bot.start();
}
