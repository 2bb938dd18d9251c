import { lookUp } from '../config/lookUp.ts';

/** Presence as Graph gives it: `availability` is the colour of the dot, `activity` what somebody does. */
export interface Presence {
  availability: string;
  activity: string;
}

/** What somebody should not be disturbed in without asking. */
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
 * Whether to ask "call anyway, or leave a message?" before calling, and why; null when the call may go out at once.
 * The activity is more exact than the availability, so it is read first: somebody who presents is DoNotDisturb, too.
 * An unknown word, and a mere meeting in the calendar, do not ask: what Graph adds later must not stop calls.
 *
 * @param presence null when it could not be read.
 */
export function asksFirst(presence: Presence | null | undefined): Disturbance | null {
  if (!presence) return null;
  for (const word of [presence.activity, presence.availability]) {
    const disturbance = lookUp(disturbances, word.toLowerCase());
    if (disturbance) return disturbance;
  }
  return null;
}
