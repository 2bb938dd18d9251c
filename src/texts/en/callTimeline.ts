import { lookUp } from '../../config/lookUp.ts';
import { shown, inWords, withCode, type EntryData } from '../entryData.ts';
import type { Format, Texts } from '../language.ts';
import { result } from './status.ts';

export function callTimeline({ line, duration }: Format): Texts['timeline'] {
  const lines: Record<string, (data: EntryData) => string> = {
    queued: () => 'The call was asked for.',
    deferred: ({ reason }) => {
      if (reason === 'paused') return 'Waiting: an operator has paused all calls.';
      if (reason === 'phoneBusy') return 'Waiting: another call of Ringdown is at this phone.';
      if (reason === 'quietHours') return 'Waiting: these are quiet hours.';
      return reason === 'rateLimit' ? 'Waiting: many calls at the same time.' : 'Waiting.';
    },
    dialing: () => 'Calling …',
    talkJoined: () => 'The call was begun in the browser.',
    talkRings: () => 'The browser says that it is waiting for an answer.',
    talkLinkExpired: () => 'The link was not used in time.',
    talkPageLeft: () => 'The browser page was closed.',
    talkPageSilent: () => 'The browser page was not heard any more.',
    accepted: () => 'The telephone service took the call.',
    outcomeUnknown: () => 'The telephone service did not say whether it placed the call.',
    foundAgain: () => 'The call was found again: it had been placed.',
    connected: () => 'The call was answered.',
    speaking: ({ context }) => {
      if (context === 'connecting') return 'Saying who is calling …';
      if (context === 'transferFailed') return 'Saying that the connection failed …';
      if (context === 'acknowledged') return 'Confirming the acknowledgement …';
      if (context === 'takenOver') return 'Saying who has taken it over …';
      return context === 'message' ? 'Speaking the message …' : 'Speaking the message again …';
    },
    messageSpoken: ({ context }) => {
      if (context === 'connecting') return 'It was said who is calling.';
      if (context === 'transferFailed') return 'It was said that the connection failed.';
      if (context === 'acknowledged') return 'The acknowledgement was confirmed.';
      if (context === 'takenOver') return 'It was said who has taken it over.';
      return 'The message was spoken to its end.';
    },
    speakFailed: (data) => `${withCode('Speaking failed', data)}.`,
    listenFailed: (data) => `${withCode('Keys of the phone cannot be received', data)}.`,
    key: ({ tone }) => line`Key pressed: ${shown(tone)}.`,
    acknowledged: () => 'Acknowledged.',
    takenOver: ({ name }) => line`${shown(name)} has taken it over.`,
    transferring: ({ to }) => (to ? line`Connecting to ${shown(to)} …` : 'Connecting to the caller …'),
    transferAccepted: () => 'Connected to the caller.',
    transferFailed: (data) => `${withCode('The connection to the caller failed', data)}.`,
    hangUpRequested: ({ by, name, reason }) => {
      if (reason === 'phoneNeeded') return 'Hanging up: an alert needs this phone.';
      if (name) return line`${shown(name)} ended the call.`;
      switch (by) {
        case 'requester':
          return 'The caller ended the call.';
        case 'callee':
          return 'The person who was called ended the call.';
        case 'api':
          return 'The call was ended through the API.';
        case 'operator':
          return 'An operator ended the call.';
        case 'timeout':
          return 'Hanging up: the time was over.';
        case 'escalation':
          return 'Hanging up: the call was no longer needed.';
        default:
          return 'Hanging up.';
      }
    },
    probed: ({ state }) => {
      switch (state) {
        case 'connecting':
          return 'Asked the telephone service: the call is being placed.';
        case 'connected':
          return 'Asked the telephone service: the call is connected.';
        case 'gone':
          return 'Asked the telephone service: the call is over.';
        default:
          return 'Asked the telephone service about the call; it did not know.';
      }
    },
    recordingStarted: () => 'The call is being recorded.',
    recordingEnded: () => 'The recording has ended.',
    transcriptionStarted: () => 'What is said on the call is being transcribed.',
    transcriptionEnded: () => 'The transcription has ended.',
    gridCallStarted: () => 'Event Grid: the call started.',
    gridCallEnded: ({ seconds }) =>
      typeof seconds === 'number'
        ? `Event Grid: the call ended after ${duration(seconds)}.`
        : 'Event Grid: the call ended.',
    gridParticipantJoined: ({ name }) =>
      name ? line`Event Grid: ${shown(name)} joined.` : 'Event Grid: somebody joined.',
    gridParticipantLeft: ({ name }) =>
      name ? line`Event Grid: ${shown(name)} left.` : 'Event Grid: somebody left.',
    gridRecordingStored: () => 'Event Grid: a recording of the call was stored.',
    ended: (data) => `Ended: ${result(data)}.`,
    corrected: (data) => `Corrected: ${result(data)}.`,
  };
  return ({ type, data = {} }) => {
    const words = lookUp(lines, type);
    return words ? words(data) : line`${inWords(type)}.`;
  };
}
