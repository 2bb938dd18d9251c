import type { Target } from '../../../calls/call.ts';
import type { Disturbance } from '../../../directory/presence.ts';
import { chatLink } from '../../../config/teamsLinks.ts';
import type { Texts } from '../../../texts/texts.ts';
import { adaptiveCard, button, openUrl, quoted } from './elements.ts';
import type { Rendered } from './elements.ts';

/** The answers to "call anyway?", by their numbers. */
export const disturbAnswers = { callAnyway: 1, leaveMessage: 2, cancel: 3 } as const;

export interface DisturbCardModel {
  /** The opaque id that the buttons carry. */
  choiceId: string;
  target: Target;
  because: Disturbance;
  /** The message to speak. */
  message: string | null;
  /** Origin of links into Teams. */
  teamsUrl: string;
}

/** Asks before calling somebody who is presenting, in a call or out of office: "Call anyway, or leave a message?" */
export function disturbCard(model: DisturbCardModel, texts: Texts): Rendered {
  const { choiceId, target, because } = model;
  const { disturb } = texts.chat.people;
  const question = disturb.question[because]({ callee: target.displayName });
  const chat = chatAddress(model);
  const answers = [disturb.callAnyway, disturb.leaveMessage, disturb.cancel];
  return adaptiveCard({
    body: [quoted(question, { weight: 'Bolder', style: 'heading' })],
    actions: [
      button(disturb.callAnyway, `choose${disturbAnswers.callAnyway}`, choiceId),
      ...(chat === null ? [] : [openUrl(disturb.leaveMessage, chat)]),
      button(disturb.cancel, `choose${disturbAnswers.cancel}`, choiceId),
    ],
    text: [question, ...answers.map((answer, index) => `${index + 1}. ${answer}`)].join('\n'),
  });
}

/** Replaces the question if the answer is not to call. */
export function leftAloneCard(callee: string, texts: Texts): Rendered {
  const text = texts.chat.people.disturb.leftAlone({ callee });
  return adaptiveCard({ body: [quoted(text)], actions: [], text });
}

/** Some clients cut longer links. Characters. */
const LONGEST_MESSAGE = 1_000;

/** A link to the Teams chat with this person, with the message filled in; null if they have no UPN. */
export function chatAddress({
  target,
  message,
  teamsUrl,
}: Pick<DisturbCardModel, 'target' | 'message' | 'teamsUrl'>): string | null {
  const { userPrincipalName } = target;
  if (userPrincipalName === undefined) return null;
  return chatLink(teamsUrl, userPrincipalName, message?.slice(0, LONGEST_MESSAGE));
}
