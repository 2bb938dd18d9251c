import type { Call, Cause, Disposition, Facts, HangUpBy, Play, Speech } from '../call.ts';
import { after, isOver, playOf } from '../lifecycle/facts.ts';

/** What a connected call does next. */
export type Action =
  /** `turn`: of a question on a phone (see `Play`). */
  | { kind: 'speak'; speech: Speech; repeats?: number; turn?: number }
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

/** Says something once, and does something else after that. */
export function say(facts: Facts, context: Speech['context'], then: Action): Action | null {
  const play = firstPlay(facts, context);
  if (!play) return { kind: 'speak', speech: { context, nth: 1 } };
  return isOver(play) ? then : null;
}

export function firstPlay(facts: Facts, context: Speech['context']): Play | undefined {
  return playOf(facts, { context, nth: 1 });
}

/** Speech takes about 60 ms a character, and a message is spoken twice; slow voices get more than twice as much. */
const SPEAKING_MS_A_CHARACTER = 300;
/** What is said around a message, and the time that the service takes to begin. */
const SPEAKING_MARGIN_MS = 45_000;
const SPEAKING_MOST_MS = 10 * 60_000;

/** When the end of something that was requested at `from` must have been reported. */
export function speakingDeadline({ purpose }: Call, from: string): string {
  const length = 'message' in purpose ? purpose.message.length : 0;
  return after(from, Math.min(SPEAKING_MARGIN_MS + length * SPEAKING_MS_A_CHARACTER, SPEAKING_MOST_MS));
}
