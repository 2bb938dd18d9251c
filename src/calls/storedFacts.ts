import type { Facts, Play, PlayStep } from './call.ts';
import { readSpeech, speechName } from './lifecycle/speech.ts';

/** Facts as the database has them: what was said stands there by its name (see lifecycle/speech.ts). */
export interface StoredFacts extends Omit<Facts, 'plays' | 'unreadPlays'> {
  plays?: Record<string, PlayStep>;
}

export function storedFacts({ plays, unreadPlays, ...facts }: Facts): StoredFacts {
  if (!plays) return facts;
  const named = plays.map(({ context, nth, ...step }) => [speechName({ context, nth }), step] as const);
  return { ...facts, plays: { ...unreadPlays, ...Object.fromEntries(named) } };
}

export function readFacts({ plays, ...facts }: StoredFacts): Facts {
  if (!plays) return facts;
  const read: Play[] = [];
  const unread: [name: string, step: PlayStep][] = [];
  for (const [name, step] of Object.entries(plays)) {
    const speech = readSpeech(name);
    if (speech) read.push({ ...speech, ...step });
    else unread.push([name, step]);
  }
  return {
    ...facts,
    plays: read,
    ...(unread.length > 0 && { unreadPlays: Object.fromEntries(unread) }),
  };
}
