import type { EscalationChatTexts, NotDelivered } from '../escalationTexts.ts';
import type { Format } from '../language.ts';
import { skippedLine } from './skipped.ts';

export const notDelivered: Record<NotDelivered, string> = {
  appNotInstalled: 'the app is not installed there, and TEAMS_APP_ID is not set',
  installNotPermitted: 'the app is not installed there, and Ringdown may not install it',
  installFailed: 'the app is not installed there, and installing it failed',
  blocked: 'they have blocked the bot there',
  disabledByAdmin: 'an administrator has blocked the app',
  notInConversation: 'the bot is not part of that conversation',
  notFound: 'there is no such conversation',
  wrongServiceUrl: 'chats of this organisation are elsewhere; TEAMS_SERVICE_URL has to say where',
  noServiceUrl:
    'nobody of this organisation has written to the bot yet, and TEAMS_SERVICE_URL is not set',
  failed: 'the chat service did not take it',
};

/** Escalations in chats and on cards. */
export function escalationChat(format: Format): EscalationChatTexts {
  const { line, number, plural, anyOf, duration } = format;
  const allOf = new Intl.ListFormat(format.locale, { type: 'conjunction' });
  const all = (names: readonly string[]): string => allOf.format(names);
  const named = (names: readonly string[]): string => (names.length > 0 ? all(names) : 'Somebody');
  const are = (names: readonly string[]): string => (names.length > 1 ? 'are' : 'is');
  const marked = (test: boolean, words: string): string => (test ? `Test: ${words}` : words);
  const because = (why: { policy: string | null; step: number; startedBy: string }): string =>
    why.policy === null
      ? line`because ${why.startedBy} named you.`
      : line`because you are in step ${number(why.step)} of the policy ${why.policy}.`;
  const knownPolicies = (known: readonly string[]): string =>
    known.length === 0
      ? 'There are no policies yet: an administrator writes them in ringdown.yaml.'
      : line`${known.length === 1 ? 'The only policy is' : 'The policies are'}: ${all(known)}.`;

  return {
    stage: {
      findingOut: { text: 'Looking up whom to call …', color: 'attention' },
      calling: { text: 'Calling …', color: 'attention' },
      talking: { text: 'On the phone', color: 'warning' },
      pausing: { text: 'Pausing', color: 'attention' },
      waiting: { text: 'Waiting for the next try', color: 'attention' },
      held: { text: 'Held', color: 'warning' },
    },
    severity: { critical: 'Critical', error: 'Error', warning: 'Warning', info: 'Info' },
    notDelivered,

    card: {
      alert: (severity) => line`Alert · ${severity}`,
      test: 'Test · nothing is wrong',
      policy: (policy) => line`Policy ${policy}`,
      startedBy: (name) => line`started by ${name}`,
      noSpeech: 'I cannot speak: whoever answers hears nothing and finds everything on the card.',
      since: (time) => `since ${time}`,
      at: (time) => `at ${time}`,
      goesOnAt: (time) => `goes on at ${time}`,
      resolveBy: (time) => `calling goes on if it is not resolved by ${time}`,
      step: ({ step, of, round }) =>
        round > 1
          ? line`Step ${number(step)} of ${number(of)}, round ${number(round)}`
          : line`Step ${number(step)} of ${number(of)}`,
      findingOut: 'Nobody has acknowledged yet. Looking up whom to call.',
      calling: (names) => line`Nobody has acknowledged yet. ${named(names)} ${are(names)} being called.`,
      talking: (names) =>
        line`${named(names)} ${are(names)} on the phone and ${names.length > 1 ? 'have' : 'has'} not acknowledged yet.`,
      pausing: 'Nobody has acknowledged yet. The next step comes after a pause.',
      waiting: 'Nobody has acknowledged yet. The next try comes soon.',
      held: 'Nobody has acknowledged yet. An operator holds it: nobody is called until it is let go on.',
      next: (name) => line`Next: ${name}.`,
      exhausted: 'Everybody was called, and nobody acknowledged. It can still be acknowledged here.',
      exhaustedUncalled: 'Nobody could be called, so nobody has it. It can be acknowledged here.',
      acknowledged: (by) => line`Acknowledged by ${by}.`,
      resolved: (by) => line`Resolved by ${by}.`,
      cancelled: (by) => line`Stopped by ${by}.`,
      youAreCalled: (why) => `You are being called ${because(why)}`,
      youWereCalled: (why) => `You were called ${because(why)}`,
      youAreTold: (policy) =>
        policy === null
          ? 'You are told because nobody acknowledged.'
          : line`You are told because nobody of the policy ${policy} acknowledged.`,
      continued: (time) => line`This went on at ${time} in a newer message.`,
      continuedInShort: 'goes on in a newer message',
      ladder: 'Calls',
      nobodyCalledYet: 'Nobody was called yet.',
      earlier: (count) =>
        line`… and ${number(count)} ${plural(count, { one: 'call', other: 'calls' })} before that`,
      answeredNotAcknowledged: 'Answered, not acknowledged',
      noLongerNeeded: 'No longer needed',
      passedOn: 'Passed on',
      details: 'Details',
      links: 'Links',
      history: 'What happened',
      acknowledge: 'Acknowledge',
      cantTake: "Can't take it",
      callNext: 'Call the next one',
      resolve: 'Resolve',
      stop: 'Stop',
      showDetails: 'Details',
      text: ({ summary, state, test }) => marked(test, line`${summary} – ${state}`),
      calleeText: ({ summary, test }) => marked(test, line`You are being called: ${summary}`),
    },

    nobodyCanBeCalled: (who) => ['Nobody in this policy can be called.', ...who.map(skippedLine(format))].join(' '),
    testSummary: (policy) => line`Test of the policy ${policy}. Nothing is wrong.`,
    noSuchPolicy: (policy, known) => `${line`I know no policy "${policy}".`} ${knownPolicies(known)}`,
    policyAmongPeople: (policy) =>
      line`"${policy}" is a policy. Please name either one policy or people, then a colon and the message.`,
    whichPolicy: (known) => `Which policy? ${knownPolicies(known)}`,
    escalateIncomplete: (missing) =>
      missing === 'message'
        ? 'What is it about? Say, for example, "escalate payments: checkout errors".'
        : 'Whom shall I call? Say, for example, "escalate payments: checkout errors", or names separated by commas.',
    severalFit: (query, people) =>
      line`Several people fit "${query}": ${anyOf(people)}. Please say the mail address.`,
    nothingToAcknowledge: () => 'No alert that concerns you waits to be acknowledged.',
    nothingToResolve: () => 'No alert that concerns you is open.',
    whichToAcknowledge: () => 'Several alerts are open. Which one do you acknowledge?',
    whichToResolve: () => 'Several alerts are open. Which one is resolved?',
    unseenToAcknowledge: () => 'I have not shown you this alert yet. Do you acknowledge it?',
    unseenToResolve: () => 'I have not shown you this alert yet. Is it resolved?',
    whichToStop: () => 'Several things of yours are running. Which one shall I end?',
    acknowledged: (summary) => line`You have acknowledged "${summary}". Nobody else is called.`,
    resolved: (summary) => line`"${summary}" is resolved.`,
    stopped: (summary) => line`"${summary}" is stopped. Nobody else is called.`,
    doneInPart: (summary) =>
      line`That covers what you were shown of "${summary}". What was added after that calls again.`,
    passedOn: (summary) => line`"${summary}" is passed on.`,
    alreadyAcknowledged: (by) => line`${by} was first and has acknowledged it. You need not do anything.`,
    youHaveIt: () => 'You have acknowledged it already.',
    alreadyResolved: (by) => line`${by} has resolved it already. You need not do anything.`,
    alreadyCancelled: (by) => line`${by} has stopped it already. You need not do anything.`,
    tooLate: () => 'That does not fit any more: this is how it stands now.',
    notYetOpen: () => 'Everybody was called already. It can still be acknowledged.',
    notCalledNow: () => 'You are not being called for this right now.',
    nobodyCalledNow: () => 'Nobody is being called for this right now.',
    mayNot: () => 'Only those of the policy, and whoever started it, can do that.',
    anonymousMayNot: () =>
      'I cannot tell who you are here. Please do that in Teams, with an account of this organisation.',
    rightsUnknown: () =>
      'I cannot look up right now whether you may do that. Please try again in a minute; whoever was called can always acknowledge.',

    onCall: (policy) => line`${policy} calls, in this order:`,
    onCallStep: ({ step, people }) => line`Step ${number(step)}: ${all(people)}`,
    onCallUntil: ({ name, until }) => line`${name} (until ${until})`,
    nobodyInStep: (step) => line`Step ${number(step)}: nobody`,
    covering: ({ name, until }) => line`${name} covers until ${until}.`,
    covered: ({ policy, until, instead }) =>
      instead === null
        ? line`You have the duty of ${policy} until ${until}. After that the rotation goes on as before.`
        : line`You have the duty of ${policy} until ${until}, in place of ${instead}. After that the rotation goes on as before.`,
    notCoverable: (policy) => line`${policy} has no rotation, so there is no duty to take over.`,
    coverUntilWhen: () => 'Until when? Say, for example, "cover payments until 18:00".',
    coverNotUnderstood: (words) =>
      line`I do not understand the time "${words}". Say, for example, "18:00", "tomorrow 8:00", "Monday" or "2h".`,
    coverInThePast: (until) => line`${until} has passed already. Please name a later time.`,
    coverTooLong: (days) => line`That is too long: at most ${number(days)} days.`,
    coverNeedsTeams: () =>
      'You can take over a duty only in Teams, with an account of this organisation that can be called.',

    runs: (count) => (count === 1 ? 'One thing is running:' : line`${number(count)} things are running:`),
    statusEscalation: ({ summary, state, seconds, test }) =>
      line`${test ? 'Test' : 'Alert'} "${summary}": ${state} (${duration(seconds)})`,
  };
}
