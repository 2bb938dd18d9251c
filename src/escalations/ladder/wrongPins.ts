import type { Ladder } from '../escalation.ts';
import type { LadderEvent, Out } from './events.ts';

/** How many wrong PINs end a call. */
const TRIES_OF_CALL = 3;
/** After this many wrong PINs on one person's phones, their keys do not acknowledge the escalation any more. */
const TRIES_OF_PERSON = 6;

/** How many wrong PINs end the next call to this person. 0: keys do not acknowledge on it. */
export function triesLeft(ladder: Pick<Ladder, 'wrongPins'>, key: string): number {
  return Math.min(TRIES_OF_CALL, Math.max(0, TRIES_OF_PERSON - wrongOf(ladder, key)));
}

export function wrongPin(
  ladder: Ladder,
  { key, name, refused }: Extract<LadderEvent, { type: 'wrongPin' }>,
  out: Out,
): Ladder {
  const count = wrongOf(ladder, key) + 1;
  out.note({ type: 'pinWrong', data: { name } });
  if (refused) out.note({ type: 'pinRefused', data: { name, locked: count >= TRIES_OF_PERSON } });
  const others = (ladder.wrongPins ?? []).filter((one) => one.key !== key);
  return { ...ladder, wrongPins: [...others, { key, count }] };
}

function wrongOf({ wrongPins = [] }: Pick<Ladder, 'wrongPins'>, key: string): number {
  return wrongPins.find((one) => one.key === key)?.count ?? 0;
}
