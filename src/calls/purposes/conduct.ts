import type { Call, Cause, Disposition, HangUpBy, SpeechContext } from '../call.ts';

/** What a connected call does next. */
export type Action =
  | { kind: 'speak'; context: SpeechContext; repeats?: number }
  | { kind: 'transfer' }
  | { kind: 'hangUp'; by: HangUpBy };

/** How a call ended. */
export interface End {
  disposition: Disposition;
  cause: Cause;
}

/** What a call does once somebody has answered: this differs by its purpose. All functions are pure. */
export interface Conduct {
  /** @returns null while the call waits for something */
  next(call: Call, now: string): Action | null;
  /** When to look at the call again if nothing happens. ISO 8601, UTC. */
  deadline(call: Call, connectedAt: string): string;
  /** What to do when that time has come; null if `next` knows. */
  overdue(call: Call, now: string): { kind: 'probe' } | { kind: 'hangUp'; by: HangUpBy } | null;
  /** How it ended. Depends on the times of the facts, not on the order in which they arrived. */
  end(call: Call): End;
}

/** Speech takes about 60 ms a character, and a message is spoken twice; slow voices get more than twice as much. */
const SPEAKING_MS_A_CHARACTER = 300;
/** What is said around a message, and the time that the service takes to begin. */
const SPEAKING_MARGIN_MS = 45_000;
const SPEAKING_MOST_MS = 10 * 60_000;

/** How long after its request speaking may take before its end must have been reported. Milliseconds. */
export function speakingLimit({ purpose }: Call): number {
  const length = 'message' in purpose ? purpose.message.length : 0;
  return Math.min(SPEAKING_MARGIN_MS + length * SPEAKING_MS_A_CHARACTER, SPEAKING_MOST_MS);
}
