import type { NotCallable } from '../../directory/directory.ts';
import type { Disturbance } from '../../directory/presence.ts';
import type { RefusalWords } from '../../permissions/refusal.ts';
import type { PersonTexts } from '../personTexts.ts';
import { inMinutes } from '../rounding.ts';
import type { Format } from '../language.ts';
import { lookUp } from '../../config/lookUp.ts';

/** What somebody does, by Graph's words for it in small letters. */
const presences: Readonly<Record<string, string>> = {
  available: 'Available',
  availableidle: 'Available',
  away: 'Away',
  berightback: 'Be right back',
  busy: 'Busy',
  busyidle: 'Busy',
  donotdisturb: 'Do not disturb',
  focusing: 'Focusing',
  inacall: 'In a call',
  inaconferencecall: 'In a conference call',
  inactive: 'Away',
  inameeting: 'In a meeting',
  offline: 'Offline',
  offwork: 'Off work',
  outofoffice: 'Out of office',
  presenting: 'Presenting',
  urgentinterruptionsonly: 'Do not disturb',
};

export const disturbances: Record<Disturbance, string> = {
  doNotDisturb: 'does not want to be disturbed',
  inACall: 'is in a call',
  presenting: 'is presenting',
  outOfOffice: 'is out of office',
};

/** Why, and what to change. */
const notCallable: Record<NotCallable | 'otherCloud' | 'unknown', string> = {
  disabled: 'the account is disabled (somebody who has left, or a shared mailbox). Call another person.',
  guest:
    'guests of other organisations cannot be called. Call the person in Teams, or somebody of this organisation.',
  noLicence:
    'the account has no licence. An administrator can assign one that includes Teams and Teams Phone.',
  noTeams:
    'the account has no licence for Teams. An administrator can assign one that includes Teams and Teams Phone.',
  noTeamsPhone:
    'the account has no Teams Phone licence. An administrator can assign one and enable voice for it.',
  otherCloud:
    'this identifier belongs to another cloud of Microsoft than this Ringdown does. Name the person by mail address.',
  unknown: 'that takes an active work account with Teams in this organisation.',
};

/** English for who may be called, and who can. */
export function people(format: Format): PersonTexts {
  const { line, anyOf, duration, time } = format;

  function refused({ reason, callee, ask, seconds, until, timeZone }: RefusalWords): string {
    const askWhom =
      ask.length > 0
        ? line`If that should change, ask ${anyOf(ask.slice(0, 3))}.`
        : 'Your administrator decides who may call whom.';
    const retry =
      seconds === null ? 'Please try again later.' : `Please try again in ${duration(inMinutes(seconds))}.`;
    if (reason === 'guest') {
      return 'You are a guest in this organisation. I call people for its members only, unless my permissions name you. Whoever invited you can ask an administrator for that.';
    }
    if (callee === '' && reason !== 'unchecked') {
      return `I am not allowed to call people for you, so I cannot show that. ${askWhom}`;
    }
    switch (reason) {
      case 'anonymous':
        return `${line`I am not allowed to call ${callee} for people whom I cannot identify.`} ${askWhom}`;
      case 'caller':
      case 'callee':
        return `${line`I am not allowed to call ${callee} for you.`} ${askWhom}`;
      case 'communicationUser':
        return `${line`I am not allowed to call ${callee}: users of Azure Communication Services have to be named in my permissions.`} ${askWhom}`;
      case 'unchecked':
        return `I could not check whether I may do that for you, so I did not. Please try again in a minute. ${askWhom}`;
      case 'optedOut':
        return line`${callee} does not want to be called from chats, so I do not call. Send a chat message instead. If it cannot wait, escalate it to a policy.`;
      case 'quietHours': {
        const end = until === null ? null : time(new Date(until).toISOString(), timeZone);
        const quiet =
          end === null ? 'These are quiet hours' : `These are quiet hours until ${end} (${timeZone})`;
        return `${line`${quiet}, so I do not call ${callee} now.`} If it cannot wait, escalate it to a policy. ${askWhom}`;
      }
      case 'perCaller':
        return `${line`You have had me place a lot of calls in a short time, so I do not call ${callee} now.`} ${retry} ${askWhom}`;
      case 'perCallee':
        return `${line`${callee} has been called a lot in a short time, so I do not call again now.`} ${retry} ${askWhom}`;
    }
  }

  return {
    refused,
    notCallable: ({ callee, reason }) =>
      `${line`${callee} cannot be called:`} ${notCallable[reason ?? 'unknown']}`,
    canBeCalled: () => 'Can be called now.',
    presence: ({ activity, availability }) => {
      const [first, second] = [activity, availability].map((word) => lookUp(presences, word.toLowerCase()));
      return first ?? second ?? null;
    },
    disturb: {
      question: ({ callee, because }) =>
        line`${callee} ${disturbances[because]}. Call anyway, or leave a message?`,
      callAnyway: 'Call anyway',
      leaveMessage: 'Leave a message',
      cancel: 'Cancel',
      leftAlone: (callee) => line`I did not call ${callee}.`,
      writeHere: ({ callee, address }) => `${line`You can write to ${callee} here:`} ${address}`,
    },
    picker: {
      title: 'Somebody else',
      label: 'Whom shall I call?',
      call: 'Call',
      nobodyPicked: 'Please pick somebody first.',
    },
    author: {
      title: (callee) => line`Call ${callee}`,
      hint: 'What shall I say? Leave it empty to be connected.',
      call: 'Call',
      calling: (callee) => line`I am calling ${callee}. Our chat shows how it goes.`,
      nobody: () => 'Nobody whom I could call has written this message.',
      own: () => 'You have written this message yourself. For a test call say "call me" in our chat.',
    },
    privacy: {
      notNow: {
        onCall: 'You are on a call just now. Please say that again when it is over.',
        escalation:
          'An alert that concerns you is open just now. Please say that again when it is resolved or over.',
      },
      question: 'Shall I forget you?',
      explained:
        'I then delete our chat’s cards, the messages you had me speak, and your name in calls and alerts of others. What is in Teams already stays there. Policies that name you still have you called. This cannot be undone.',
      forget: 'Forget me',
      keep: 'Keep my data',
      kept: 'Nothing was deleted.',
      done: 'Done: I have deleted what I knew about you. As soon as you use me again, or somebody has you called, I keep what that takes.',
      optOutKept: 'That you do not want to be called still holds; of that I keep a hash only.',
    },
    callsStopped: () =>
      'I will not call you any more for people who ask for it in a chat. Alerts that are meant for you still come. Say "allow calls" to change that.',
    callsAllowed: () => 'People can have me call you. Say "stop calling me" to change that.',
    optOutNeedsTeams: () =>
      'I cannot tell who you are here. Please say that to me in Teams, with an account of this organisation.',
  };
}
