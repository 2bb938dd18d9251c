import assert from 'node:assert/strict';
import type { CallEvent, CallView, Purpose } from '../../../src/calls/call.ts';
import { apply } from '../../../src/calls/lifecycle/lifecycle.ts';
import {
  Story,
  accepted,
  acknowledged,
  at,
  connect,
  connectFailed,
  connected,
  createFailed,
  deadline,
  disconnected,
  escalate,
  hangUp,
  hangUpConfirmed,
  key,
  notSpoken,
  participants,
  playAccepted,
  playRefused,
  probed,
  refused,
  secondsOf,
  sent,
  speak,
  speaking,
  spoken,
  takenOver,
  test,
  transferAccepted,
  transferFailed,
  transferRefused,
  transferSent,
  unknown,
} from '../../support/calls/stories.ts';

interface Told {
  title: string;
  purpose: Purpose;
  events: (CallEvent | typeof deadline)[];
  /** What was asked of the service, in this order; nothing else. */
  asked: string[];
  then: Partial<CallView>;
  /** When it is looked at again, in seconds since it was sent; null when nothing is owed any more. */
  wakesAt: number | null;
}

const answered = (seconds = 5): CallEvent[] => [sent(), accepted(), connected(seconds)];
const over = { status: 'ended' } as const;

