import type { Person } from '../people/person.ts';
import type { Tone } from '../people/script.ts';

/** The side that calls: what the phone tells it. */
export interface Caller {
  answered(): void;
  declined(codes?: string): void;
  /** Answering was not possible because the person is on another call by now. */
  busy(): void;
  hungUp(): void;
  pressed(tone: Tone): void;
}

export interface RingDetails {
  callConnectionId: string;
  /** What the phone shows: the caller's display name. */
  callerName: string | null;
  /** `transfer`: somebody else's call is handed over to this phone. */
  reason: 'call' | 'transfer';
  operationContext: string | null;
  at: number;
}

/** One time that one phone was called, from the first ring to the end of the conversation. */
export interface RingRecord extends RingDetails {
  personId: string;
  state: 'ringing' | 'onCall' | 'declined' | 'stopped' | 'ended';
  answeredAt: number | null;
  endedAt: number | null;
  spoken: string[];
  tones: Tone[];
}

export interface Ring {
  readonly person: Person;
  readonly record: RingRecord;
  caller: Caller;
  /** Codes with which everything fails that is played to this person, if the script says so. */
  readonly playFails: string | undefined;
  /** The text is spoken to whoever answered. */
  hear(text: string): void;
  /** What was being spoken is over. */
  heard(): void;
  /** The caller has gone. */
  stop(): void;
}
