import type { ChatTexts, Format } from '../language.ts';
import { inMinutes } from '../rounding.ts';
import { card } from './callCard.ts';
import { help } from './help.ts';
import { personTexts } from './people.ts';
import { running } from './status.ts';
import { talkChat } from './talk.ts';

export function chat(format: Format): ChatTexts {
  const { line, number, plural, anyOf, duration } = format;
  return {
    ...personTexts(format),
    help,
    welcome: () =>
      'Hello, I am Ringdown. I call people in Teams for you: say "call Adele Vance", or "help" to see everything I can do.',
    greeting: (name) => (name ? line`Hello ${name}. Who should I call?` : 'Hello. Who should I call?'),
    nobodyFits: (query, suggestions) =>
      suggestions.length > 0
        ? line`I found nobody called "${query}". Did you mean ${anyOf(suggestions)}?`
        : line`I found nobody called "${query}". Try the full name or the email address, such as "adele@contoso.example".`,
    severalFit: (query) => line`Several people match "${query}". Who do you mean?`,
    oneAtATime: (named, message) =>
      line`I call one person at a time. Who should I call? To call them one after another until somebody acknowledges, say "escalate ${named}: ${message}".`,
    didYouMean: (query, count) =>
      line`I found nobody called "${query}". Did you mean ${count === 1 ? 'this person' : 'one of these'}?`,
    voiceApp: () => 'Auto attendant or call queue',
    cannotBeCalled: () => 'cannot be called',
    chooseByNumber: () => 'You can also answer with the number.',
    callIncomplete: () => 'Who should I call? Say, for example, "call Adele Vance".',
    empty: () => 'That message had no text. Say "call" and a name, or "help".',
    tooLong: (limit) =>
      line`That is too long: I can take at most ${number(limit)} ${plural(limit, { one: 'character', other: 'characters' })}. Please shorten it.`,
    unknown: () => 'I did not understand that. Say "call" and a name, or "help" to see everything I can do.',
    actsOnce: () => 'I act on a message only once, so your edit changes nothing. Please send a new message.',
    question: (say) => line`That was a question, so I did nothing. If you want me to do it, write: ${say}`,
    colonMissing: (say) =>
      line`I am not sure who to call, so I called nobody. If the rest is a message, put a colon after the name: ${say}`,
    notAllowed: (callee) =>
      line`I am not allowed to call ${callee} for you. Your administrator decides who may call whom.`,
    rateLimited: (retryInSeconds) =>
      retryInSeconds === null
        ? 'That was a lot of calls in a short time. No call was placed. Please try again later.'
        : line`That was a lot of calls in a short time. No call was placed. Please try again in ${duration(inMinutes(retryInSeconds))}.`,
    directoryUnavailable: () =>
      'I cannot look up people right now. No call was placed. Please try again in a minute.',
    speechNotConfigured: (callee) =>
      line`I cannot speak messages yet, so I did not call ${callee}. Say "call" and only the name to be connected. An administrator can set up speech with COGNITIVE_SERVICES_ENDPOINT.`,
    neitherConnectedNorSpoken: (callee) =>
      line`I can connect only people in Teams, and I cannot speak messages yet, so I did not call ${callee}. An administrator can set up speech with COGNITIVE_SERVICES_ENDPOINT.`,
    moreFit: () =>
      'More people match than are shown here. If the right one is missing, use the email address.',
    connectNeedsTeams: (callee) =>
      line`I can connect only people in Teams, so I did not call ${callee}. I can speak a message instead: say "call", the name, a colon and the message.`,
    captured: (note, callee) => {
      switch (note) {
        case 'recordingStarted':
          return line`The call with ${callee} is being recorded. Hang up if you do not agree.`;
        case 'recordingEnded':
          return line`The recording of the call with ${callee} has ended.`;
        case 'transcriptionStarted':
          return line`The call with ${callee} is being transcribed. Hang up if you do not agree.`;
        case 'transcriptionEnded':
          return line`The transcription of the call with ${callee} has ended.`;
      }
    },
    limits: {
      recording:
        'I never record calls: the telephone service does not offer it for calls to a Teams user, and I would not record anybody without their knowledge. If somebody else records a call, I say so at once.',
      transcription: 'I do not transcribe calls. If somebody else transcribes a call, I say so at once.',
      groupCall:
        'A call to a Teams user stays between two people: nobody can be added. "escalate" with several names calls people one after another.',
      forwarding:
        'I do not forward calls, and forwarding that somebody has set up in Teams may not apply to my calls. "escalate" with several names calls the next person when nobody answers.',
      transfer: 'I connect the person I call only to you. Ask me to call the other person instead.',
      voicemail:
        'Do not rely on voicemail: Teams decides whether it takes a call from me. "call <person>: <message>" speaks a message and tells you whether all of it was heard.',
      pickup:
        'Others cannot pick up a call that is for somebody else. "escalate" with several names calls the next person when nobody answers.',
      simultaneousRinging:
        'One call reaches one person, and Teams does not offer it on other people’s phones. A policy can call several people at the same time.',
      video: 'My calls are voice only. For video, call in Teams.',
      skypeForBusiness: 'I cannot call people on Skype for Business, only people on Teams.',
    },
    alreadyCalling: (callee) => line`I am already calling ${callee}. See the card above for progress.`,
    nothingToHangUp: () => 'You have no running call or alert here.',
    hangingUp: (callee) => line`Hanging up the call to ${callee} …`,
    nothingRuns: () => 'No call is running.',
    runs: (count) => line`${number(count)} ${plural(count, { one: 'call is', other: 'calls are' })} running:`,
    statusLine: ({ callee, state, requester, seconds }) =>
      requester === null
        ? line`${callee}: ${running[state].text} (${duration(seconds)})`
        : line`${callee}: ${running[state].text} (${duration(seconds)}, requested by ${requester})`,
    errorWithReference: (reference) =>
      line`Something went wrong on my side. Please try again. If it keeps happening, give your administrator this reference: ${reference}`,
    databaseAway: () => 'I cannot take requests right now. No call was placed. Please try again in a minute.',
    databaseAwayNow: () =>
      'I cannot take requests right now. No call was placed, unless a card shows one. Please try again in a minute.',
    notKnown: () =>
      'I lost my database while I was storing this, so I do not know whether it was done. Please say "status" in a minute, before you ask again.',
    notInThisTenant: () =>
      'I am not allowed to work for your organisation. Your administrator can ask the people who run me to allow it.',
    thanks: () => 'You are welcome.',
    outsideTeams: () =>
      'I can call only people in Teams, not phone numbers or emergency services. In an emergency, use your phone.',
    whoIsIncomplete: () => 'Who do you mean? Say, for example, "who is Adele Vance".',
    whoIs: (people) => (people === 1 ? 'That is:' : 'These people match:'),
    testNeedsTeams: () =>
      'I can call you only if you write to me from Teams, with an account in this organisation.',
    testNeedsSpeech: () =>
      'I cannot speak yet, so I did not place the test call. An administrator can set up speech with COGNITIVE_SERVICES_ENDPOINT.',
    whichCall: () => 'You have several calls running. Which one should I end?',
    notYours: () => 'Only the person who asked can do that.',
    callIsOver: (callee) => line`The call to ${callee} is already over.`,
    nothingToChoose: () => 'There is nothing to choose right now. Say "call" and a name, or "help".',
    choiceOutOfRange: (count) => line`Please choose a number from 1 to ${number(count)}.`,
    choiceExpired: () => 'That question has expired. Please ask again.',
    alreadyChosen: (callee) => line`You have already chosen ${callee}.`,
    cardIsGone: () => 'That card has expired. Please ask again.',
    messageMissing: () => 'Please write the message first.',
    language: {
      chosen: (name) => line`From now on I speak ${name} with you. To undo this, write "language auto".`,
      automatic: () => 'From now on I follow the language of your app.',
      unknown: (asked, names) =>
        line`I do not speak "${asked}". Write "language" and one of these: ${anyOf(names)}.`,
      present: (name, names) =>
        line`I speak ${name} with you. To change this, write "language" and one of these: ${anyOf(names)}. With "language auto" I follow the language of your app.`,
    },
    somebody: 'Somebody',
    talk: talkChat(format),
    card: card(format),
  };
}
