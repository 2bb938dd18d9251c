import { callEntries, type CallLineWords } from '../../calls/timeline.ts';
import { entryWords } from '../../calls/timelineCatalogue.ts';
import { inWords, withCode } from '../entryData.ts';
import type { Format, Texts } from '../language.ts';
import { result } from './status.ts';

export function callTimeline({ line, duration }: Format): Texts['timeline'] {
  const lines: CallLineWords = {
    queued: () => 'The call was requested.',
    deferred: ({ reason }) => {
      if (reason === 'paused') return 'Waiting: an operator has paused all calls.';
      if (reason === 'phoneBusy') return 'Waiting: another Ringdown call is using this phone.';
      if (reason === 'quietHours') return 'Waiting until quiet hours end.';
      return 'Waiting: too many calls at the same time.';
    },
    dialing: () => 'Calling …',
    talkJoined: () => 'The call was started in the browser.',
    talkRings: () => 'The browser is waiting for an answer.',
    talkLinkExpired: () => 'The link was not used in time.',
    talkPageLeft: () => 'The browser page was closed.',
    talkPageSilent: () => 'The browser page stopped responding.',
    accepted: () => 'The telephone service accepted the call.',
    outcomeUnknown: () => 'The telephone service did not say whether it placed the call.',
    foundAgain: () => 'The call was found: it had been placed after all.',
    connected: () => 'The call was answered.',
    speaking: ({ context }) => {
      if (context === 'connecting') return 'Saying who is calling …';
      if (context === 'transferFailed') return 'Saying that the connection failed …';
      if (context === 'acknowledged') return 'Confirming the acknowledgement …';
      if (context === 'takenOver') return 'Saying who has taken over …';
      return context === 'message' ? 'Speaking the message …' : 'Speaking the message again …';
    },
    messageSpoken: ({ context }) => {
      if (context === 'connecting') return 'Said who is calling.';
      if (context === 'transferFailed') return 'Said that the connection failed.';
      if (context === 'acknowledged') return 'Confirmed the acknowledgement.';
      if (context === 'takenOver') return 'Said who has taken over.';
      return 'The whole message was spoken.';
    },
    speakFailed: (data) => `${withCode('Speaking failed', data)}.`,
    listenFailed: (data) => `${withCode('Key presses cannot be received', data)}.`,
    key: ({ tone }) => line`Key pressed: ${tone}.`,
    acknowledged: () => 'Acknowledged.',
    takenOver: ({ name }) => line`${name} has taken over.`,
    transferring: ({ to }) => line`Connecting to ${to} …`,
    transferAccepted: () => 'Connected to the caller.',
    transferFailed: (data) => `${withCode('The connection to the caller failed', data)}.`,
    hangUpRequested: ({ by, name, reason }) => {
      if (reason === 'phoneNeeded') return 'Hanging up: an alert needs this phone.';
      if (name) return line`${name} ended the call.`;
      switch (by) {
        case 'requester':
          return 'The caller ended the call.';
        case 'callee':
          return 'The recipient ended the call.';
        case 'api':
          return 'The call was ended through the API.';
        case 'operator':
          return 'An operator ended the call.';
        case 'timeout':
          return 'Hanging up: time is up.';
        case 'escalation':
          return 'Hanging up: the call is no longer needed.';
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
          return 'Asked the telephone service about the call. It does not know.';
      }
    },
    recordingStarted: () => 'The call is being recorded.',
    recordingEnded: () => 'The recording has ended.',
    transcriptionStarted: () => 'The call is being transcribed.',
    transcriptionEnded: () => 'The transcription has ended.',
    gridCallStarted: () => 'Event Grid: the call started.',
    gridCallEnded: ({ seconds }) =>
      typeof seconds === 'number'
        ? `Event Grid: the call ended after ${duration(seconds)}.`
        : 'Event Grid: the call ended.',
    gridParticipantJoined: ({ name }) =>
      name ? line`Event Grid: ${name} joined.` : 'Event Grid: somebody joined.',
    gridParticipantLeft: ({ name }) =>
      name ? line`Event Grid: ${name} left.` : 'Event Grid: somebody left.',
    gridRecordingStored: () => 'Event Grid: a recording of the call was stored.',
    ended: (data) => `Ended: ${result(data)}.`,
    corrected: (data) => `Corrected: ${result(data)}.`,
  };
  return (entry) => entryWords(callEntries, lines, entry) ?? line`${inWords(entry.type)}.`;
}
