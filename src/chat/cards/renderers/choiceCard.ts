import { inSentence } from '../../../texts/plainText.ts';
import { described } from '../../../texts/sentences.ts';
import type { Texts } from '../../../texts/texts.ts';
import { adaptiveCard, button, fittingPhotos, personRow, quoted, shownLook } from './elements.ts';
import type { Element, PersonLook, Rendered } from './elements.ts';

export interface ChoiceCardModel {
  /** The opaque id that the buttons carry. */
  choiceId: string;
  question: string;
  people: readonly PersonLook[];
  /** Whether the card offers to pick somebody else. Only Teams has the field for it. */
  picker: boolean;
}

/** Few enough to grasp at a glance. With "somebody else", as many buttons as Teams shows. */
export const MOST_CHOICES = 5;

/** "Who do you mean?" The people are numbered, because one may also answer with a number. */
export function choiceCard(model: ChoiceCardModel, texts: Texts): Rendered {
  const people = model.people.slice(0, MOST_CHOICES).map(shownLook);
  return fittingPhotos(people, (shown) => choiceOf({ ...model, people: shown }, texts));
}

function choiceOf({ choiceId, question, people: shown, picker }: ChoiceCardModel, texts: Texts): Rendered {
  const rows = shown.map((person, index): Element => personRow(person, { spacing: 'Small' }, index + 1));
  return adaptiveCard({
    body: [
      quoted(question, { weight: 'Bolder', style: 'heading' }),
      ...rows,
      quoted(texts.chat.choices.byNumber, { isSubtle: true, size: 'Small' }),
    ],
    actions: [
      ...shown.map((person, index) =>
        button(`${index + 1}  ${texts.format.cut(person.name, 40)}`, `choose${index + 1}`, choiceId),
      ),
      ...(picker ? [somebodyElse(choiceId, texts)] : []),
    ],
    text: choiceText({ question, people: shown }, texts),
  });
}

/**
 * Teams' people picker (`Data.Query`). Its value is the object id. Other clients show an empty field, and the Playground
 * shows none.
 */
function somebodyElse(choiceId: string, texts: Texts): Element {
  const { title, label, call } = texts.chat.people.picker;
  return {
    type: 'Action.ShowCard',
    title,
    card: {
      type: 'AdaptiveCard',
      body: [
        {
          type: 'Input.ChoiceSet',
          id: 'person',
          label,
          choices: [],
          'choices.data': { type: 'Data.Query', dataset: 'graph.microsoft.com/users' },
        },
      ],
      actions: [button(call, 'chooseOther', choiceId, { style: 'positive' })],
    },
  };
}

function choiceText(
  { question, people }: Pick<ChoiceCardModel, 'question' | 'people'>,
  texts: Texts,
): string {
  const lines = people.map(
    ({ name, about }, index) =>
      `${index + 1}. ${inSentence(described(name, about, texts), texts.format.locale)}`,
  );
  return [question, ...lines, texts.chat.choices.byNumber].join('\n');
}
