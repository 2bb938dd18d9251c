import { inSentence } from '../../../texts/plainText.ts';
import { described } from '../../../texts/sentences.ts';
import type { Texts } from '../../../texts/texts.ts';
import { adaptiveCard, fittingPhotos, personRow, quoted, shownLook } from './elements.ts';
import type { PersonLook, Rendered } from './elements.ts';

/** Whether the person can be called now, with a sentence that says so. */
export interface Verdict {
  can: boolean;
  text: string;
}

/**
 * Shows whom a name means.
 *
 * @param verdict null if several people match
 */
export function whoIsCard(
  people: readonly (PersonLook & { address: string | null })[],
  verdict: Verdict | null,
  texts: Texts,
): Rendered {
  const looks = people.map(({ address, ...person }) =>
    shownLook({
      ...person,
      about: [person.about, address].filter((part) => part !== null).join(' · ') || null,
    }),
  );
  return fittingPhotos(looks, (shown) => cardOf(shown, verdict, texts));
}

function cardOf(looks: readonly PersonLook[], verdict: Verdict | null, texts: Texts): Rendered {
  const heading = texts.chat.people.whoIs({ count: looks.length });
  const lines = looks.map(({ name, about }) =>
    inSentence(described(name, about, texts), texts.format.locale),
  );
  return adaptiveCard({
    body: [
      quoted(heading, { isSubtle: true }),
      ...looks.map((person) => personRow(person, { spacing: 'Medium' })),
      ...(verdict === null ? [] : [quoted(verdict.text, { color: verdict.can ? 'Good' : 'Warning' })]),
    ],
    actions: [],
    text: [heading, ...lines, ...(verdict === null ? [] : [verdict.text])].join('\n'),
  });
}
