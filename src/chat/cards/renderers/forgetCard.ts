import { together } from '../../../texts/sentences.ts';
import type { Texts } from '../../../texts/texts.ts';
import { adaptiveCard, button, words } from './elements.ts';
import type { Rendered } from './elements.ts';

/** Asks before `forget me`. The first answer is yes, the second no. */
export function forgetCard(choiceId: string, texts: Texts): Rendered {
  const { privacy } = texts.chat;
  return adaptiveCard({
    body: [
      words(privacy.question, { weight: 'Bolder', style: 'heading' }),
      words(privacy.explained, { spacing: 'Small' }),
    ],
    actions: [
      button(privacy.forget, 'choose1', choiceId, { style: 'destructive' }),
      button(privacy.keep, 'choose2', choiceId),
    ],
    text: [
      together([privacy.question, privacy.explained], texts),
      `1. ${privacy.forget}`,
      `2. ${privacy.keep}`,
    ].join('\n'),
  });
}
