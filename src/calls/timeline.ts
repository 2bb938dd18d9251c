import type { Cause, DeferReason, Disposition, HangUpBy, TimelineEntry } from './call.ts';
import type { CaptureNote } from './captures.ts';
import type { SpeechName } from './lifecycle/speech.ts';

/** What a call's timeline says: each type of entry, and the data that it has. */
interface CallEntries extends Record<CaptureNote, undefined> {
  queued: undefined;
  /** It has to wait before it is sent. */
  deferred: { reason: DeferReason };
  dialing: undefined;
  /** `createCall` was accepted. */
  accepted: undefined;
  outcomeUnknown: undefined;
  /** A call that was given up turned out to exist. */
  foundAgain: undefined;
  connected: undefined;
  talkJoined: undefined;
  talkRings: undefined;
  talkLinkExpired: undefined;
  talkPageLeft: undefined;
  talkPageSilent: undefined;
  speaking: { context: SpeechName };
  messageSpoken: { context: SpeechName };
  speakFailed: { context: SpeechName } & Codes;
  /** Keys of the phone cannot be received. */
  listenFailed: Codes;
  key: { tone: string };
  acknowledged: undefined;
  takenOver: { name: string };
  transferring: { to: string };
  transferAccepted: undefined;
  transferFailed: Codes;
  hangUpRequested: { by: HangUpBy; name?: string; reason?: 'phoneNeeded' };
  /** The service was asked for the state of the call. */
  probed: { state: 'connecting' | 'connected' | 'gone' | 'unknown' };
  ended: End;
  /** A later event changed how the call ended. */
  corrected: End;
  gridCallStarted: undefined;
  gridCallEnded: { seconds?: number } | undefined;
  gridParticipantJoined: { name?: string };
  gridParticipantLeft: { name?: string };
  gridRecordingStored: undefined;
}

type Codes = { code: number | null; subCode: number | null };
type End = { disposition: Disposition; cause: Cause } & Codes;

export type CallEntryType = keyof CallEntries;

type DataOf<T extends CallEntryType> = undefined extends CallEntries[T]
  ? { data?: Exclude<CallEntries[T], undefined> }
  : { data: CallEntries[T] };

/** An entry without its time. */
export type CallLine<T extends CallEntryType = CallEntryType> = { [P in T]: { type: P } & DataOf<P> }[T];

/** One entry. `at` is ISO 8601, UTC. `data` is for people and programs; it never holds a secret or a callback URI. */
export type CallEntry<T extends CallEntryType = CallEntryType> = { at: string } & CallLine<T>;

/** Writes an entry. */
export type Note = (line: CallLine) => void;

const needsData: { [T in CallEntryType]: undefined extends CallEntries[T] ? false : true } = {
  queued: false,
  deferred: true,
  dialing: false,
  accepted: false,
  outcomeUnknown: false,
  foundAgain: false,
  connected: false,
  talkJoined: false,
  talkRings: false,
  talkLinkExpired: false,
  talkPageLeft: false,
  talkPageSilent: false,
  speaking: true,
  messageSpoken: true,
  speakFailed: true,
  listenFailed: true,
  key: true,
  acknowledged: false,
  takenOver: true,
  transferring: true,
  transferAccepted: false,
  transferFailed: true,
  hangUpRequested: true,
  probed: true,
  recordingStarted: false,
  recordingEnded: false,
  transcriptionStarted: false,
  transcriptionEnded: false,
  ended: true,
  corrected: true,
  gridCallStarted: false,
  gridCallEnded: false,
  gridParticipantJoined: true,
  gridParticipantLeft: true,
  gridRecordingStored: false,
};

export const callEntryTypes = Object.keys(needsData);

/** Whether an entry from the database is one of ours. A newer version may have written types that this one does not know. */
export function isCallLine(entry: Pick<TimelineEntry, 'type' | 'data'>): entry is CallLine {
  return isCallEntryType(entry.type) && (entry.data !== undefined || !needsData[entry.type]);
}

function isCallEntryType(type: string): type is CallEntryType {
  return Object.hasOwn(needsData, type);
}

/** Words for each type of entry. */
export type CallLineWords = { [T in CallEntryType]: (line: CallLine<T>) => string };

export function inCallWords<T extends CallEntryType>(words: CallLineWords, line: CallLine<T>): string {
  return words[line.type](line);
}