const stories: Told[] = [
  // Speaking a message.
  {
    title: 'waits in the queue without a deadline: its dial job looks after it',
    purpose: speak,
    events: [],
    asked: [],
    then: { status: 'queued', disposition: null, endedAt: null },
    wakesAt: null,
  },
  {
    title:
      'is being dialled from the moment that createCall leaves, and given up 2 s after the 30 s of its repeatability',
    purpose: speak,
    events: [sent()],
    asked: [],
    then: { status: 'dialing' },
    wakesAt: 32,
  },
  {
    title: 'calls until the ring timeout once the service has taken it',
    purpose: speak,
    events: [sent(), accepted()],
    asked: [],
    then: { status: 'dialing' },
    wakesAt: 45.5,
  },
  {
    title: 'rings as long as asked for, also if the service took the call only after 20 s of refusing',
    purpose: speak,
    events: [sent(), accepted(20)],
    asked: [],
    then: { status: 'dialing' },
    wakesAt: 65,
  },
  {
    title: 'speaks when the callee answers, for as long as the message can take at most',
    purpose: speak,
    events: answered(5),
    asked: ['speak message'],
    then: { status: 'connected', connectedAt: at(5) },
    wakesAt: 54.8,
  },
  {
    title: 'hangs up when the message was spoken, and ends when that is confirmed',
    purpose: speak,
    events: [...answered(), playAccepted(5.1, 'message'), spoken(17, 'message'), hangUpConfirmed(17.2)],
    asked: ['speak message', 'hangUp'],
    then: { ...over, disposition: 'answered', cause: 'messageDelivered', endedAt: at(17.2), code: null },
    wakesAt: null,
  },
  {
    title: 'keeps the result of the service, which comes after the confirmation',
    purpose: speak,
    events: [...answered(), spoken(17, 'message'), hangUpConfirmed(17.2), disconnected(17.5)],
    asked: ['speak message', 'hangUp'],
    then: { ...over, disposition: 'answered', endedAt: at(17.5), code: 200, subCode: 7000 },
    wakesAt: null,
  },
  {
    title: 'is answered, but cut short, when the callee hangs up during the message',
    purpose: speak,
    events: [...answered(), disconnected(9, 200, 0)],
    asked: ['speak message'],
    then: { ...over, disposition: 'answered', cause: 'messageCutShort' },
    wakesAt: null,
  },
  {
    title: 'is hung up when the end of the message is never told',
    purpose: speak,
    events: [...answered(), deadline],
    asked: ['speak message', 'hangUp'],
    then: { status: 'connected' },
    wakesAt: 64.8,
  },
  {
    title: 'says that the message was not spoken when playing fails',
    purpose: speak,
    events: [...answered(), notSpoken(6, 'message', 400, 8535), hangUpConfirmed(7)],
    asked: ['speak message', 'hangUp'],
    then: { ...over, disposition: 'failed', cause: 'messageNotSpoken' },
    wakesAt: null,
  },
  {
    title: 'says that speech is not linked when the service may not use it',
    purpose: speak,
    events: [...answered(), notSpoken(6, 'message', 401, 8565), disconnected(7)],
    asked: ['speak message', 'hangUp'],
    then: { ...over, disposition: 'failed', cause: 'speechNotLinked' },
    wakesAt: null,
  },
  {
    title: 'says that speech was throttled',
    purpose: speak,
    events: [...answered(), notSpoken(6, 'message', 429, 8565), disconnected(7)],
    asked: ['speak message', 'hangUp'],
    then: { ...over, disposition: 'failed', cause: 'speechThrottled' },
    wakesAt: null,
  },
  {
    title: 'says that speech is not configured when we have none to ask for',
    purpose: speak,
    events: [...answered(), playRefused(5, 'message', 0, 8567), hangUpConfirmed(6)],
    asked: ['speak message', 'hangUp'],
    then: { ...over, disposition: 'failed', cause: 'speechNotConfigured' },
    wakesAt: null,
  },
  {
    title: 'of a test call says that it was answered',
    purpose: test,
    events: [...answered(), spoken(9, 'message'), disconnected(10)],
    asked: ['speak message', 'hangUp'],
    then: { ...over, disposition: 'answered', cause: 'testAnswered' },
    wakesAt: null,
  },

  // Not answered.
  {
    title: 'is declined',
    purpose: speak,
    events: [sent(), accepted(), disconnected(4, 487, 10024)],
    asked: [],
    then: {
      ...over,
      disposition: 'declined',
      cause: 'declined',
      code: 487,
      subCode: 10024,
      connectedAt: null,
    },
    wakesAt: null,
  },
  {
    title: 'is busy',
    purpose: speak,
    events: [sent(), accepted(), createFailed(4, 486, 560486)],
    asked: [],
    then: { ...over, disposition: 'busy', cause: 'busy' },
    wakesAt: null,
  },
  {
    title: 'cannot reach a phone that is off',
    purpose: speak,
    events: [sent(), accepted(), connectFailed(4, 480, 10076)],
    asked: [],
    then: { ...over, disposition: 'unreachable', cause: 'registeredButOffline' },
    wakesAt: null,
  },
  {
    title: 'is not allowed, as the failure that comes seconds after the 201 says',
    purpose: speak,
    events: [sent(), accepted(), createFailed(3, 403, 10124)],
    asked: [],
    then: { ...over, disposition: 'not_allowed', cause: 'federationNotAllowed' },
    wakesAt: null,
  },
  {
    title: 'is not answered: we hang up at our own timeout, and the service confirms',
    purpose: speak,
    events: [
      ...[sent(), accepted()],
      deadline,
      ...[probed(45.6, 'connecting'), hangUpConfirmed(45.8), disconnected(46, 487, 0)],
    ],
    asked: ['probe', 'hangUp'],
    then: { ...over, disposition: 'no_answer', cause: 'noAnswer' },
    wakesAt: null,
  },
  {
    title: 'was declined in the moment of our own timeout: what the callee did counts',
    purpose: speak,
    events: [
      ...[sent(), accepted()],
      deadline,
      ...[probed(45.6, 'connecting'), hangUpConfirmed(45.8), disconnected(45.4, 603, 0)],
    ],
    asked: ['probe', 'hangUp'],
    then: { ...over, disposition: 'declined' },
    wakesAt: null,
  },
  {
    title: 'was answered, which no event said: before it is hung up the service is asked, and believed',
    purpose: speak,
    events: [sent(), accepted(), deadline, probed(45.6, 'connected'), spoken(50, 'message')],
    asked: ['probe', 'speak message', 'hangUp'],
    then: { status: 'connected' },
    wakesAt: 60,
  },
  {
    title: 'is answered in the moment in which the service is asked',
    purpose: speak,
    events: [sent(), accepted(), deadline, connected(45.55), probed(45.6, 'connecting')],
    asked: ['probe', 'speak message'],
    then: { status: 'connected' },
    wakesAt: 95.35,
  },
  {
    title: 'is hung up also when the service does not know whether it was answered',
    purpose: speak,
    events: [sent(), accepted(), deadline, probed(45.6, 'unknown'), hangUpConfirmed(45.8)],
    asked: ['probe', 'hangUp'],
    then: { ...over, disposition: 'no_answer', cause: 'noAnswer' },
    wakesAt: null,
  },
  {
    title: 'is hung up 3 s later at the latest, also if the question itself is lost',
    purpose: speak,
    events: [sent(), accepted(), deadline, deadline, hangUpConfirmed(49)],
    asked: ['probe', 'hangUp'],
    then: { ...over, disposition: 'no_answer', cause: 'noAnswer' },
    wakesAt: null,
  },
  {
    title: 'is over by then, which no event said: nobody claims to know how',
    purpose: speak,
    events: [sent(), accepted(), deadline, probed(45.6, 'gone')],
    asked: ['probe'],
    then: { ...over, disposition: 'failed', cause: 'lostContact' },
    wakesAt: null,
  },
  {
    title: 'is known to be spoken to from the event that says so, also if it comes first',
    purpose: speak,
    events: [sent(), speaking(4, 'message'), connected(3)],
    asked: [],
    then: { status: 'connected', connectedAt: at(3) },
    wakesAt: 52.8,
  },
  {
    title: 'is refused by createCall itself',
    purpose: speak,
    events: [sent(), refused(0.4, 401, 7509)],
    asked: [],
    then: { ...over, disposition: 'not_allowed', cause: 'unauthenticated', code: 401, subCode: 7509 },
    wakesAt: null,
  },

  // Cancelled.
  {
    title: 'is cancelled before it was sent: there is nothing to end at the service',
    purpose: speak,
    events: [hangUp(-0.5)],
    asked: [],
    then: { ...over, disposition: 'cancelled', cause: 'cancelledByRequester', endedAt: at(-0.5) },
    wakesAt: null,
  },
  {
    title: 'is not dialled after it was cancelled',
    purpose: speak,
    events: [hangUp(-0.5), sent()],
    asked: [],
    then: { ...over, disposition: 'cancelled' },
    wakesAt: null,
  },
  {
    title: 'is cancelled while createCall is on its way: the hang-up waits for the name of the call',
    purpose: speak,
    events: [sent(), hangUp(1)],
    asked: [],
    then: { status: 'dialing' },
    wakesAt: 11,
  },
  {
    title: '… and is sent when createCall answers',
    purpose: speak,
    events: [sent(), hangUp(1), accepted(2), hangUpConfirmed(2.2)],
    asked: ['hangUp'],
    then: { ...over, disposition: 'cancelled', cause: 'cancelledByRequester' },
    wakesAt: null,
  },
  {
    title: 'is cancelled while it is called',
    purpose: speak,
    events: [sent(), accepted(), hangUp(3, 'operator'), hangUpConfirmed(3.2), disconnected(3.4, 487, 0)],
    asked: ['hangUp'],
    then: { ...over, disposition: 'cancelled', cause: 'cancelledByOperator' },
    wakesAt: null,
  },
  {
    title: 'is stopped while the message is spoken',
    purpose: speak,
    events: [...answered(), hangUp(8), notSpoken(8.1, 'message', 400, 8508), disconnected(8.3)],
    asked: ['speak message', 'hangUp'],
    then: { ...over, disposition: 'answered', cause: 'messageStopped' },
    wakesAt: null,
  },
  {
    title: 'is ended at the longest that speaking can take, and nobody claims to know whether it was heard',
    purpose: speak,
    events: [...answered(), deadline, hangUpConfirmed(56)],
    asked: ['speak message', 'hangUp'],
    then: { ...over, disposition: 'answered', cause: 'messageNotConfirmed' },
    wakesAt: null,
  },
  {
    title: '… until the event comes that says so',
    purpose: speak,
    events: [...answered(), deadline, hangUpConfirmed(56), spoken(9, 'message')],
    asked: ['speak message', 'hangUp'],
    then: { ...over, disposition: 'answered', cause: 'messageDelivered' },
    wakesAt: null,
  },
  {
    title: 'is not ended twice by two people',
    purpose: speak,
    events: [sent(), accepted(), hangUp(3), hangUp(4, 'operator'), hangUpConfirmed(5), hangUp(6, 'api')],
    asked: ['hangUp'],
    then: { ...over, cause: 'cancelledByRequester' },
    wakesAt: null,
  },
  {
    title: 'cannot be taken by the callee any more once the hang-up is on its way',
    purpose: speak,
    events: [sent(), accepted(), hangUp(3), connected(3.1), hangUpConfirmed(3.3)],
    asked: ['hangUp'],
    then: { ...over, disposition: 'answered', cause: 'messageStopped' },
    wakesAt: null,
  },
  {
    title: 'is declined by the card in Teams',
    purpose: escalate,
    events: [sent(), accepted(), hangUp(3, 'callee'), hangUpConfirmed(4)],
    asked: ['hangUp'],
    then: { ...over, disposition: 'declined' },
    wakesAt: null,
  },
  {
    title: 'is cancelled because somebody else acknowledged',
    purpose: escalate,
    events: [sent(), accepted(), hangUp(3, 'escalation'), hangUpConfirmed(4)],
    asked: ['hangUp'],
    then: { ...over, disposition: 'cancelled', cause: 'cancelledByEscalation' },
    wakesAt: null,
  },

  // Events and answers that cross.
  {
    title: 'takes events that come before createCall has answered',
    purpose: speak,
    events: [sent(), connected(0.2), spoken(9, 'message'), accepted(9.1), disconnected(10)],
    asked: ['speak message', 'hangUp'],
    then: { ...over, disposition: 'answered', cause: 'messageDelivered', connectedAt: at(0.2) },
    wakesAt: null,
  },
  {
    title: 'ended before createCall answered',
    purpose: speak,
    events: [sent(), createFailed(2, 403, 10391), accepted(2.1)],
    asked: [],
    then: { ...over, disposition: 'not_allowed', cause: 'enterpriseVoiceOrSource' },
    wakesAt: null,
  },
  {
    title: 'joins a call whose answer was lost by its first event, whatever that is',
    purpose: speak,
    events: [sent(), participants(4)],
    asked: [],
    then: { status: 'dialing' },
    wakesAt: 45,
  },
  {
    title: 'gives the outcome up as unknown',
    purpose: speak,
    events: [sent(), unknown(30)],
    asked: [],
    then: { ...over, disposition: 'failed', cause: 'outcomeUnknown', endedAt: at(30) },
    wakesAt: null,
  },
  {
    title: 'gives the outcome up by its deadline when the job that dialled was lost',
    purpose: speak,
    events: [sent(), deadline],
    asked: [],
    then: { ...over, disposition: 'failed', cause: 'outcomeUnknown', endedAt: at(32) },
    wakesAt: null,
  },
  {
    title: 'finds a call again that it had given up, and goes on with it',
    purpose: speak,
    events: [sent(), unknown(30), connected(34), spoken(40, 'message'), disconnected(41)],
    asked: ['speak message', 'hangUp'],
    then: { ...over, disposition: 'answered', cause: 'messageDelivered' },
    wakesAt: null,
  },
  {
    title: 'carries out the hang-up that was asked for while the outcome was unknown',
    purpose: speak,
    events: [sent(), hangUp(5), unknown(30), connected(34)],
    asked: ['hangUp'],
    then: { status: 'connected' },
    wakesAt: 44,
  },
  {
    title:
      'was taken without an id and never heard of: given up after our own timeout and the questions that nobody can answer',
    purpose: speak,
    events: [sent(), accepted(1, null), ...Array<typeof deadline>(8).fill(deadline)],
    asked: [],
    then: { ...over, disposition: 'no_answer' },
    wakesAt: null,
  },
  {
    title: '… and is hung up if its first event comes after all, so that nobody listens to silence',
    purpose: speak,
    events: [sent(), accepted(1, null), ...Array<typeof deadline>(8).fill(deadline), connected(400)],
    asked: ['hangUp'],
    then: { ...over },
    wakesAt: null,
  },

  // The hang-up that nobody confirms.
  {
    title: 'asks the service what became of a hang-up that is not confirmed',
    purpose: speak,
    events: [sent(), accepted(), hangUp(3), deadline],
    asked: ['hangUp', 'probe'],
    then: { status: 'dialing' },
    wakesAt: 23,
  },
  {
    title: 'hangs up again if the call is still there',
    purpose: speak,
    events: [sent(), accepted(), hangUp(3), deadline, probed(13.1, 'connecting'), hangUpConfirmed(13.3)],
    asked: ['hangUp', 'probe', 'hangUp'],
    then: { ...over, disposition: 'cancelled', endedAt: at(13.3) },
    wakesAt: null,
  },
  {
    title: 'believes the service that the call is gone',
    purpose: speak,
    events: [sent(), accepted(), hangUp(3), deadline, probed(13.1, 'gone')],
    asked: ['hangUp', 'probe'],
    then: { ...over, disposition: 'cancelled', code: null, endedAt: at(13.1) },
    wakesAt: null,
  },
  {
    title: 'ends by its own judgement when nobody answers any question',
    purpose: speak,
    events: [sent(), accepted(), hangUp(3), ...Array<typeof deadline>(7).fill(deadline)],
    asked: ['hangUp', ...Array<string>(6).fill('probe')],
    then: { ...over, disposition: 'cancelled', code: null },
    wakesAt: null,
  },

  // Connecting to the asker.
  {
    title: 'says who is calling, transfers, and ends as connected',
    purpose: connect,
    events: [
      ...answered(),
      spoken(9, 'connecting'),
      transferSent(9.2),
      transferAccepted(12),
      disconnected(12.5, 200, 7015),
    ],
    asked: ['speak connecting', 'transfer'],
    then: { ...over, disposition: 'connected_to_caller', cause: 'connectedToCaller' },
    wakesAt: null,
  },
  {
    title: 'is connected also if only the end of our own leg says so',
    purpose: connect,
    events: [...answered(), spoken(9, 'connecting'), transferSent(9.2), disconnected(12.5, 200, 7015)],
    asked: ['speak connecting', 'transfer'],
    then: { ...over, disposition: 'connected_to_caller' },
    wakesAt: null,
  },
  {
    title: 'is connected also if the end of our own leg comes first',
    purpose: connect,
    events: [
      ...answered(),
      spoken(9, 'connecting'),
      transferSent(9.2),
      disconnected(12.5, 200, 7015),
      transferAccepted(12),
    ],
    asked: ['speak connecting', 'transfer'],
    then: { ...over, disposition: 'connected_to_caller' },
    wakesAt: null,
  },
  {
    title: 'transfers also if the greeting could not be spoken',
    purpose: connect,
    events: [...answered(), playRefused(5.1, 'connecting', 0, 8567), transferSent(5.3), transferAccepted(7)],
    asked: ['speak connecting', 'transfer'],
    then: { status: 'connected' },
    wakesAt: 80.1,
  },
  {
    title: 'tells the callee when the transfer failed, and hangs up',
    purpose: connect,
    events: [
      ...answered(),
      spoken(9, 'connecting'),
      transferSent(9.2),
      transferFailed(20),
      spoken(25, 'transferFailed'),
      disconnected(26),
    ],
    asked: ['speak connecting', 'transfer', 'speak transferFailed', 'hangUp'],
    then: { ...over, disposition: 'failed', cause: 'transferFailed' },
    wakesAt: null,
  },
  {
    title: 'hangs up when even that cannot be said',
    purpose: connect,
    events: [
      ...answered(),
      spoken(9, 'connecting'),
      transferRefused(9.2),
      notSpoken(10, 'transferFailed', 400, 8535),
      hangUpConfirmed(11),
    ],
    asked: ['speak connecting', 'transfer', 'speak transferFailed', 'hangUp'],
    then: { ...over, disposition: 'failed', cause: 'transferFailed' },
    wakesAt: null,
  },
  {
    title: 'goes on, though createCall was refused when it was sent again',
    purpose: speak,
    events: [sent(), accepted(), refused(1, 409, 8519), connected(4)],
    asked: ['speak message'],
    then: { status: 'connected' },
    wakesAt: 53.8,
  },
  {
    title: 'is found again when a refusal came before the answer to the first createCall',
    purpose: speak,
    events: [sent(), refused(1, 409, 8519), accepted(2)],
    asked: [],
    then: { status: 'dialing', disposition: null },
    wakesAt: 47,
  },
  {
    title: 'ends as the service says, whatever createCall was refused with before',
    purpose: speak,
    events: [sent(), refused(1, 403, 10124), createFailed(3, 486, 560486)],
    asked: [],
    then: { ...over, disposition: 'busy', cause: 'busy', code: 486 },
    wakesAt: null,
  },
  {
    title: 'does not undo a transfer that went through when its repetition after a crash was refused',
    purpose: connect,
    events: [...answered(), spoken(9, 'connecting'), transferAccepted(12), transferRefused(13)],
    asked: ['speak connecting', 'transfer'],
    then: { status: 'connected' },
    wakesAt: 84,
  },
  {
    title: 'asks the service what became of a transfer that nobody tells of',
    purpose: connect,
    events: [...answered(), spoken(9, 'connecting'), transferSent(9.2), deadline, probed(84.5, 'gone')],
    asked: ['speak connecting', 'transfer', 'probe'],
    then: { ...over, disposition: 'answered', cause: 'answeredAndHungUp' },
    wakesAt: null,
  },
  {
    title: 'waits for what the service tells of a transfer, though its own leg is gone',
    purpose: connect,
    events: [
      ...answered(),
      spoken(9, 'connecting'),
      transferSent(9.2),
      probed(12, 'gone'),
      transferAccepted(20),
      disconnected(20.5, 200, 7015),
    ],
    asked: ['speak connecting', 'transfer'],
    then: { ...over, disposition: 'connected_to_caller', cause: 'connectedToCaller' },
    wakesAt: null,
  },
  {
    title: 'has time to tell the callee of a transfer that failed after that question',
    purpose: connect,
    events: [...answered(), spoken(9, 'connecting'), transferSent(9.2), deadline, transferFailed(90)],
    asked: ['speak connecting', 'transfer', 'probe', 'speak transferFailed'],
    then: { status: 'connected' },
    wakesAt: 135,
  },
  {
    title: 'is answered and hung up when the callee does not wait for the transfer',
    purpose: connect,
    events: [...answered(), disconnected(8, 200, 0)],
    asked: ['speak connecting'],
    then: { ...over, disposition: 'answered', cause: 'answeredAndHungUp' },
    wakesAt: null,
  },

  // Ends of which the service does not tell the cause.
  {
    title: 'ends for a cause that was not told: nobody cancelled it, and nobody is known to have answered',
    purpose: escalate,
    events: [sent(), accepted(), disconnected(4, null, null)],
    asked: [],
    then: { ...over, disposition: 'failed', cause: 'causeNotTold', code: null, subCode: null },
    wakesAt: null,
  },
  {
    title: 'is not answered when it was we who let it go, though no cause is told then',
    purpose: escalate,
    events: [sent(), accepted(), hangUp(45, 'timeout'), disconnected(46, null, null)],
    asked: ['hangUp'],
    then: { ...over, disposition: 'no_answer', cause: 'noAnswer', code: null },
    wakesAt: null,
  },
  {
    title: 'is cancelled when the asker did so, though no cause is told then',
    purpose: speak,
    events: [sent(), accepted(), hangUp(20), disconnected(21, null, null)],
    asked: ['hangUp'],
    then: { ...over, disposition: 'cancelled', cause: 'cancelledByRequester', code: null },
    wakesAt: null,
  },
  {
    title: 'has the cause that is told after all',
    purpose: speak,
    events: [sent(), accepted(), disconnected(4, null, null), createFailed(4.1, 603, 0)],
    asked: [],
    then: { ...over, disposition: 'declined', cause: 'declined', code: 603 },
    wakesAt: null,
  },
  {
    title: 'keeps what it knows of an answered call, though no cause is told',
    purpose: speak,
    events: [...answered(), spoken(17, 'message'), disconnected(18, null, null)],
    asked: ['speak message', 'hangUp'],
    then: { ...over, disposition: 'answered', cause: 'messageDelivered', code: null },
    wakesAt: null,
  },

  // Escalations.
  {
    title:
      'speaks an escalation three times with 8 s of silence between, then hangs up: an answer is not an acknowledgement',
    purpose: escalate,
    events: [
      ...answered(),
      spoken(15, 'message'),
      deadline,
      spoken(33, 'message2'),
      deadline,
      spoken(51, 'message3'),
      deadline,
      disconnected(60),
    ],
    asked: ['speak message', 'listen', 'speak message2', 'speak message3', 'hangUp'],
    then: { ...over, disposition: 'answered', cause: 'answeredNotAcknowledged' },
    wakesAt: null,
  },
  {
    title: 'listens for a key for 8 s after each message',
    purpose: escalate,
    events: [...answered(), spoken(15, 'message')],
    asked: ['speak message', 'listen'],
    then: { status: 'connected' },
    wakesAt: 23,
  },
  {
    title: 'confirms the acknowledgement by voice, then hangs up',
    purpose: escalate,
    events: [
      ...answered(),
      key(9, 'one', 1),
      acknowledged(9),
      notSpoken(9.1, 'message', 400, 8508),
      spoken(12, 'acknowledged'),
      disconnected(13),
    ],
    asked: ['speak message', 'listen', 'speak acknowledged', 'hangUp'],
    then: { ...over, disposition: 'acknowledged', cause: 'acknowledged' },
    wakesAt: null,
  },
  {
    title:
      'hangs up within ten seconds of an acknowledgement, also if the confirmation is not heard of again',
    purpose: escalate,
    events: [...answered(), acknowledged(9), deadline],
    asked: ['speak message', 'listen', 'speak acknowledged', 'hangUp'],
    then: { status: 'connected' },
    wakesAt: 27,
  },
  {
    title: 'tells a callee who is connected that somebody else has it, and hangs up within ten seconds',
    purpose: escalate,
    events: [...answered(), takenOver(9), notSpoken(9.1, 'message', 400, 8508), deadline],
    asked: ['speak message', 'listen', 'speak takenOver', 'hangUp'],
    then: { status: 'connected' },
    wakesAt: 27,
  },
  {
    title: 'keeps a callee on the line for 30 s who cannot be spoken to, to look at the card',
    purpose: escalate,
    events: [...answered(), playRefused(5, 'message', 0, 8567)],
    asked: ['speak message', 'listen'],
    then: { status: 'connected' },
    wakesAt: 35,
  },
  {
    title: '… and hangs up then',
    purpose: escalate,
    events: [...answered(), playRefused(5, 'message', 0, 8567), deadline, hangUpConfirmed(36)],
    asked: ['speak message', 'listen', 'hangUp'],
    then: { ...over, disposition: 'answered', cause: 'answeredNotAcknowledged' },
    wakesAt: null,
  },
];

