import type { ChatTexts, Format } from '../language.ts';
import { inMinutes } from '../rounding.ts';
import { card } from './callCard.ts';
import { help } from './help.ts';
import { people } from './people.ts';
import { running } from './status.ts';
import { talkChat } from './talk.ts';

export function chat(format: Format): ChatTexts {
  const { line, number, plural, anyOf, duration } = format;
  return {
    ...people(format),
    help,
    welcome: () =>
      'Hello, I am Ringdown. I call people in Teams for you: say "call Adele Vance", or "help" for all that I can do.',
    greeting: (name) => (name ? line`Hello ${name}. Whom shall I call?` : 'Hello. Whom shall I call?'),
    nobodyFits: (query, suggestions) =>
      suggestions.length > 0
        ? line`I found nobody called "${query}". Did you mean ${anyOf(suggestions)}?`
        : line`I found nobody called "${query}". Try the full name or the mail address, such as "adele@contoso.example".`,
    severalFit: (query) => line`Several people fit "${query}". Whom do you mean?`,
    oneAtATime: (named, message) =>
      line`I call one person at a time. Whom shall I call? To have me call one after another until somebody acknowledges, say "escalate ${named}: ${message}".`,
    didYouMean: (query, count) =>
      line`I found nobody called "${query}". Did you mean ${count === 1 ? 'this person' : 'one of these'}?`,
    voiceApp: () => 'Auto attendant or call queue',
    cannotBeCalled: () => 'cannot be called',
    chooseByNumber: () => 'You can also answer with the number.',
    callIncomplete: () => 'Whom shall I call? Say, for example, "call Adele Vance".',
    empty: () => 'There was no text in that. Say "call" and a name, or "help".',
    tooLong: (limit) =>
      line`That is longer than I can take: at most ${number(limit)} ${plural(limit, { one: 'character', other: 'characters' })}. Please shorten it.`,
    unknown: () => 'I did not understand that. Say "call" and a name, or "help" for all that I can do.',
    actsOnce: () =>
      'I act on a message once, so the edit changes nothing. Please write it as a new message.',
    question: (say) => line`That was a question, so I did nothing. If you want it done, write: ${say}`,
    colonMissing: (say) =>
      line`I am not sure whom to call, so I called nobody. If the rest is to be spoken, put a colon after the name: ${say}`,
    notAllowed: (callee) =>
      line`I am not allowed to call ${callee} for you. Your administrator decides who may call whom.`,
    rateLimited: (retryInSeconds) =>
      retryInSeconds === null
        ? 'That was a lot of calls in a short time. Nothing was placed. Please try again later.'
        : line`That was a lot of calls in a short time. Nothing was placed. Please try again in ${duration(inMinutes(retryInSeconds))}.`,
    directoryUnavailable: () =>
      'I cannot look up people right now. Nothing was placed. Please try again in a minute.',
    speechNotConfigured: (callee) =>
      line`I cannot speak messages yet, so I did not call ${callee}. Say "call" and the name alone to be connected. An administrator can set up speech with COGNITIVE_SERVICES_ENDPOINT.`,
    neitherConnectedNorSpoken: (callee) =>
      line`I can connect only people in Teams, and I cannot speak messages yet, so I did not call ${callee}. An administrator can set up speech with COGNITIVE_SERVICES_ENDPOINT.`,
    moreFit: () => 'More people fit than are shown here. Say the mail address if the right one is missing.',
    connectNeedsTeams: (callee) =>
      line`I can connect only people in Teams, so I did not call ${callee}. I can speak a message instead: say "call", the name, a colon and the message.`,
    captured: (note, callee) => {
      switch (note) {
        case 'recordingStarted':
          return line`The call with ${callee} is being recorded. Whoever does not want that, hangs up.`;
        case 'recordingEnded':
          return line`The recording of the call with ${callee} has ended.`;
        case 'transcriptionStarted':
          return line`What is said on the call with ${callee} is being transcribed. Whoever does not want that, hangs up.`;
        case 'transcriptionEnded':
          return line`The transcription of the call with ${callee} has ended.`;
      }
    },
    limits: {
      recording:
        'I never record calls: the telephone service does not offer it for calls to one Teams user, and nobody is recorded by me without knowing. If somebody else records a call, I say so at once.',
      transcription:
        'I do not transcribe calls. If a call is transcribed by somebody else, I say so at once.',
      groupCall:
        'A call to a Teams user stays a call between two: nobody can be added to it. “escalate” with several names calls people one after another.',
      forwarding:
        'Calls are not forwarded, and forwarding that somebody has set in Teams may not work for them. “escalate” with several names calls the next person when nobody answers.',
      transfer:
        'I connect the person who is called to you and to nobody else. Ask for a call to the other person.',
      voicemail:
        'Voicemail is not to be relied on: whether it takes a call from me is up to Teams. “call <person>: <message>” speaks a message and tells you whether it was heard to its end.',
      pickup:
        'Others cannot pick up a call that is for somebody else. “escalate” with several names calls the next person when nobody answers.',
      simultaneousRinging:
        'One call reaches one person, and Teams brings it to nobody else’s phone. A policy can call several people at the same time.',
      video: 'My calls are voice only. For video, call in Teams.',
      skypeForBusiness: 'People who use Skype for Business cannot be called, only those who are on Teams.',
    },
    alreadyCalling: (callee) => line`I am already calling ${callee}. The card above shows how it goes.`,
    nothingToHangUp: () => 'No call of yours is running here, so there is nothing to hang up.',
    hangingUp: (callee) => line`Hanging up the call to ${callee} …`,
    nothingRuns: () => 'No call is running.',
    runs: (count) =>
      line`${number(count)} ${plural(count, { one: 'call is', other: 'calls are' })} running:`,
    statusLine: ({ callee, state, requester, seconds }) =>
      requester === null
        ? line`${callee}: ${running[state].text} (${duration(seconds)})`
        : line`${callee}: ${running[state].text} (${duration(seconds)}, asked for by ${requester})`,
    errorWithReference: (reference) =>
      line`Something went wrong on my side. Please try again; if it stays so, give your administrator this reference: ${reference}`,
    databaseAway: () =>
      'I cannot take requests right now. Nothing was placed. Please try again in a minute.',
    databaseAwayNow: () =>
      'I cannot take requests right now. Nothing was placed, unless a card shows it. Please try again in a minute.',
    notKnown: () =>
      'My database went away just as I was storing this, so I do not know whether it was done. Please write status in a minute, before you ask again.',
    notInThisTenant: () =>
      'I do not work for your organisation. Your administrator can ask the operator of this Ringdown to allow it.',
    thanks: () => 'You are welcome.',
    outsideTeams: () =>
      'I can call people in Teams only: no telephone numbers, and no emergency services. In an emergency use your phone.',
    whoIsIncomplete: () => 'Whom do you mean? Say, for example, "who is Adele Vance".',
    whoIs: (people) => (people === 1 ? 'That is:' : 'These people fit:'),
    testNeedsTeams: () =>
      'I can call you only if you write to me from Teams, with an account of this organisation.',
    testNeedsSpeech: () =>
      'I cannot speak yet, so I did not place the test call. An administrator can set up speech with COGNITIVE_SERVICES_ENDPOINT.',
    whichCall: () => 'Several calls of yours are running. Which one shall I end?',
    notYours: () => 'Only the person who asked can do that.',
    callIsOver: (callee) => line`The call to ${callee} is over already.`,
    nothingToChoose: () => 'There is nothing to choose right now. Say "call" and a name, or "help".',
    choiceOutOfRange: (count) => line`Please choose a number from 1 to ${number(count)}.`,
    choiceExpired: () => 'That choice is too old. Please ask again.',
    alreadyChosen: (callee) => line`You have chosen ${callee} already.`,
    cardIsGone: () => 'I do not know that card any more. Please ask again.',
    messageMissing: () => 'Please write the message first.',
    somebody: 'Somebody',
    talk: talkChat(format),
    card: card(format),
  };
}
