import type { Facts } from '../call.ts';
import { after } from './facts.ts';

/** How long the service may take to confirm a hang-up before Ringdown asks for the state of the call. */
export const CONFIRMATION_MS = 10_000;
/** After this many unanswered questions Ringdown itself ends the call, so that no call stays open for ever. */
export const MAX_PROBES = 6;

/** When to ask for the state of a call again: after a longer pause each time. */
export function probeDeadline({ count, lastAt }: NonNullable<Facts['probes']>): string {
  return after(lastAt, CONFIRMATION_MS * count);
}
