import { isGuid } from '../../config/guids.ts';
import type { PersonQuery } from './command.ts';
import type { Language } from './languages.ts';
import { isPhrase, matchEnd, phraseAt, type NoPerson, type Word } from './words.ts';

// Teams' 8:orgid:…, 8:acs:…, 8:gcch-acs:…, 28:orgid:… and 29:…; but 4:+49… is a phone number.
export const rawId = /(?:\d{1,2}:[a-z][a-z-]*:|\d{2}:(?=[\w-]{20}))[\w.@-]+/iy;

const mailAddress = /^[^\s@,:]+@[^\s@,:]+$/u;

const telephone = /^(?:4:)?[+(\d][\d\s()./‐‑‒–—-]*$/u;

/** Recognises people by the form of an identifier instead of a name. */
export function byIdentifier(
  name: string,
  words: readonly Word[],
  { names, emergency }: Language,
): PersonQuery | NoPerson | undefined {
  if (isPhrase(words, names.me)) return { by: 'self' };
  if (isPhrase(words, names.unnamed)) return 'missing';
  const bare = name.replace(/^(?:mailto|sip|tel):/i, '');
  if (isGuid(bare) || mailAddress.test(bare) || matchEnd(rawId, bare, 0) === bare.length) {
    return { by: 'text', text: bare };
  }
  // "le +33 …". Japanese keyboards type full-width digits.
  const from = words[phraseAt(words, 0, names.articles)]?.start ?? 0;
  const number = bare.slice(from - (words[0]?.start ?? 0)).normalize('NFKC');
  if (telephone.test(number) && /^(?:4:)?\+/.test(number)) return { by: 'phone', text: number };
  return telephone.test(number) || isPhrase(words, emergency) ? 'outsideTeams' : undefined;
}
