import type { Call, ServiceResult, Speech, Target } from './call.ts';

/** One `createCall`: sent again with the same id it is not executed twice. */
export interface Dial {
  call: Call;
  repeatabilityId: string;
  /** Repeatability-First-Sent. */
  firstSent: Date;
  /** It may have been sent before, by a process that has crashed since. */
  isRepeated: boolean;
  /** The call's own secret in its callback URI. */
  callbackSecret: string;
}

export type DialOutcome =
  | { kind: 'accepted'; callConnectionId: string | null; correlationId: string | null }
  | { kind: 'refused'; result: ServiceResult }
  /** The answer was lost, or never came: the phone may be called or not. */
  | { kind: 'unknown' };

export type RequestOutcome =
  | { kind: 'accepted' }
  | { kind: 'refused'; result: ServiceResult }
  /** It was answered "not found" or "conflict": an earlier try may have been carried out, or the call has just ended. */
  | { kind: 'unknown' };

/**
 * The port to the telephone service. What the service refuses for good is in the outcome; what may succeed later is
 * thrown, and the job is tried again.
 */
export interface Telephony {
  dial(dial: Dial): Promise<DialOutcome>;
  speak(call: Call, callConnectionId: string, speech: Speech): Promise<RequestOutcome>;
  /** Asks for the keys that the callee presses. */
  listen(call: Call, callConnectionId: string): Promise<RequestOutcome>;
  transfer(call: Call, callConnectionId: string, to: Target): Promise<RequestOutcome>;
  /** Ends the call for everybody; also succeeds when it is over already. */
  hangUp(callConnectionId: string): Promise<void>;
  probe(callConnectionId: string): Promise<'connecting' | 'connected' | 'gone' | 'unknown'>;
}
