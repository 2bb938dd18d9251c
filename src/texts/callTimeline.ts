import type { TimelineEntry } from '../calls/call.ts';
import { readSpeech } from '../calls/lifecycle/speech.ts';
import { callEntries, type CallLineWords } from '../calls/timeline.ts';
import { entryWords } from '../calls/timelineCatalogue.ts';
import { codesOf, howEnded } from './callEnding.ts';
import { inWords, shown, wordFor } from './entryData.ts';
import type { Messages } from './messages.ts';
import type { Texts } from './language.ts';

/** One line of a call's timeline. An unknown type is shown by its name. */
export function callLine(entry: Pick<TimelineEntry, 'type' | 'data'>, texts: Texts): string {
  const { timeline } = texts;
  return entryWords(callEntries, wordsOf(texts), entry) ?? timeline.unknown({ event: inWords(entry.type) });
}

/** The data may come from a newer version, so every value is checked. */
function wordsOf(texts: Texts): CallLineWords {
  const words = texts.timeline.call;
  const plain = (type: Plain) => () => words[type];
  return {
    queued: plain('queued'),
    deferred: ({ reason }) => wordFor(words.deferred, reason) ?? words.deferred.rateLimit,
    dialing: plain('dialing'),
    talkJoined: plain('talkJoined'),
    talkRings: plain('talkRings'),
    talkLinkExpired: plain('talkLinkExpired'),
    talkPageLeft: plain('talkPageLeft'),
    talkPageSilent: plain('talkPageSilent'),
    accepted: plain('accepted'),
    outcomeUnknown: plain('outcomeUnknown'),
    foundAgain: plain('foundAgain'),
    connected: plain('connected'),
    speaking: ({ context }) => {
      const speech = readSpeech(context);
      if (!speech || (speech.context === 'message' && speech.nth > 1)) return words.speaking.messageAgain;
      return words.speaking[speech.context];
    },
    messageSpoken: ({ context }) =>
      wordFor<string>(words.messageSpoken, readSpeech(context)?.context ?? 'message') ??
      words.messageSpoken.message,
    speakFailed: (data) => words.speakFailed(codesOf(data)),
    listenFailed: (data) => words.listenFailed(codesOf(data)),
    key: ({ tone }) => words.key({ key: shown(tone) }),
    pinRight: plain('pinRight'),
    pinWrong: plain('pinWrong'),
    acknowledged: plain('acknowledged'),
    takenOver: ({ name }) => words.takenOver({ name: shown(name) }),
    transferring: ({ to }) => words.transferring({ name: shown(to) }),
    transferAccepted: plain('transferAccepted'),
    transferFailed: (data) => words.transferFailed(codesOf(data)),
    hangUpRequested: ({ by, name, reason }) => {
      if (reason === 'phoneNeeded') return words.phoneNeeded;
      if (name) return words.hangUpByName({ name });
      return wordFor(words.hangUpRequested, by) ?? words.hangUpRequested.done;
    },
    probed: ({ state }) => wordFor(words.probed, state) ?? words.probed.unknown,
    recordingStarted: plain('recordingStarted'),
    recordingEnded: plain('recordingEnded'),
    transcriptionStarted: plain('transcriptionStarted'),
    transcriptionEnded: plain('transcriptionEnded'),
    gridCallStarted: plain('gridCallStarted'),
    gridCallEnded: ({ seconds }) =>
      words.gridCallEnded({
        duration: typeof seconds === 'number' ? texts.format.duration(seconds) : null,
      }),
    gridParticipantJoined: ({ name }) => words.gridParticipantJoined({ name: name ?? null }),
    gridParticipantLeft: ({ name }) => words.gridParticipantLeft({ name: name ?? null }),
    gridRecordingStored: plain('gridRecordingStored'),
    ended: (data) => words.ended({ how: howEnded(data, texts) }),
    corrected: (data) => words.corrected({ how: howEnded(data, texts) }),
  };
}

type Words = Messages['timeline']['call'];
/** The types whose words need no data. */
type Plain = { [Type in keyof Words]: Words[Type] extends string ? Type : never }[keyof Words];
