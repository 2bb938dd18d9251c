import type { Channel } from '../connector/channel.ts';
import { empty, json } from '../http/answer.ts';
import type { Route } from '../http/router.ts';
import { Connect, PressButton, Send, controlError, readControl } from './bodies.ts';
import { changing, reading } from './route.ts';

/** The channel, for other processes: say something to the bot, press a button, read what the bot said. */
export function channelControlRoutes(channel: Channel): Route[] {
  return [
    changing('POST', '/channel/connect', (request) => {
      const { url, appId, name } = readControl(request, Connect);
      channel.connect(url, {
        ...(appId === undefined ? {} : { appId }),
        ...(name === undefined ? {} : { name }),
      });
      return empty(204);
    }),
    changing('POST', '/channel/send', async (request) => {
      const { from, text, conversationId, channelId, mentions = [], locale } = readControl(request, Send);
      const conversation = conversationId === undefined ? null : channel.conversations.find(conversationId);
      if (conversationId !== undefined && !conversation)
        throw controlError(404, 'The conversation does not exist.');
      const heard = await channel.send({
        from,
        text,
        mentions,
        ...(conversation ? { conversation } : {}),
        ...(conversationId?.includes(';') === true ? { threadId: conversationId } : {}),
        ...(channelId === undefined ? {} : { channelId }),
        ...(locale === undefined ? {} : { locale }),
      });
      return json(200, heard);
    }),
    changing('POST', '/channel/press', async (request) => {
      const { from, conversationId, activityId, button, inputs } = readControl(request, PressButton);
      const message = channel.messages(conversationId).find(({ id }) => id === activityId);
      if (!message) throw controlError(404, 'The message does not exist.');
      return json(200, await channel.press(from, message, button, inputs));
    }),
    reading('/channel/messages', (request) => {
      const conversationId = request.url.searchParams.get('conversationId');
      return json(200, channel.messages(conversationId ?? undefined));
    }),
    reading('/channel/conversations', () =>
      json(
        200,
        channel.conversations.list().map(({ messages, ...conversation }) => ({
          ...conversation,
          messages: messages.length,
        })),
      ),
    ),
  ];
}
