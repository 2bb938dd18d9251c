import { Refusal, json } from '../http/answer.ts';

/** Errors of the Bot Framework connector, `{"error":{"code","message"}}`. Codes as reported by bots. */
function refusal(status: number, code: string, message: string): Refusal {
  return new Refusal(message, json(status, { error: { code, message } }));
}

export const badSyntax = (message: string): Refusal => refusal(400, 'BadSyntax', message);

export const conversationNotFound = (): Refusal =>
  refusal(404, 'ConversationNotFound', 'Conversation not found.');

export const activityNotFound = (): Refusal =>
  refusal(404, 'ActivityNotFoundInConversation', 'Activity not found in conversation.');

export const memberNotFound = (): Refusal =>
  refusal(404, 'MemberNotFoundInConversation', 'The member is not part of the conversation.');

export const notInRoster = (): Refusal =>
  refusal(403, 'BotNotInConversationRoster', 'The bot is not part of the conversation roster.');

export const writesBlocked = (): Refusal =>
  refusal(403, 'MessageWritesBlocked', 'The thread has been blocked from message writes.');

export const messageTooBig = (): Refusal => refusal(413, 'MessageSizeTooBig', 'Message size too large.');

export const tooManyRequests = (): Refusal => refusal(429, 'TooManyRequests', 'API calls quota exceeded!');
