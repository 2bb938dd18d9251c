import type { TurnContext } from 'botbuilder';
import { CARD_TYPE } from '../connector/messages.ts';
import { invokeAnswer, type PressAnswer } from './press.ts';
import type { ChatTurn } from './turn.ts';
import type { Wish } from './wish.ts';

/** The content of a message extension's dialog: a sentence or a card. */
export type DialogAnswer = { say: string } | { title: string; card: unknown };

/** The answer to a press or a dialog. Commands send their answers themselves. */
export type Reply = { press: PressAnswer } | { dialog: DialogAnswer };

/** Sends the reply in the HTTP response, or as a message if the press arrived as a message. */
export async function giveReply(
  context: TurnContext,
  turn: ChatTurn,
  wish: Wish,
  reply: Reply,
): Promise<void> {
  if ('dialog' in reply) return await respond(context, dialogBody(reply.dialog));
  const answer = reply.press;
  if (wish.kind === 'press' && wish.isInvoke) {
    return await respond(context, invokeAnswer(answer, turn.texts.chat.cardIsGone));
  }
  const { replyToId } = turn.incoming;
  if (answer.card && replyToId && turn.showsCards) await turn.replace(replyToId, answer.card);
  if (answer.say !== undefined) await turn.say(answer.say);
}

async function respond(context: TurnContext, body: object): Promise<void> {
  await context.sendActivity({ type: 'invokeResponse', value: { status: 200, body } });
}

function dialogBody(answer: DialogAnswer): object {
  if ('say' in answer) return { task: { type: 'message', value: answer.say } };
  const { title, card } = answer;
  const value = { title, width: 'small', height: 'small', card: { contentType: CARD_TYPE, content: card } };
  return { task: { type: 'continue', value } };
}
