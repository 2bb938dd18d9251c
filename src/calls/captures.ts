import type { Call, Capture, CaptureFact } from './call.ts';

/** Recording and transcription of a call, pure. What is known of them grows, in whatever order it is told. */

/** The types of the timeline's lines that say so: people are told of each at once. */
export const captureNotes = [
  'recordingStarted',
  'recordingEnded',
  'transcriptionStarted',
  'transcriptionEnded',
] as const;

export type CaptureNote = (typeof captureNotes)[number];

export function isCaptureNote(type: string): type is CaptureNote {
  return captureNotes.some((one) => one === type);
}

export function captureNote({ what, on }: Pick<CaptureFact, 'what' | 'on'>): CaptureNote {
  return `${what}${on ? 'Started' : 'Ended'}`;
}

/** @returns the very same list if it is known already */
export function withCapture(known: CaptureFact[] | undefined, fact: CaptureFact): CaptureFact[] {
  if (known?.some((one) => order(one) === order(fact))) return known;
  return [...(known ?? []), fact].toSorted((a, b) => (order(a) < order(b) ? -1 : 1));
}

/** What is being done with the call just now. */
export function capturesOn({ facts }: Pick<Call, 'facts'>): Capture[] {
  const newest = new Map<string, CaptureFact>();
  for (const fact of facts.captures ?? []) newest.set(`${fact.what}|${fact.id}`, fact);
  return distinct([...newest.values()].filter(({ on }) => on));
}

/** What was done with it, at any time. */
export function capturesEver({ facts }: Pick<Call, 'facts'>): Capture[] {
  return distinct(facts.captures ?? []);
}

function distinct(facts: readonly CaptureFact[]): Capture[] {
  return (['recording', 'transcription'] as const).filter((what) => facts.some((one) => one.what === what));
}

/** At the same instant the end comes first: whoever is in doubt tells people that it runs. */
function order({ at, what, id, on }: CaptureFact): string {
  return [at, what, id, on ? 1 : 0].join('|');
}
