import * as z from 'zod';
import type { Rendered } from '../cards/renderers/elements.ts';
import { CARD_TYPE } from '../connector/messages.ts';
import type { ChatTurn } from './turn.ts';

/** A pressed button. `id` is the opaque id on the card. */
export interface Press {
  verb: string;
  id: string;
  /** The text typed into the card. */
  message: string | null;
  /** The object id of the person picked. */
  person: string | null;
}

/** The answer to a press: a sentence, or a card that replaces the one with the button. */
export interface PressAnswer {
  say?: string;
  card?: Rendered | null;
  /** A version of the card with the sentence on it. Used where only the person who pressed sees the answer. */
  personal?: Rendered | null;
}

/** The longest message accepted from a card's input, in characters. */
const LONGEST_MESSAGE = 4_000;

/** Our ids contain no control characters and no lone surrogates, which PostgreSQL cannot store. */
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

/** Reads a press from the value of an invoke (Action.Execute) or a message (Action.Submit); null if it is neither. */
export function readPress(value: unknown): Press | null {
  const invoke = invokeValue.safeParse(value);
  const read = invoke.success ? invoke.data.action.data : data.safeParse(value).data;
  if (!read) return null;
  const verb = (invoke.success ? invoke.data.action.verb : undefined) ?? read.verb;
  return verb === undefined
    ? null
    : { verb, id: read.c, message: read.message ?? null, person: read.person ?? null };
}

/** The response body for an `adaptiveCard/action` invoke. The SDK's default is a 501. */
export function invokeAnswer(answer: PressAnswer, otherwise: string): object {
  const shown = answer.personal ?? answer.card;
  return shown
    ? { statusCode: 200, type: CARD_TYPE, value: shown.card }
    : { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: answer.say ?? otherwise };
}

/** The message typed into the card, or what to say if it is empty or too long. */
export function typedMessage(press: Press, { texts }: ChatTurn): { message: string } | { say: string } {
  const message = press.message?.trim() ?? '';
  if (message === '') return { say: texts.chat.messageMissing };
  return message.length > LONGEST_MESSAGE
    ? { say: texts.chat.tooLong({ limit: LONGEST_MESSAGE }) }
    : { message };
}
