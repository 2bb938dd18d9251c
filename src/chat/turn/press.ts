import * as z from 'zod';
import type { Rendered } from '../cards/renderers/elements.ts';
import { CARD_TYPE } from '../connector/messages.ts';
import type { ChatTurn } from './turn.ts';

/** A button that was pressed. `id` is the opaque id on the card. */
export interface Press {
  verb: string;
  id: string;
  /** What was typed into the card. */
  message: string | null;
  /** Who was picked: an object id. */
  person: string | null;
}

/** What a press is answered with: a sentence, or the card that takes the place of the one that was pressed. */
export interface PressAnswer {
  say?: string;
  card?: Rendered | null;
  /** The same for the presser alone, with what is said: where the answer reaches nobody else. */
  personal?: Rendered | null;
}

/** Longest message that is taken from a card's input. */
const LONGEST_MESSAGE = 4_000;

/** Ids of ours hold no control character and no half of a pair, which no database would look for. */
const ownText = z.string().regex(/^[^\p{Cc}\p{Cs}]+$/u);

const data = z.looseObject({
  c: ownText.max(100),
  verb: z.string().max(100).optional(),
  message: z.string().optional(),
  person: ownText.max(500).optional(),
});
const invokeValue = z.looseObject({
  action: z.looseObject({ verb: z.string().min(1).max(100).optional(), data }),
});

/** Reads the press of an Action.Execute (an invoke's value) or Action.Submit (a message's); null if it is none. */
export function readPress(value: unknown): Press | null {
  const invoke = invokeValue.safeParse(value);
  const read = invoke.success ? invoke.data.action.data : data.safeParse(value).data;
  if (!read) return null;
  const verb = (invoke.success ? invoke.data.action.verb : undefined) ?? read.verb;
  return verb === undefined
    ? null
    : { verb, id: read.c, message: read.message ?? null, person: read.person ?? null };
}

/** The body of the answer to an `adaptiveCard/action` invoke. The SDK's own default is 501. */
export function invokeAnswer(answer: PressAnswer, otherwise: string): object {
  const shown = answer.personal ?? answer.card;
  return shown
    ? { statusCode: 200, type: CARD_TYPE, value: shown.card }
    : { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: answer.say ?? otherwise };
}

/** What was typed into the card, to be spoken; or what to say if that is nothing, or too long. */
export function typedMessage(press: Press, { texts }: ChatTurn): { message: string } | { say: string } {
  const message = press.message?.trim() ?? '';
  if (message === '') return { say: texts.chat.messageMissing() };
  return message.length > LONGEST_MESSAGE ? { say: texts.chat.tooLong(LONGEST_MESSAGE) } : { message };
}
