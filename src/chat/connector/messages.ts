import type { Activity } from 'botbuilder';
import type { Rendered } from '../cards/renderers/elements.ts';

/** Channels that show Adaptive Cards and allow messages to be updated. Elsewhere people get plain text. */
const CARD_CHANNELS: ReadonlySet<string> = new Set(['msteams', 'webchat', 'directline', 'emulator']);

export function showsCards(channelId: string): boolean {
  return CARD_CHANNELS.has(channelId);
}

/** The message for this channel: with the card, or as plain text. */
export function messageOf(rendered: Rendered, channelId: string): Partial<Activity> {
  if (!showsCards(channelId)) return textMessage(rendered.text);
  return {
    type: 'message',
    // Teams shows this in notifications and in the list of chats.
    summary: rendered.text,
    attachments: [{ contentType: CARD_TYPE, content: rendered.card }],
  };
}

/** Plain, so that no client reads it as Markdown. */
export function textMessage(text: string): Partial<Activity> {
  return { type: 'message', text, textFormat: 'plain' };
}

export const CARD_TYPE = 'application/vnd.microsoft.card.adaptive';
