import type { Facts, Step } from './call.ts';
import { readSpeech, speechName } from './lifecycle/speech.ts';

/** Facts as the database has them: what was said stands there by its name (see lifecycle/speech.ts). */
export interface StoredFacts extends Omit<Facts, 'plays'> {
  plays?: Record<string, Step>;
}

export function storedFacts({ plays, ...facts }: Facts): StoredFacts {
  if (!plays) return facts;
  const named = plays.map(({ context, nth, ...step }) => [speechName({ context, nth }), step] as const);
  return { ...facts, plays: Object.fromEntries(named) };
}

export function readFacts({ plays, ...facts }: StoredFacts): Facts {
  if (!plays) return facts;
  return {
    ...facts,
    plays: Object.entries(plays).flatMap(([name, step]) => {
      const speech = readSpeech(name);
      return speech ? [{ ...speech, ...step }] : [];
    }),
  };
}
