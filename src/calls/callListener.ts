import type { RawBuilder } from 'kysely';
import type { Answers, Questions } from '../database/ask.ts';
import type { Work } from '../database/work.ts';
import type { Call, DeferReason } from './call.ts';
import type { CaptureNote } from './captures.ts';
import type { CallEntry } from './timeline.ts';

/** A call that is not to be sent before `until` (epoch milliseconds). */
export interface NotYet {
  reason: DeferReason;
  until: number;
}

/** An event of the service, for those who watch: `at` is its own time, `applied` whether it means anything here. */
export interface Received {
  type: string;
  at: string;
  isNew: boolean;
  applied: boolean;
}

/**
 * Told within the transaction that changed a call. Several calls may share it. A listener may take locks in `placed`,
 * `mayDial`, `ended` and `keys` only; in `ended` only for calls of the browser page (`needsMoreLocks` in callChanges.ts).
 */
export interface CallListener {
  /** A call is placed. Its row may be written after this, at the end of the transaction. What this throws undoes it. */
  placed?(work: Work, call: Call): Promise<void> | void;
  changed?(work: Work, call: Call): Promise<void> | void;
  /** Whatever became of it, also what nobody is shown. What is observed here changes nothing. */
  moved?(work: Work, before: Call, call: Call, timeline: readonly CallEntry[]): void;
  /** Events of the service have been stored, or were there already (`isNew` false). */
  received?(work: Work, call: Call, events: readonly Received[]): void;
  /** Once for each call. */
  ended?(work: Work, call: Call): Promise<void> | void;
  /** The call is about to be sent. `false`: it is not wanted any more, and ends without being sent. */
  mayDial?(work: Work, call: Call): Promise<boolean | NotYet> | boolean | NotYet;
  /** Recording or transcription began or ended: the timeline's lines that say so. */
  captured?(work: Work, call: Call, notes: readonly CallEntry<CaptureNote>[]): Promise<void> | void;
  /** The callee pressed keys. */
  keys?(work: Work, call: Call, tones: string[]): Promise<void> | void;
}

/** What is asked in the transaction that places a call, together with what calls ask themselves. */
export interface Gate {
  /** Taken first, in this order, and held until the transaction ends. */
  locks: readonly RawBuilder<unknown>[];
  questions: Questions;
  /** Throws if the call is not to be placed. */
  judge: (answers: Answers) => void;
}
