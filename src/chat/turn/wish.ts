import type { Command, ParseOptions } from '../language/command.ts';
import { readMentions } from '../language/mentions.ts';
import { parseCommand } from '../language/parseCommand.ts';
import type { Incoming } from './activity.ts';
import { readPress, type Press } from './press.ts';

/** What an activity asks for. */
export type Wish =
  /** The bot was added or removed. */
  | { kind: 'welcome' | 'farewell' }
  | { kind: 'command'; command: Command }
  /** `isInvoke`: the answer goes into the HTTP response; otherwise it is a message. */
  | { kind: 'press'; press: Press; isInvoke: boolean }
  /** The message extension, by the name of its invoke. */
  | { kind: 'author'; name: string }
  | { kind: 'nothing' };

const NOTHING: Wish = { kind: 'nothing' };

/** @param options.locale the language that the sender reads */
export function readWish(incoming: Incoming, options: ParseOptions): Wish {
  switch (incoming.type) {
    case 'message':
      return messageWish(incoming, options);
    case 'messageUpdate':
      return incoming.isEdit ? messageWish(incoming, options) : NOTHING;
    case 'invoke': {
      const name = incoming.invokeName ?? '';
      if (name === 'composeExtension/fetchTask' || name === 'composeExtension/submitAction') {
        return { kind: 'author', name };
      }
      if (name !== 'adaptiveCard/action') return NOTHING;
      // An unreadable press gets the same answer as one on a card that no longer exists.
      const press = readPress(incoming.value) ?? { verb: '', id: '', message: null, person: null };
      return { kind: 'press', press, isInvoke: true };
    }
    case 'conversationUpdate':
      if (incoming.membersRemoved.includes(incoming.botId)) return { kind: 'farewell' };
      return incoming.membersAdded.includes(incoming.botId) ? { kind: 'welcome' } : NOTHING;
    case 'installationUpdate':
      if (incoming.action === 'remove') return { kind: 'farewell' };
      return incoming.action === 'add' ? { kind: 'welcome' } : NOTHING;
    default:
      return NOTHING;
  }
}

function messageWish(incoming: Incoming, options: ParseOptions): Wish {
  const { text, entities, attachments, botId } = incoming;
  const press = text.trim() === '' && !incoming.isEdit ? readPress(incoming.value) : null;
  if (press) return { kind: 'press', press, isInvoke: false };
  const utterance = readMentions({ text, entities, attachments, recipient: { id: botId } });
  if (incoming.conversation.kind === 'group' && !utterance.mentionsBot) return NOTHING;
  if (utterance.tooLong) return { kind: 'command', command: { kind: 'tooLong' } };
  const command = parseCommand(utterance.text, utterance.mentions, options);
  // A message with nothing but the bot's name counts as a greeting.
  const isCalled = command.kind === 'empty' && utterance.mentionsBot;
  return { kind: 'command', command: isCalled ? { kind: 'greeting' } : command };
}
