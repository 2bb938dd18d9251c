import { createContext, use } from 'react';
import type { ConsoleTexts } from '../page.ts';
import { formatsFor } from '../../texts/formats.ts';
import type { Messages } from '../../texts/messages.ts';
import { textsIn } from '../../texts/textsIn.ts';

/** What the pages say, in the reader's language. */
type Groups = Messages['console'] & { card: Messages['cards']['escalation'] };
export type Words = Groups & { locale: string };

export function wordsOf({ locale, texts }: ConsoleTexts): Words {
  // `npm run check` compares messages.ts with the English file, whose texts fill gaps in the others.
  return Object.assign(textsIn(texts, undefined, formatsFor(locale)) as Groups, { locale });
}

export const WordsContext = createContext<Words | null>(null);

/** The texts of the reader's language. */
export function useWords(): Words {
  const words = use(WordsContext);
  if (words === null) throw new TypeError('texts are missing');
  return words;
}
