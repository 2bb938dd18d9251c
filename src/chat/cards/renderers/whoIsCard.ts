import { inSentence } from '../../../texts/plainText.ts';
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
  const described = people.map(({ address, ...person }) =>
    shownLook({
      ...person,
      about: [person.about, address].filter((part) => part !== null).join(' · ') || null,
    }),
  );
  return fittingPhotos(described, (shown) => cardOf(shown, verdict, texts));
}

function cardOf(described: readonly PersonLook[], verdict: Verdict | null, texts: Texts): Rendered {
  const heading = texts.chat.people.whoIs({ count: described.length });
  const lines = described.map(({ name, about }) =>
    inSentence(about ? `${name}, ${about}` : name, texts.format.locale),
  );
  return adaptiveCard({
    body: [
      quoted(heading, { isSubtle: true }),
      ...described.map((person) => personRow(person, { spacing: 'Medium' })),
      ...(verdict === null ? [] : [quoted(verdict.text, { color: verdict.can ? 'Good' : 'Warning' })]),
    ],
    actions: [],
    text: [heading, ...lines, ...(verdict === null ? [] : [verdict.text])].join('\n'),
  });
}
