import type { Cause, DeferReason, Disposition, HangUpBy } from './call.ts';
import type { CaptureNote } from './captures.ts';
import type { SpeechName } from './lifecycle/speech.ts';
import { bare, carries, mayCarry, type LineOf, type WordsOf } from './timelineCatalogue.ts';

type Codes = { code: number | null; subCode: number | null };
type End = { disposition: Disposition; cause: Cause } & Codes;

/** What a call's timeline says: each type of entry, and the data that it has. */
export const callEntries = {
  queued: bare,
  /** It has to wait before it is sent. */
  deferred: carries<{ reason: DeferReason }>(),
  dialing: bare,
  /** `createCall` was accepted. */
  accepted: bare,
  outcomeUnknown: bare,
  /** A call that was given up turned out to exist. */
  foundAgain: bare,
  connected: bare,
  talkJoined: bare,
  talkRings: bare,
  talkLinkExpired: bare,
  talkPageLeft: bare,
  talkPageSilent: bare,
  speaking: carries<{ context: SpeechName }>(),
  messageSpoken: carries<{ context: SpeechName }>(),
  speakFailed: carries<{ context: SpeechName } & Codes>(),
  /** Keys of the phone cannot be received. */
  listenFailed: carries<Codes>(),
  key: carries<{ tone: string }>(),
  pinRight: bare,
  pinWrong: bare,
  acknowledged: bare,
  takenOver: carries<{ name: string }>(),
  transferring: carries<{ to: string }>(),
  transferAccepted: bare,
  transferFailed: carries<Codes>(),
  hangUpRequested: carries<{ by: HangUpBy; name?: string; reason?: 'phoneNeeded' }>(),
  /** The service was asked for the state of the call. */
  probed: carries<{ state: 'connecting' | 'connected' | 'gone' | 'unknown' }>(),
  ended: carries<End>(),
  /** A later event changed how the call ended. */
  corrected: carries<End>(),
  gridCallStarted: bare,
  gridCallEnded: mayCarry<{ seconds?: number }>(),
  gridParticipantJoined: carries<{ name?: string }>(),
  gridParticipantLeft: carries<{ name?: string }>(),
  gridRecordingStored: bare,
  recordingStarted: bare,
  recordingEnded: bare,
  transcriptionStarted: bare,
  transcriptionEnded: bare,
} satisfies Record<CaptureNote, typeof bare> & Record<string, unknown>;

export type CallEntryType = keyof typeof callEntries;

/** An entry without its time. */
export type CallLine<T extends CallEntryType = CallEntryType> = LineOf<typeof callEntries, T>;

/** One entry. `at` is ISO 8601, UTC. `data` is for people and programs; it never holds a secret or a callback URI. */
export type CallEntry<T extends CallEntryType = CallEntryType> = { at: string } & CallLine<T>;

/** Writes an entry. */
export type Note = (line: CallLine) => void;

/** Words for each type of entry. */
export type CallLineWords = WordsOf<typeof callEntries>;
