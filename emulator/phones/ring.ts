import type { Person } from '../people/person.ts';
import type { Tone } from '../people/script.ts';

/** What the phone reports to the calling side. */
export interface Caller {
  answered(): void;
  declined(codes?: string): void;
  /** Answering failed because the person is now on another call. */
  busy(): void;
  hungUp(): void;
  pressed(tone: Tone): void;
}

export interface RingDetails {
  callConnectionId: string;
  /** The caller's display name, which the phone shows. */
  callerName: string | null;
  /** `transfer`: somebody else's call is transferred to this phone. */
  reason: 'call' | 'transfer';
  operationContext: string | null;
  at: number;
}

/** One call to one phone, from the first ring to the end of the conversation. */
export interface RingRecord extends RingDetails {
  personId: string;
  state: 'ringing' | 'onCall' | 'declined' | 'stopped' | 'ended';
  answeredAt: number | null;
  endedAt: number | null;
  spoken: string[];
  tones: Tone[];
  /** Set if a mailbox has answered: what it has recorded since its beep. */
  mailbox: { recordsFrom: number; recorded: string[] } | null;
}

export interface Ring {
  readonly person: Person;
  readonly record: RingRecord;
  caller: Caller;
  /** If set by the script: codes with which everything played to this person fails. */
  readonly playFails: string | undefined;
  /** A text is spoken to the person who answered. */
  hear(text: string): void;
  /** The current speech is over. */
  heard(): void;
  /** The caller has hung up. */
  stop(): void;
}
