import type { TurnContext } from 'botbuilder';
import * as z from 'zod';
import type { ChatAdapter } from './adapter.ts';

const account = z.object({ id: z.string(), name: z.string().optional() });

/** How to come back to a conversation: what the SDK calls a conversation reference, as little of it as is needed. */
export const placeSchema = z.object({
  channelId: z.string(),
  serviceUrl: z.string(),
  conversation: z.object({
    id: z.string(),
    tenantId: z.string().optional(),
    conversationType: z.string().optional(),
    isGroup: z.boolean().optional(),
  }),
  bot: account,
  user: account,
  /** Others than the asker see it too. */
  shared: z.boolean(),
});

export type Place = z.infer<typeof placeSchema>;

type Reference = Parameters<ChatAdapter['resume']>[0];

/** As the SDK wants it. */
export function referenceOf(place: Place): Reference {
  const { channelId, serviceUrl, conversation, bot, user } = place;
  return {
    channelId,
    serviceUrl,
    conversation: {
      id: conversation.id,
      name: '',
      isGroup: conversation.isGroup ?? false,
      // The SDK wants a word; an empty one is refused by the Agents Playground as Web Chat, which gives none.
      conversationType: conversation.conversationType ?? (conversation.isGroup ? 'groupChat' : 'personal'),
      ...(conversation.tenantId === undefined ? {} : { tenantId: conversation.tenantId }),
    },
    bot: { name: '', ...bot },
    user: { name: '', ...user },
  };
}

/** How to come back to where this turn is. */
export function placeOf(context: TurnContext, shared: boolean): Place {
  const { channelId, serviceUrl, conversation, recipient, from } = context.activity;
  return {
    channelId,
    serviceUrl,
    conversation: {
      id: conversation.id,
      ...(conversation.tenantId ? { tenantId: conversation.tenantId } : {}),
      ...(conversation.conversationType ? { conversationType: conversation.conversationType } : {}),
      ...(conversation.isGroup ? { isGroup: true } : {}),
    },
    bot: { id: recipient.id, ...(recipient.name ? { name: recipient.name } : {}) },
    user: { id: from.id, ...(from.name ? { name: from.name } : {}) },
    shared,
  };
}
