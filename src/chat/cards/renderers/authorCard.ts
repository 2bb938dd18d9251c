import type { Texts } from '../../../texts/texts.ts';
import { adaptiveCard, personRow } from './elements.ts';
import type { PersonLook, Rendered } from './elements.ts';

const MESSAGE_LIMIT = 1_000;

/**
 * The dialog "Call the author of this message". Dialogs of message extensions support only Action.Submit. It carries
 * only the opaque id.
 */
export function authorCard(
  { choiceId, person, canSpeak }: { choiceId: string; person: PersonLook; canSpeak: boolean },
  texts: Texts,
): Rendered {
  const { author } = texts.chat.people;
  return adaptiveCard({
    body: [
      personRow(person),
      ...(canSpeak
        ? [
            {
              type: 'Input.Text',
              id: 'message',
              label: author.hint,
              placeholder: texts.cards.call.messagePlaceholder,
              isMultiline: true,
              maxLength: MESSAGE_LIMIT,
            },
          ]
        : []),
    ],
    actions: [{ type: 'Action.Submit', title: author.call, data: { c: choiceId }, style: 'positive' }],
    text: author.title({ callee: person.name }),
  });
}
