import type { EscalationChatTexts, NotDelivered } from '../escalationTexts.ts';
import type { Format } from '../language.ts';
import { skippedLine } from './skipped.ts';

export const notDelivered: Record<NotDelivered, string> = {
  appNotInstalled: 'the app is not installed there, and TEAMS_APP_ID is not set',
  installNotPermitted: 'the app is not installed there, and Ringdown may not install it',
  installFailed: 'the app is not installed there, and installing it failed',
  blocked: 'the bot is blocked there',
  disabledByAdmin: 'an administrator has blocked the app',
  notInConversation: 'the bot is not part of that conversation',
  notFound: 'the conversation does not exist',
  wrongServiceUrl: 'the chats of this organisation are in another cloud; set TEAMS_SERVICE_URL',
  noServiceUrl: 'nobody of this organisation has written to the bot yet, and TEAMS_SERVICE_URL is not set',
  failed: 'the chat service rejected it',
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
      ? 'There are no policies yet. An administrator can add them in ringdown.yaml.'
      : line`${known.length === 1 ? 'The only policy is' : 'The policies are'}: ${all(known)}.`;

  return {
    stage: {
      findingOut: { text: 'Finding out who to call …', color: 'attention' },
      calling: { text: 'Calling …', color: 'attention' },
      talking: { text: 'On the phone', color: 'warning' },
      pausing: { text: 'Pausing', color: 'attention' },
      waiting: { text: 'Waiting for the next attempt', color: 'attention' },
      paused: { text: 'Paused', color: 'warning' },
    },
    severity: { critical: 'Critical', error: 'Error', warning: 'Warning', info: 'Info' },
    notDelivered,

    card: {
      alert: (severity) => line`Alert · ${severity}`,
      test: 'Test · nothing is wrong',
      policy: (policy) => line`Policy ${policy}`,
      startedBy: (name) => line`started by ${name}`,
      noSpeech: 'I cannot speak: people who answer hear nothing and find everything on the card.',
      since: (time) => `since ${time}`,
      at: (time) => `at ${time}`,
      goesOnAt: (time) => `continues at ${time}`,
      resolveBy: (time) => `calling continues if it is not resolved by ${time}`,
      step: ({ step, of, round }) =>
        round > 1
          ? line`Step ${number(step)} of ${number(of)}, round ${number(round)}`
          : line`Step ${number(step)} of ${number(of)}`,
      findingOut: 'Nobody has acknowledged yet. Finding out who to call.',
      calling: (names) => line`Nobody has acknowledged yet. ${named(names)} ${are(names)} being called.`,
      talking: (names) =>
        line`${named(names)} ${are(names)} on the phone and ${names.length > 1 ? 'have' : 'has'} not acknowledged yet.`,
      pausing: 'Nobody has acknowledged yet. The next step starts after a pause.',
      waiting: 'Nobody has acknowledged yet. The next attempt starts soon.',
      paused:
        'Nobody has acknowledged yet. An operator has paused all calls: nobody is called until they are resumed.',
      next: (name) => line`Next: ${name}.`,
      exhausted: 'Everybody was called, and nobody acknowledged. It can still be acknowledged here.',
      exhaustedUncalled: 'Nobody could be called, so nobody is on it. It can be acknowledged here.',
      acknowledged: (by) => line`Acknowledged by ${by}.`,
      resolved: (by) => line`Resolved by ${by}.`,
      cancelled: (by) => line`Stopped by ${by}.`,
      youAreCalled: (why) => `You are being called ${because(why)}`,
      youWereCalled: (why) => `You were called ${because(why)}`,
      youAreTold: (policy) =>
        policy === null
          ? 'You get this because nobody acknowledged.'
          : line`You get this because nobody in the policy ${policy} acknowledged.`,
      continued: (time) => line`Continued at ${time} in a newer message.`,
      continuedInShort: 'continued in a newer message',
      ladder: 'Calls',
      nobodyCalledYet: 'Nobody has been called yet.',
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
      callNext: 'Call the next person',
      resolve: 'Resolve',
      stop: 'Stop',
      showDetails: 'Details',
      text: ({ summary, state, test }) => marked(test, line`${summary} – ${state}`),
      calleeText: ({ summary, test }) => marked(test, line`You are being called: ${summary}`),
    },

    nobodyCanBeCalled: (who) =>
      ['Nobody in this policy can be called.', ...who.map(skippedLine(format))].join(' '),
    testSummary: (policy) => line`Test of the policy ${policy}. Nothing is wrong.`,
    noSuchPolicy: (policy, known) => `${line`There is no policy "${policy}".`} ${knownPolicies(known)}`,
    policyAmongPeople: (policy) =>
      line`"${policy}" is a policy. Please name either one policy or people, then a colon and the message.`,
    whichPolicy: (known) => `Which policy? ${knownPolicies(known)}`,
    escalateIncomplete: (missing) =>
      missing === 'message'
        ? 'What is it about? Say, for example, "escalate payments: checkout errors".'
        : 'Who should I call? Say, for example, "escalate payments: checkout errors", or names separated by commas.',
    severalFit: (query, people) =>
      line`Several people match "${query}": ${anyOf(people)}. Please use the email address.`,
    nothingToAcknowledge: () => 'You have no alerts to acknowledge.',
    nothingToResolve: () => 'You have no open alerts.',
    whichToAcknowledge: () => 'Several alerts are open. Which one do you want to acknowledge?',
    whichToResolve: () => 'Several alerts are open. Which one is resolved?',
    unseenToAcknowledge: () => 'I have not shown you this alert yet. Do you want to acknowledge it?',
    unseenToResolve: () => 'I have not shown you this alert yet. Is it resolved?',
    whichToStop: () => 'You have several calls and alerts running. Which one should I stop?',
    acknowledged: (summary) => line`You have acknowledged "${summary}". Nobody else will be called.`,
    resolved: (summary) => line`"${summary}" is resolved.`,
    stopped: (summary) => line`"${summary}" is stopped. Nobody else will be called.`,
    doneInPart: (summary) =>
      line`That covers what you have seen of "${summary}". Alerts added since then call again.`,
    passedOn: (summary) => line`"${summary}" has been passed on.`,
    alreadyAcknowledged: (by) => line`${by} has already acknowledged it. You do not need to do anything.`,
    youHaveIt: () => 'You have already acknowledged it.',
    alreadyResolved: (by) => line`${by} has already resolved it. You do not need to do anything.`,
    alreadyCancelled: (by) => line`${by} has already stopped it. You do not need to do anything.`,
    tooLate: () => 'That is no longer possible, because the state has changed.',
    notYetOpen: () => 'Everybody has already been called. It can still be acknowledged.',
    notCalledNow: () => 'You are not being called for this right now.',
    nobodyCalledNow: () => 'Nobody is being called for this right now.',
    mayNot: () => 'Only people in the policy, and the person who started it, can do that.',
    anonymousMayNot: () =>
      'I cannot verify who you are here. Please do that in Teams, with an account in this organisation.',
    rightsUnknown: () =>
      'I cannot check right now whether you may do that. Please try again in a minute. People who were called can always acknowledge.',

    onCall: (policy) => line`${policy} calls these people, in this order:`,
    onCallStep: ({ step, people }) => line`Step ${number(step)}: ${all(people)}`,
    onCallUntil: ({ name, until }) => line`${name} (until ${until})`,
    nobodyInStep: (step) => line`Step ${number(step)}: nobody`,
    covering: ({ name, until }) => line`${name} is covering until ${until}.`,
    covered: ({ policy, until, instead }) =>
      instead === null
        ? line`You are on call for ${policy} until ${until}. After that, the rotation continues as before.`
        : line`You are on call for ${policy} until ${until}, in place of ${instead}. After that, the rotation continues as before.`,
    notCoverable: (policy) => line`${policy} has no rotation, so there is nothing to cover.`,
    coverUntilWhen: () => 'Until when? Say, for example, "cover payments until 18:00".',
    coverNotUnderstood: (words) =>
      line`I do not understand the time "${words}". Say, for example, "18:00", "tomorrow 8:00", "Monday" or "2h".`,
    coverInThePast: (until) => line`${until} has already passed. Please name a later time.`,
    coverTooLong: (days) => line`That is too long: at most ${number(days)} days.`,
    coverNeedsTeams: () =>
      'You can cover only in Teams, with an account in this organisation that can be called.',

    runs: (count) =>
      count === 1 ? 'One call or alert is running:' : line`${number(count)} calls and alerts are running:`,
    statusEscalation: ({ summary, state, seconds, test }) =>
      line`${test ? 'Test' : 'Alert'} "${summary}": ${state} (${duration(seconds)})`,
  };
}