describe('the life of a call', () => {
  describe('a call', () => {
    for (const { title, purpose, events, asked, then, wakesAt } of stories) {
      it(`${purpose.kind}: ${title}`, () => {
        const story = new Story(purpose).tell(events);
        assert.deepEqual(story.effects, asked);
        const { view } = story;
        assert.deepEqual({ ...view, ...then }, view);
        assert.equal(story.wakesAt, wakesAt);
      });
    }
  });

  /** Told `comesAt`, of something long before. What is asked for then has all its time. */
  const late: readonly {
    title: string;
    purpose: Purpose;
    before: CallEvent[];
    event: CallEvent;
    comesAt: number;
    asked: string[];
    wakesAt: number;
  }[] = [
    {
      title: 'the answer',
      purpose: speak,
      before: [sent(), accepted()],
      event: connected(5),
      comesAt: 300,
      asked: ['speak message'],
      wakesAt: 349.8,
    },
    {
      title: 'the answer to a test call',
      purpose: test,
      before: [sent(), accepted()],
      event: connected(5),
      comesAt: 300,
      asked: ['speak message'],
      wakesAt: 345,
    },
    {
      title: 'the answer of somebody who is to be connected',
      purpose: connect,
      before: [sent(), accepted()],
      event: connected(5),
      comesAt: 300,
      asked: ['speak connecting'],
      wakesAt: 345,
    },
    {
      title: 'the answer to an alert',
      purpose: escalate,
      before: [sent(), accepted()],
      event: connected(5),
      comesAt: 300,
      asked: ['speak message', 'listen'],
      wakesAt: 349.8,
    },
    {
      title: 'the answer to an alert that somebody else has by now',
      purpose: escalate,
      before: [sent(), accepted(), takenOver(9)],
      event: connected(5),
      comesAt: 300,
      asked: ['speak takenOver', 'listen'],
      wakesAt: 308,
    },
    {
      title: 'the answer of somebody who has acknowledged in the meantime',
      purpose: escalate,
      before: [sent(), accepted(), acknowledged(9)],
      event: connected(5),
      comesAt: 300,
      asked: ['speak acknowledged', 'listen'],
      wakesAt: 308,
    },
    {
      title: 'that a transfer failed',
      purpose: connect,
      before: [...answered(), spoken(9, 'connecting')],
      event: transferFailed(15),
      comesAt: 300,
      asked: ['speak connecting', 'transfer', 'speak transferFailed'],
      wakesAt: 345,
    },
    {
      title: 'that the greeting before a transfer was heard',
      purpose: connect,
      before: answered(),
      event: spoken(9, 'connecting'),
      comesAt: 300,
      asked: ['speak connecting', 'transfer'],
      wakesAt: 375,
    },
    {
      title: 'that the message was heard',
      purpose: speak,
      before: answered(),
      event: spoken(17, 'message'),
      comesAt: 300,
      asked: ['speak message', 'hangUp'],
      wakesAt: 310,
    },
    {
      title: 'the first message to an alert, though it was spoken minutes ago',
      purpose: escalate,
      before: answered(),
      event: spoken(17, 'message'),
      comesAt: 300,
      asked: ['speak message', 'listen', 'speak message2'],
      wakesAt: 349.8,
    },
  ];
  for (const { title, purpose, before, event, comesAt, asked, wakesAt } of late) {
    it(`gives what it asks for all its time when it learns late: ${title}`, () => {
      const story = new Story(purpose).tell(before).take(event, at(comesAt));
      assert.deepEqual(story.effects, asked);
      assert.equal(story.wakesAt, wakesAt);
    });
  }

  it('tells in the timeline when it was answered, and when it was spoken to', () => {
    const { call } = new Story(speak).tell([sent(), accepted()]);
    const { timeline } = apply(call, connected(5), at(40));
    assert.deepEqual(timeline, [
      { at: at(5), type: 'connected' },
      { at: at(40), type: 'speaking', data: { context: 'message' } },
    ]);
  });

  it('waits the longer the more there is to say, but never longer than ten minutes', () => {
    const limit = (message: string): number | null =>
      new Story({ kind: 'speak', message }).tell(answered(0)).wakesAt;
    assert.equal(limit(''), 45);
    assert.equal(limit('x'.repeat(1_000)), 345);
    assert.equal(limit('x'.repeat(10_000)), 600);
  });

  it('tells keys once each, and keeps them in the order in which they were pressed', () => {
    const story = new Story(escalate).tell([
      ...answered(),
      key(8, 'two', 2),
      key(7, 'one', 1),
      key(8, 'two', 2),
    ]);
    assert.deepEqual(story.tones, ['two', 'one']);
    assert.deepEqual(
      story.call.facts.tones?.map(({ tone }) => tone),
      ['one', 'two'],
    );
  });

  it('does nothing at a deadline that has been moved', () => {
    const story = new Story(speak).tell(answered());
    const before = story.call;
    story.take({ type: 'wake', at: at(45) });
    assert.deepEqual(story.call, before);
    assert.deepEqual(story.effects, ['speak message']);
  });

  it('tells the timeline once, whatever is delivered again', () => {
    const events = [...answered(), spoken(17, 'message'), hangUpConfirmed(17.2), disconnected(17.5)];
    const once = new Story(speak).tell(events).timeline;
    const twice = new Story(speak).tell([...events, ...events]).timeline;
    assert.deepEqual(twice, once);
    assert.deepEqual(once, ['dialing', 'accepted', 'connected', 'speaking', 'messageSpoken', 'ended']);
  });

  it('tells in the timeline that it was answered, also if the event that says so is late or lost', () => {
    const story = new Story(speak).tell([sent(), accepted(), spoken(17, 'message'), connected(5)]);
    assert.deepEqual(story.timeline, ['dialing', 'accepted', 'connected', 'messageSpoken']);
    assert.equal(story.view.connectedAt, at(5));
    const key1 = new Story(escalate).tell([sent(), accepted(), key(8, 'one', 1)]);
    assert.deepEqual(key1.timeline, ['dialing', 'accepted', 'connected', 'key', 'speaking']);
  });

  it('leaves the end out of the timeline when it is only confirmed, and tells when it was another', () => {
    const story = new Story(speak).tell([sent(), accepted(), hangUp(45, 'timeout'), hangUpConfirmed(46)]);
    assert.equal(story.view.disposition, 'no_answer');
    story.take(disconnected(46.2, 603, 0));
    assert.deepEqual(story.timeline.slice(-2), ['ended', 'corrected']);
    assert.equal(story.ends, 1);
  });

  it('does not write into the timeline of a cancelled call that it is dialled', () => {
    const story = new Story(speak).tell([hangUp(-0.5), sent()]);
    assert.deepEqual(story.timeline, ['hangUpRequested', 'ended']);
  });

  it('tells that an end was announced again only for a call that was found again', () => {
    const story = new Story(speak).tell([sent(), unknown(30), connected(34), disconnected(36)]);
    assert.equal(story.ends, 2);
    assert.equal(story.foundAgain, 1);
    assert.equal(secondsOf(story.view.endedAt ?? ''), 36);
  });
});
