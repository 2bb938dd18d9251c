import type { CardTexts, Format } from '../language.ts';

export function card({ line }: Format): CardTexts {
  return {
    since: (time) => `since ${time}`,
    message: 'Message',
    messageNotKept: 'The message was not kept.',
    connects: ({ callee, requester }) => line`A call to connect ${requester} with ${callee}.`,
    isTest: 'A test call. Nothing is wrong.',
    askedBy: (requester) => line`Requested by ${requester}`,
    waitsFor: {
      paused: 'An operator has paused all calls. This call will be placed when they are resumed.',
      phoneBusy: 'Another Ringdown call is using this phone. This call will be placed after it.',
      quietHours: 'Quiet hours are in effect. This call will be placed when they end.',
      rateLimit: 'There are too many calls at the same time. This call will be placed soon.',
    },
    running: {
      queued: ({ callee }) => line`The call to ${callee} is about to be placed.`,
      invited: ({ callee }) => line`Open the page and join to call ${callee}.`,
      dialing: ({ callee }) => line`Waiting for ${callee} to answer.`,
      connected: ({ callee }) => line`${callee} answered.`,
      speaking: ({ callee }) => line`${callee} answered and hears the message.`,
      transferring: ({ callee, requester }) =>
        line`${callee} answered and is being connected to ${requester}.`,
      hangingUp: ({ callee }) => line`The call to ${callee} is being ended.`,
    },
    captured: {
      recording: { now: 'This call is being recorded.', before: 'It was recorded.' },
      transcription: { now: 'This call is being transcribed.', before: 'It was transcribed.' },
    },
    hangUp: 'Hang up',
    callAgain: 'Call again',
    callInTeams: 'Call in Teams',
    leaveMessage: 'Leave a message',
    leaveMessageHint: (callee) => line`I will call ${callee} again and speak this message.`,
    messagePlaceholder: 'What should I say?',
    callAndSay: 'Call and say it',
    details: 'Details',
    forAdministrators: 'For administrators',
    result: ({ code, subCode }) => line`Result ${code}/${subCode} of the telephone service`,
    correlationId: (id) => line`Correlation id ${id}`,
    readMore: (docs) => line`More in ${docs}`,
    whichCall: 'Which call?',
    helpTitle: 'What I can do',
    welcome: {
      title: 'Hello, I am Ringdown.',
      more: 'Say "help" to see everything I can do.',
      mentionMe:
        'Here, mention me first: "@Ringdown call Adele Vance". "@Ringdown help" shows everything I can do.',
    },
  };
}
