import type { Speech } from '../call.ts';

/** How often an escalation says its message at most. */
export const MOST_MESSAGES = 6;

/** What is said more than once, and how often at most. */
const MOST = { message: MOST_MESSAGES, wrongKey: 9, pin: 9, confirm: 9 } as const;

type Repeated = keyof typeof MOST;

/**
 * The name of what is said: the operation context of the request, so that the service's events say what they are about.
 * It also stands in the stored facts, in jobs and in the timeline: `message`, `message2` to `message6`, `connecting`.
 */
export type SpeechName = Speech['context'] | `${Repeated}${number}`;

export function speechName({ context, nth }: Speech): SpeechName {
  return isRepeated(context) && nth > 1 ? `${context}${nth}` : context;
}

const CONTEXTS: readonly string[] = [
  'message',
  'connecting',
  'transferFailed',
  'acknowledged',
  'takenOver',
  'wrongKey',
  'pin',
  'confirm',
  'pinRefused',
] satisfies Speech['context'][];

/** @returns null for a name that is not ours */
export function readSpeech(name: string): Speech | null {
  const [, word, digit] = /^([a-zA-Z]+)([2-9])$/.exec(name) ?? [];
  if (word === undefined) return isContext(name) ? { context: name, nth: 1 } : null;
  const nth = Number(digit);
  return isRepeated(word) && nth <= MOST[word] ? { context: word, nth } : null;
}

/** Whether it may be said once more after it was said `times` times. */
export function mayRepeat(context: Repeated, times: number): boolean {
  return times < MOST[context];
}

function isContext(name: string): name is Speech['context'] {
  return CONTEXTS.includes(name);
}

function isRepeated(name: string): name is Repeated {
  return Object.hasOwn(MOST, name);
}
