import type { LiveCall } from './call.ts';
import type { Identifier } from './identifiers.ts';

export interface Participant {
  identifier: Identifier;
  isMuted: boolean;
  isOnHold: boolean;
}

/** Who is on the call: the recordings list the caller's identity beside the callee. Nobody before it is answered. */
export function participantsOf(call: LiveCall): Participant[] {
  if (call.record.connectedAt === null) return [];
  const identifiers = call.source ? [call.source, call.target] : [call.target];
  return identifiers.map((identifier) => ({ identifier, isMuted: false, isOnHold: false }));
}
