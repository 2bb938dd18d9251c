import type { Texts } from '../../../texts/texts.ts';
import { adaptiveCard, button, messageInput, quoted } from './elements.ts';
import type { Rendered } from './elements.ts';

export interface OfferCardModel {
  /** The opaque id that the button carries. */
  choiceId: string;
  /** Says why the asker is not connected, and that a message can be spoken instead. */
  why: string;
}

/** Offers an asker who cannot be connected to speak a message instead. Nobody is called yet. */
export function offerCard({ choiceId, why }: OfferCardModel, { cards }: Texts): Rendered {
  const { call: card } = cards;
  return adaptiveCard({
    body: [quoted(why), messageInput(card.messagePlaceholder, card.messagePlaceholder)],
    actions: [button(card.callAndSay, 'speak', choiceId, { style: 'positive' })],
    text: why,
  });
}
