import type { Call, ServiceResult, Speech, Target } from './call.ts';

/** One `createCall`. If it is repeated with the same id, the service does not execute it twice. */
export interface Dial {
  call: Call;
  repeatabilityId: string;
  /** Repeatability-First-Sent. */
  firstSent: Date;
  /** A process that has crashed may have sent it before. */
  isRepeated: boolean;
  /** The call's own secret in its callback URI. */
  callbackSecret: string;
}

export type DialOutcome =
  | { kind: 'accepted'; callConnectionId: string | null; correlationId: string | null }
  | { kind: 'refused'; result: ServiceResult }
  /** The answer was lost or never came: the phone may ring or not. */
  | { kind: 'unknown' };

export type RequestOutcome =
  | { kind: 'accepted' }
  | { kind: 'refused'; result: ServiceResult }
  /** The answer was "not found" or "conflict": an earlier attempt may have succeeded, or the call has just ended. */
  | { kind: 'unknown' };

/**
 * The port to the telephone service. Outcomes tell what the service accepts or refuses for good; what may succeed later is
 * thrown, so that the job retries.
 */
export interface Telephony {
  dial(dial: Dial): Promise<DialOutcome>;
  speak(call: Call, callConnectionId: string, speech: Speech): Promise<RequestOutcome>;
  /** Subscribes to the keys that the callee presses. */
  listen(call: Call, callConnectionId: string): Promise<RequestOutcome>;
  transfer(call: Call, callConnectionId: string, to: Target): Promise<RequestOutcome>;
  /** Ends the call for everybody. Succeeds if it is over already. */
  hangUp(callConnectionId: string): Promise<void>;
  probe(callConnectionId: string): Promise<'connecting' | 'connected' | 'gone' | 'unknown'>;
}
