import type { Call, Capture, CaptureFact } from './call.ts';

/** Recording and transcription of a call. Pure. The result does not depend on the order of the events. */

/** The timeline entries about recording and transcription. Ringdown announces each one at once. */
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

/** @returns the same list if the fact is known already */
export function withCapture(known: CaptureFact[] | undefined, fact: CaptureFact): CaptureFact[] {
  if (known?.some((one) => order(one) === order(fact))) return known;
  return [...(known ?? []), fact].toSorted((a, b) => (order(a) < order(b) ? -1 : 1));
}

/** Whether the call is being recorded or transcribed now. */
export function capturesOn({ facts }: Pick<Call, 'facts'>): Capture[] {
  const newest = new Map<string, CaptureFact>();
  for (const fact of facts.captures ?? []) newest.set(`${fact.what}|${fact.id}`, fact);
  return distinct([...newest.values()].filter(({ on }) => on));
}

/** Whether the call was recorded or transcribed at any time. */
export function capturesEver({ facts }: Pick<Call, 'facts'>): Capture[] {
  return distinct(facts.captures ?? []);
}

function distinct(facts: readonly CaptureFact[]): Capture[] {
  return (['recording', 'transcription'] as const).filter((what) => facts.some((one) => one.what === what));
}

/** Of a start and an end at the same instant the end comes first: in doubt, people hear that it runs. */
function order({ at, what, id, on }: CaptureFact): string {
  return [at, what, id, on ? 1 : 0].join('|');
}
