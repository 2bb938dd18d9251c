import type { Speech } from '../call.ts';

/** How often an escalation says its message at most. */
export const MOST_MESSAGES = 6;

/**
 * The name of what is said: the operation context of the `play` request, so that the service's events say what they are
 * about. It also stands in the stored facts, in jobs and in the timeline: `message`, `message2` to `message6`, `connecting`.
 */
export type SpeechName = Speech['context'] | `message${number}`;

export function speechName({ context, nth }: Speech): SpeechName {
  return context === 'message' && nth > 1 ? `message${nth}` : context;
}

const CONTEXTS: readonly string[] = [
  'message',
  'connecting',
  'transferFailed',
  'acknowledged',
  'takenOver',
] satisfies Speech['context'][];

/** @returns null for a name that is not ours */
export function readSpeech(name: string): Speech | null {
  const nth = /^message([2-9])$/.exec(name)?.[1];
  if (nth !== undefined)
    return Number(nth) <= MOST_MESSAGES ? { context: 'message', nth: Number(nth) } : null;
  return isContext(name) ? { context: name, nth: 1 } : null;
}

function isContext(name: string): name is Speech['context'] {
  return CONTEXTS.includes(name);
}
