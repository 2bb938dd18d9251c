import type { Texts } from '../texts/texts.ts';
import type { RefusalWords } from './refusal.ts';

/** How many operators people are told to ask. */
const MOST_NAMED = 3;

/** Operators to ask, as a list in words; empty if there are none. */
export function whomToAsk(operators: readonly string[], { format }: Pick<Texts, 'format'>): string {
  return format.anyOf(operators.slice(0, MOST_NAMED));
}

/** Why a call, or a question about people, is refused, and whom to ask. `callee` is empty for questions. */
export function refusalText(
  { reason, callee, ask: operators, seconds, until, timeZone }: RefusalWords,
  texts: Texts,
): string {
  const { refused } = texts.errors;
  const ask = whomToAsk(operators, texts);
  if (reason === 'guest') return refused.guest;
  if (callee === '' && reason !== 'unchecked') return refused.lookUp({ ask });
  return refused[reason]({
    callee,
    ask,
    retry: retryIn(seconds, texts),
    until: until === null ? null : texts.format.time(new Date(until).toISOString(), timeZone),
    timeZone,
  });
}

/**
 * The time until a retry may succeed, in words; null if it is unknown. Rounded up to whole minutes, or to whole seconds
 * below a minute, so that nobody retries too early.
 */
export function retryIn(seconds: number | null, { format }: Pick<Texts, 'format'>): string | null {
  if (seconds === null) return null;
  return format.duration(seconds < 60 ? Math.max(1, Math.ceil(seconds)) : Math.ceil(seconds / 60) * 60);
}
