import type { LiveCall } from './call.ts';
import type { Identifier } from './identifiers.ts';

export interface Participant {
  identifier: Identifier;
  isMuted: boolean;
  isOnHold: boolean;
}

/** Who is on the call. Recorded: the list includes the caller's identity; it is empty before the answer. */
export function participantsOf(call: LiveCall): Participant[] {
  if (call.record.connectedAt === null) return [];
  const identifiers = call.source ? [call.source, call.target] : [call.target];
  return identifiers.map((identifier) => ({ identifier, isMuted: false, isOnHold: false }));
}
