import type { CardTexts, Format } from '../language.ts';

export function card({ line }: Format): CardTexts {
  return {
      since: (time) => `since ${time}`,
      message: 'Message',
      messageNotKept: 'It is not kept.',
      connects: ({ callee, requester }) => line`A call to connect ${requester} with ${callee}.`,
      isTest: 'A test call. Nothing has happened.',
      askedBy: (requester) => line`Asked for by ${requester}`,
      waitsFor: {
        paused: 'An operator has paused all calls. The call is placed when they go on.',
        phoneBusy: 'Another call of Ringdown is at this phone. The call is placed after it.',
        quietHours: 'These are quiet hours. The call is placed after them.',
        rateLimit: 'Many calls are asked for at the same time. The call is placed soon.',
      },
      running: {
        queued: ({ callee }) => line`The call to ${callee} is about to be placed.`,
        invited: ({ callee }) => line`Open the page and join: then ${callee} is called.`,
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
      leaveMessageHint: (callee) => line`I call ${callee} again and speak this message.`,
      messagePlaceholder: 'What shall I say?',
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
        more: 'Say "help" for all that I can do.',
        mentionMe:
          'Here, mention me first: "@Ringdown call Adele Vance". "@Ringdown help" shows all that I can do.',
      },
  
  };
}
