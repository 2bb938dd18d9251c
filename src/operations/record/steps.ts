import type { Disposition } from '../../calls/call.ts';

export interface Question {
  text: string;
  /** The answer that confirms the step. */
  confirms: 'yes' | 'no';
}

/** Something that nobody has confirmed against Azure, and how to try it. Its id is listed in docs/unconfirmed.md. */
export type Step = {
  id: string;
  /** What it confirms, as a full sentence. */
  claim: string;
} & (
  | { kind: 'examine' }
  /** A test call to the given person. */
  | {
      kind: 'call';
      prepare: string;
      ends: Disposition;
      /** A timeline entry that must be there. */
      needs?: 'messageSpoken';
      questions: readonly Question[];
    }
  /** Something that only people can do and see. */
  | { kind: 'byHand'; prepare: string; questions: readonly Question[] }
);

const yes = (text: string): Question => ({ text, confirms: 'yes' });
const no = (text: string): Question => ({ text, confirms: 'no' });

/** In the order to try them: later steps depend on earlier ones. */
export const steps: readonly Step[] = [
  {
    id: 'setup',
    kind: 'examine',
    claim: 'The doctor finds no fault in permissions, keys, callbacks, the directory and the database.',
  },
  {
    id: 'server',
    kind: 'byHand',
    claim: 'A shell on the server has the settings and the identity.',
    prepare: 'Nothing to do.',
    questions: [yes('Does this program run in a shell on the server or in the container of Ringdown?')],
  },
  {
    id: 'desktop',
    kind: 'call',
    claim: 'A person gets a call in the Teams desktop app, and hears the message.',
    prepare: 'The person has Teams open on the desktop. Answer, and listen to the end.',
    ends: 'answered',
    needs: 'messageSpoken',
    questions: [
      yes('Did Teams show the name in CALLER_DISPLAY_NAME?'),
      yes('Was the message heard from its first word to its last?'),
    ],
  },
  {
    id: 'mobile',
    kind: 'call',
    claim: 'A locked mobile phone rings, though Microsoft lists Teams on mobiles as not supported.',
    prepare: 'Close Teams on the desktop, and lock the mobile phone. Answer there, and listen to the end.',
    ends: 'answered',
    needs: 'messageSpoken',
    questions: [
      yes('Did the locked phone ring?'),
      no('Did it show the name in CALLER_DISPLAY_NAME? Microsoft says that mobiles do not.'),
    ],
  },
  {
    id: 'declined',
    kind: 'call',
    claim: 'A declined call is distinguished from an unanswered one.',
    prepare: 'Decline the call.',
    ends: 'declined',
    questions: [],
  },
  {
    id: 'unanswered',
    kind: 'call',
    claim: 'An unanswered call ends after RING_TIMEOUT_SECONDS.',
    prepare: 'Let it ring until it stops.',
    ends: 'no_answer',
    questions: [no('Did another device of the person keep ringing?')],
  },
  {
    id: 'signedOut',
    kind: 'call',
    claim: 'If a person is not signed in to Teams anywhere, the call ends at once and says so.',
    prepare: 'The person signs out of Teams on every device.',
    ends: 'unreachable',
    questions: [],
  },
  {
    id: 'chat',
    kind: 'byHand',
    claim: 'Ringdown answers in a personal chat, in a channel, and from the menu of a message.',
    prepare:
      'In Teams: say “help” in the personal chat, “@Ringdown help” in a channel, and in the menu of a message choose More actions, Call the author of this message.',
    questions: [
      yes('Did the personal chat answer?'),
      yes('Did the channel answer?'),
      yes('Was the author of the message called?'),
    ],
  },
  {
    id: 'transfer',
    kind: 'byHand',
    claim: 'The callee is connected to the person who asked for the call.',
    prepare: 'In Teams say “call” and the name of a colleague, who answers.',
    questions: [yes('Did your own phone ring, and could you talk?')],
  },
  {
    id: 'escalation',
    kind: 'byHand',
    claim: 'An escalation rings, its card comes, and Acknowledge ends it.',
    prepare: 'In Teams say “test” and the name of a policy. Press Acknowledge on the card.',
    questions: [yes('Did the callee get the card?'), yes('Did the calls stop after Acknowledge?')],
  },
  {
    id: 'key',
    kind: 'byHand',
    claim: 'A key press in Teams arrives, though Microsoft lists it as not supported.',
    prepare:
      'In Teams say “test” and the name of a policy. The callee answers, and presses 1 on the keypad of Teams while the voice speaks.',
    questions: [yes('Do the call details on the card show a key press?')],
  },
  {
    id: 'appInstall',
    kind: 'byHand',
    claim: 'The Teams app is installed for a person who is called and does not have it.',
    prepare:
      'Set TEAMS_APP_ID and grant TeamsAppInstallation.ReadWriteSelfForUser.All. Test a policy that calls somebody without the app.',
    questions: [yes('Did that person get the app and its card?')],
  },
  {
    id: 'talk',
    kind: 'byHand',
    claim: 'The browser call page works with Microsoft’s real calling SDK.',
    prepare: 'With permissions.talk on: in Web Chat say “call” and a name, Talk from your browser, Join.',
    questions: [yes('Could you talk with the person?'), yes('Did the call end when you closed the page?')],
  },
  {
    id: 'eventGrid',
    kind: 'byHand',
    claim: 'Event Grid delivers the events of a call from the browser page to Ringdown.',
    prepare:
      'After the step “talk”: in the portal open the Event Grid system topic of the template, Metrics, Delivered Events. Calls that Ringdown places to Teams users raise no events.',
    questions: [yes('Were events delivered since that call?'), no('Did deliveries fail?')],
  },
  {
    id: 'restart',
    kind: 'byHand',
    claim: 'Ringdown learns that a call has ended even if the instance that placed it was restarted.',
    prepare:
      'Call somebody from Teams. While you talk, restart one instance, and hang up during the restart.',
    questions: [yes('Did the card say within two minutes that the call had ended?')],
  },
];
