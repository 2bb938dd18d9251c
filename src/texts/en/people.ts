import type { NotCallable } from '../../directory/directory.ts';
import type { Disturbance } from '../../directory/presence.ts';
import type { RefusalWords } from '../../permissions/refusal.ts';
import type { PersonTexts } from '../personTexts.ts';
import { inMinutes } from '../rounding.ts';
import type { Format } from '../language.ts';
import { lookUp } from '../../config/lookUp.ts';

/** Graph's presence values, in lower case. */
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
  outOfOffice: 'is out of the office',
};

/** The reason, and what to change. */
const notCallable: Record<NotCallable | 'otherCloud' | 'unknown', string> = {
  disabled: 'the account is disabled (somebody who has left, or a shared mailbox). Call somebody else.',
  guest:
    'guests from other organisations cannot be called. Call the person in Teams, or call somebody in this organisation.',
  noLicence:
    'the account has no licence. An administrator can assign one that includes Teams and Teams Phone.',
  noTeams:
    'the account has no licence for Teams. An administrator can assign one that includes Teams and Teams Phone.',
  noTeamsPhone:
    'the account has no Teams Phone licence. An administrator can assign one and enable voice for it.',
  otherCloud: 'this identifier belongs to a different Microsoft cloud. Use the person’s email address.',
  unknown: 'people need an active work account with Teams in this organisation.',
};

/** Who may be called, and who can be. */
export function personTexts(format: Format): PersonTexts {
  const { line, anyOf, duration, time } = format;

  function refused({ reason, callee, ask, seconds, until, timeZone }: RefusalWords): string {
    const askWhom =
      ask.length > 0
        ? line`To change that, ask ${anyOf(ask.slice(0, 3))}.`
        : 'Your administrator decides who may call whom.';
    const retry =
      seconds === null ? 'Please try again later.' : `Please try again in ${duration(inMinutes(seconds))}.`;
    if (reason === 'guest') {
      return 'You are a guest in this organisation. I call people only for its members, unless my permissions name you. The person who invited you can ask an administrator for that.';
    }
    if (callee === '' && reason !== 'unchecked') {
      return `I am not allowed to call people for you, so I cannot show that. ${askWhom}`;
    }
    switch (reason) {
      case 'anonymous':
        return `${line`I am not allowed to call ${callee} for people I cannot identify.`} ${askWhom}`;
      case 'caller':
      case 'callee':
        return `${line`I am not allowed to call ${callee} for you.`} ${askWhom}`;
      case 'communicationUser':
        return `${line`I am not allowed to call ${callee}: my permissions must name users of Azure Communication Services.`} ${askWhom}`;
      case 'unchecked':
        return `I could not check whether I may do that for you, so I did nothing. Please try again in a minute. ${askWhom}`;
      case 'optedOut':
        return line`${callee} has opted out of calls from chats, so I did not call. Send a chat message instead. If it cannot wait, escalate it to a policy.`;
      case 'quietHours': {
        const end = until === null ? null : time(new Date(until).toISOString(), timeZone);
        const quiet =
          end === null ? 'Quiet hours are in effect' : `Quiet hours are in effect until ${end} (${timeZone})`;
        return `${line`${quiet}, so I did not call ${callee}.`} If it cannot wait, escalate it to a policy. ${askWhom}`;
      }
      case 'perCaller':
        return `${line`You have asked for a lot of calls in a short time, so I did not call ${callee}.`} ${retry} ${askWhom}`;
      case 'perCallee':
        return `${line`${callee} has been called a lot in a short time, so I did not call again.`} ${retry} ${askWhom}`;
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
      label: 'Who should I call?',
      call: 'Call',
      nobodyPicked: 'Please choose somebody first.',
    },
    author: {
      title: (callee) => line`Call ${callee}`,
      hint: 'What should I say? Leave this empty to be connected.',
      call: 'Call',
      calling: (callee) => line`I am calling ${callee}. See our chat for progress.`,
      nobody: () => 'This message has no author whom I could call.',
      own: () => 'You wrote this message yourself. For a test call, say "call me" in our chat.',
    },
    privacy: {
      notNow: {
        onCall:
          'A call with you, or one that you asked for, is still running. Please ask again when it is over.',
        escalation:
          'An alert that concerns you is open right now. Please ask again when it is resolved or over.',
      },
      question: 'Should I forget you?',
      explained:
        'I will delete the cards in our chat, the messages I spoke for you, and your name in other people’s calls and alerts. What is already in Teams stays there. Policies that name you will still call you. This cannot be undone.',
      forget: 'Forget me',
      keep: 'Keep my data',
      kept: 'Nothing was deleted.',
      done: 'Done. I have deleted what I knew about you. If you use me again, or somebody asks me to call you, I will store what that needs.',
      optOutKept: 'You still will not be called from chats. I keep only a hash for that.',
    },
    callsStopped: () =>
      'I will no longer call you when people ask for it in a chat. Alerts meant for you still call you. Say "allow calls" to change that.',
    callsAllowed: () => 'People can ask me to call you. Say "stop calling me" to change that.',
    optOutNeedsTeams: () =>
      'I cannot verify who you are here. Please tell me that in Teams, with an account in this organisation.',
  };
}
