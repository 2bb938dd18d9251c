import type { Answers, Questions } from '../database/ask.ts';
import type { Sql } from '../database/schema.ts';
import type { Work } from '../database/transaction.ts';
import type { RingdownError } from '../errors.ts';
import type { Call, DeferReason, PhoneBar, Requester, Target } from './call.ts';
import type { CaptureNote } from './captures.ts';
import type { KeyAct } from './purposes/escalateByPhone.ts';
import type { CallEntry } from './timeline.ts';

/** A call that is not to be sent before `until` (epoch milliseconds). */
export interface NotYet {
  reason: DeferReason;
  until: number;
}

/** A call that must not be sent at all. */
export interface Barred {
  barred: PhoneBar;
}

/** An event of the service. `at` is its own time; `applied` says whether it means anything here. */
export interface Received {
  type: string;
  at: string;
  isNew: boolean;
  applied: boolean;
}

/**
 * Listeners run within the transaction that changes a call. Several calls may share it. A listener may take locks in
 * `placed`, `mayDial`, `ended`, `keys` and `acts` only; in `ended` only for calls from the browser page (`needsMoreLocks` in
 * callChanges.ts).
 */
export interface CallListener {
  /** A call is placed. Its row may be written later, at the end of the transaction. Throw to undo it. */
  placed?(work: Work, call: Call): Promise<void> | void;
  changed?(work: Work, call: Call): Promise<void> | void;
  /** After every change, even if people see none. For those who change no call, and take no locks. */
  moved?(work: Work, before: Call, call: Call, timeline: readonly CallEntry[]): void;
  /** Events of the service were stored; they are repeated if `isNew` is false. */
  received?(work: Work, call: Call, events: readonly Received[]): void;
  /** The call ended. */
  ended?(work: Work, call: Call): Promise<void> | void;
  /** The call is about to be sent. `false`: it is no longer needed, and ends unsent, as a call that is barred. */
  mayDial?(work: Work, call: Call): Promise<boolean | NotYet | Barred> | boolean | NotYet | Barred;
  /** Recording or transcription started or ended: the timeline's entries about it. */
  captured?(work: Work, call: Call, notes: readonly CallEntry<CaptureNote>[]): Promise<void> | void;
  /** The callee pressed keys, in Teams. */
  keys?(work: Work, call: Call, tones: string[]): Promise<void> | void;
  /** The callee decided by keys, on a phone. */
  acts?(work: Work, call: Call, acts: readonly KeyAct[]): Promise<void> | void;
}

/** Who asks for a call, and to whom. */
export interface Wished {
  requestedBy: Requester;
  target: Target;
}

/** Decides which calls may be placed, in the transaction that places them. */
export interface Gate {
  /** Keys of the limits that must not change until the transaction ends. */
  locksOf(wished: Wished): readonly string[];
  /** The same expressions for any number of requests. They are read once the locks are held. */
  questions(sql: Sql, wished: readonly Wished[]): Promise<Questions>;
  judge(answers: Answers): Judge;
  /** A request was refused, and others of the same transaction were not. */
  refused(error: RingdownError): Promise<void>;
}

/** Decides on the requests of one transaction, one after another. */
export interface Judge {
  /** Throws if the call must not be placed. */
  check(wished: Wished): void;
  /** Counts a call that is placed. */
  granted(wished: Wished): void;
}
