import { createHash, timingSafeEqual } from 'node:crypto';
import type { Call } from '../calls/call.ts';
import { lookUp } from '../config/lookUp.ts';
import type { RingdownYaml } from '../config/ringdownSchema.ts';

/**
 * Whether these digits are the PIN of the call's step, as ringdown.yaml has it now. It stands in that file and its
 * environment only: an escalation stores that its step has one, and what is keyed in is compared as it arrives and kept
 * nowhere. If the file no longer has the step's PIN, no digits are right.
 */
export function isPinOf({ purpose }: Call, digits: string, { policies }: RingdownYaml): boolean {
  if (purpose.kind !== 'escalate' || !purpose.pin) return false;
  const pin = lookUp(policies, purpose.pin.policy)?.steps[purpose.step]?.pin;
  return pin !== undefined && timingSafeEqual(hashed(pin), hashed(digits));
}

/** Of the same length for all PINs. */
function hashed(digits: string): Buffer {
  return createHash('sha256').update(digits).digest();
}
