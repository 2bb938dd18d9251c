import type { TurnContext } from 'botbuilder';
import * as z from 'zod';
import type { ChatAdapter } from './adapter.ts';

const account = z.object({ id: z.string(), name: z.string().optional() });

/** Where to write to a conversation later: the needed part of the SDK's conversation reference. */
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
  /** Whether others besides the asker see the conversation. */
  shared: z.boolean(),
});

export type Place = z.infer<typeof placeSchema>;

type Reference = Parameters<ChatAdapter['resume']>[0];

/** The place in the SDK's form. */
export function referenceOf(place: Place): Reference {
  const { channelId, serviceUrl, conversation, bot, user } = place;
  return {
    channelId,
    serviceUrl,
    conversation: {
      id: conversation.id,
      name: '',
      isGroup: conversation.isGroup ?? false,
      // The SDK requires a type, and the Agents Playground rejects an empty one in its Web Chat mode, which sends none.
      conversationType: conversation.conversationType ?? (conversation.isGroup ? 'groupChat' : 'personal'),
      ...(conversation.tenantId === undefined ? {} : { tenantId: conversation.tenantId }),
    },
    bot: { name: '', ...bot },
    user: { name: '', ...user },
  };
}

/** The place of this turn's conversation. */
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
