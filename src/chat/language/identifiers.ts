import type { PersonQuery } from './command.ts';
import { unnamed } from './nameWords.ts';
import { matchEnd, phrases, type NoPerson, type Word } from './words.ts';

const emergency = new Set(
  phrases(
    'the|an|a| police|cops|ambulance|emergency|emergency_services|fire_department|fire_brigade|fire_service|doctor',
  ).map((phrase) => phrase.join(' ')),
);

const objectId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

// 8:orgid:…, 8:acs:…, 8:gcch-acs:…, 28:orgid:…, 29:… of Teams. 4:+49… is a telephone.
export const rawId = /(?:\d{1,2}:[a-z][a-z-]*:|\d{2}:(?=[\w-]{20}))[\w.@-]+/iy;

const mailAddress = /^[^\s@,:]+@[^\s@,:]+$/u;

const telephone = /^(?:4:)?[+(\d][\d\s()./-]*$/;

/** What is no name but known by its form. */
export function byIdentifier(name: string, words: readonly Word[]): PersonQuery | NoPerson | undefined {
  const keys = words.map(({ key }) => key).join(' ');
  if (keys === 'me' || keys === 'myself') return { by: 'self' };
  if (unnamed.has(keys)) return 'missing';
  const bare = name.replace(/^(?:mailto|sip|tel):/i, '');
  if (objectId.test(bare) || mailAddress.test(bare) || matchEnd(rawId, bare, 0) === bare.length) {
    return { by: 'text', text: bare };
  }
  return telephone.test(bare) || emergency.has(keys) ? 'outsideTeams' : undefined;
}
