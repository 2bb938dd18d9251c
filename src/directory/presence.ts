import { lookUp } from '../config/lookUp.ts';

/** Presence in Graph's words: `availability` is the colour of the dot, `activity` is what the person does. */
export interface Presence {
  availability: string;
  activity: string;
}

/** Why somebody should not be disturbed without asking. */
export type Disturbance = 'doNotDisturb' | 'inACall' | 'presenting' | 'outOfOffice';

const disturbances: Readonly<Record<string, Disturbance>> = {
  donotdisturb: 'doNotDisturb',
  urgentinterruptionsonly: 'doNotDisturb',
  focusing: 'doNotDisturb',
  inacall: 'inACall',
  inaconferencecall: 'inACall',
  presenting: 'presenting',
  outofoffice: 'outOfOffice',
};

/**
 * Why to ask "call anyway, or leave a message?" before a call; null if the call may go out at once. The activity counts
 * before the availability, because it is more exact: somebody who is presenting is also DoNotDisturb. Unknown words and
 * mere meetings in the calendar do not matter, so that words which Graph adds later do not stop calls.
 *
 * @param presence null if it could not be read
 */
export function asksFirst(presence: Presence | null | undefined): Disturbance | null {
  if (!presence) return null;
  for (const word of [presence.activity, presence.availability]) {
    const disturbance = lookUp(disturbances, word.toLowerCase());
    if (disturbance) return disturbance;
  }
  return null;
}
