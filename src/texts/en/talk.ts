import type { Format } from '../language.ts';
import type { TalkChatTexts, TalkPageTexts } from '../talkTexts.ts';

export const talkPage: TalkPageTexts = {
  title: 'Call {callee}',
  heading: 'Call {callee}',
  intro:
    'You will talk from this page. The call starts when you press "Join"; your browser then asks for your microphone. The link works once.',
  join: 'Join',
  joinMuted: 'Join without a microphone',
  microphone: 'Microphone',
  microphoneNumber: 'Microphone {number}',
  mute: 'Mute',
  unmute: 'Unmute',
  keypad: 'Keypad',
  key: 'Key {key}',
  hangUp: 'Hang up',
  state: {
    asking: 'Asking for your microphone …',
    starting: 'Preparing the call …',
    calling: 'Calling {callee} …',
    ringing: 'Waiting for {callee} to answer …',
    connected: 'You are talking to {callee}.',
    muted: 'You are muted. {callee} does not hear you.',
    hangingUp: 'Hanging up …',
    ended: 'The call is over.',
  },
  banner: {
    recording: {
      now: 'This call is being recorded. Hang up if you do not agree.',
      over: 'The recording has ended.',
      was: 'This call was recorded.',
    },
    transcription: {
      now: 'This call is being transcribed. Hang up if you do not agree.',
      over: 'The transcription has ended.',
      was: 'This call was transcribed.',
    },
    both: {
      now: 'This call is being recorded and transcribed. Hang up if you do not agree.',
      over: 'Recording and transcription have ended.',
      was: 'This call was recorded and transcribed.',
    },
  },
  ended: {
    answered: 'The call is over.',
    acknowledged: 'The call is over.',
    connected_to_caller: 'The call is over.',
    declined: '{callee} declined.',
    no_answer: '{callee} did not answer.',
    busy: '{callee} is on another call.',
    unreachable: '{callee} cannot be reached right now.',
    not_allowed: 'Calling {callee} is not allowed.',
    cancelled: 'The call was cancelled.',
    failed: 'The call failed.',
    elsewhere: 'The call was ended elsewhere.',
  },
  trouble: {
    noMicrophone: 'No microphone was found. Connect one and press "Join" again.',
    microphoneDenied:
      'Your browser does not let this page use the microphone. Allow it in the address bar and press "Join" again.',
    microphoneBusy: 'Another program is using the microphone. Close it and press "Join" again.',
    microphoneLost: 'The microphone was disconnected. Connect one and choose it below.',
    noSound: 'No sound is coming from your microphone. Is it switched off?',
    insecure: 'The microphone can only be used over https. Ask the people who run Ringdown.',
    notSupported: 'This browser cannot make calls. Try a current Chrome, Edge, Firefox or Safari.',
    phoneBusy: 'Another Ringdown call is using this phone right now. Press "Join" again in a moment.',
    paused: 'An operator has paused all calls. Press "Join" again when they are resumed.',
    quietHours: 'Quiet hours are in effect, so nobody is called now.',
    rateLimit: 'There are too many calls at the same time. Press "Join" again in a moment.',
    notAllowed: 'You are no longer allowed to call {callee}. Ask again in the chat.',
    unavailable: 'Ringdown or the telephone service is not responding. Press "Join" again in a moment.',
    connectionLost: 'The connection to Ringdown was lost, so the call was ended.',
    callFailed: 'The call could not be started.',
    muteFailed: 'That did not work. Try again.',
    keyFailed: 'The key could not be sent.',
  },
  gone: {
    unknown: {
      heading: 'This link does not work',
      text: 'It may be incomplete, or there is a newer one. Open the newest link from the chat.',
    },
    used: {
      heading: 'This link has already been used',
      text: 'Each link works once. Say "call" and the name in the chat for a new one.',
    },
    expired: {
      heading: 'This link has expired',
      text: 'Links work for ten minutes. Say "call" and the name in the chat for a new one.',
    },
    over: {
      heading: 'This call is over',
      text: 'Say "call" and the name in the chat to call again.',
    },
  },
  standIn: 'Demo: no sound is sent. The phone is on the emulator’s page of phones.',
  noScript: 'This page needs JavaScript.',
};

export function talkChat({ line }: Format): TalkChatTexts {
  return {
    open: 'Talk from your browser',
    newLink: 'New link',
    cancel: 'Cancel',
    purpose: ({ callee, requester }) => line`${requester} talks to ${callee} from the browser.`,
    openHere: ({ callee, address }) =>
      line`Talk to ${callee} from your browser (the link works once and expires in ten minutes): ${address}`,
    orSpeak: () => 'Or let me speak a message: say "call", the name, a colon and the message.',
    alone: (callee, canSpeak) =>
      canSpeak
        ? line`Others here would see your link, so I did not call ${callee}. Write to me in a personal chat, or let me speak a message: say "call", the name, a colon and the message.`
        : line`Others here would see your link, so I did not call ${callee}. Write to me in a personal chat.`,
    linkMade: (callee) => line`Here is a new link for the call to ${callee}. The old one no longer works.`,
  };
}
