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
  /** All requests to the service, in order. */
  asked: string[];
  then: Partial<CallView>;
  /** The next deadline, in seconds since it was sent; null if there is none. */
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
      'is dialling from the moment that createCall is sent, and is given up 2 s after the 30 s of its repeatability',
    purpose: speak,
    events: [sent()],
    asked: [],
    then: { status: 'dialing' },
    wakesAt: 32,
  },
  {
    title: 'rings until the ring timeout once the service has accepted it',
    purpose: speak,
    events: [sent(), accepted()],
    asked: [],
    then: { status: 'dialing' },
    wakesAt: 45.5,
  },
  {
    title: 'rings for the full timeout even if the service accepted the call only after 20 s',
    purpose: speak,
    events: [sent(), accepted(20)],
    asked: [],
    then: { status: 'dialing' },
    wakesAt: 65,
  },
  {
    title: 'speaks when the callee answers, for at most as long as the message can take',
    purpose: speak,
    events: answered(5),
    asked: ['speak message'],
    then: { status: 'connected', connectedAt: at(5) },
    wakesAt: 54.8,
  },
  {
    title: 'hangs up after the message, and ends when that is confirmed',
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
    title: 'is hung up if the end of the message is never reported',
    purpose: speak,
    events: [...answered(), deadline],
    asked: ['speak message', 'hangUp'],
    then: { status: 'connected' },
    wakesAt: 64.8,
  },
  {
    title: 'says that the message was not spoken if playing fails',
    purpose: speak,
    events: [...answered(), notSpoken(6, 'message', 400, 8535), hangUpConfirmed(7)],
    asked: ['speak message', 'hangUp'],
    then: { ...over, disposition: 'failed', cause: 'messageNotSpoken' },
    wakesAt: null,
  },
  {
    title: 'says that speech is not linked if the service may not use it',
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
    title: 'says that speech is not configured if there is no speech service',
    purpose: speak,
    events: [...answered(), playRefused(5, 'message', 0, 8567), hangUpConfirmed(6)],
    asked: ['speak message', 'hangUp'],
    then: { ...over, disposition: 'failed', cause: 'speechNotConfigured' },
    wakesAt: null,
  },
  {
    title: 'says that a test call was answered',
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
    title: 'is not allowed if a failure says so seconds after the 201',
    purpose: speak,
    events: [sent(), accepted(), createFailed(3, 403, 10124)],
    asked: [],
    then: { ...over, disposition: 'not_allowed', cause: 'federationNotAllowed' },
    wakesAt: null,
  },
  {
    title: 'is not answered: Ringdown hangs up at its own timeout, and the service confirms',
    purpose: speak,
    events: [
      sent(),
      accepted(),
      deadline,
      probed(45.6, 'connecting'),
      hangUpConfirmed(45.8),
      disconnected(46, 487, 0),
    ],
    asked: ['probe', 'hangUp'],
    then: { ...over, disposition: 'no_answer', cause: 'noAnswer' },
    wakesAt: null,
  },
  {
    title: 'was declined at the moment of our own timeout: what the callee did counts',
    purpose: speak,
    events: [
      sent(),
      accepted(),
      deadline,
      probed(45.6, 'connecting'),
      hangUpConfirmed(45.8),
      disconnected(45.4, 603, 0),
    ],
    asked: ['probe', 'hangUp'],
    then: { ...over, disposition: 'declined' },
    wakesAt: null,
  },
  {
    title: 'was answered but no event said so: Ringdown asks the service before it hangs up, and believes it',
    purpose: speak,
    events: [sent(), accepted(), deadline, probed(45.6, 'connected'), spoken(50, 'message')],
    asked: ['probe', 'speak message', 'hangUp'],
    then: { status: 'connected' },
    wakesAt: 60,
  },
  {
    title: 'is answered at the moment when the service is asked',
    purpose: speak,
    events: [sent(), accepted(), deadline, connected(45.55), probed(45.6, 'connecting')],
    asked: ['probe', 'speak message'],
    then: { status: 'connected' },
    wakesAt: 95.35,
  },
  {
    title: 'is hung up if the service does not know whether it was answered',
    purpose: speak,
    events: [sent(), accepted(), deadline, probed(45.6, 'unknown'), hangUpConfirmed(45.8)],
    asked: ['probe', 'hangUp'],
    then: { ...over, disposition: 'no_answer', cause: 'noAnswer' },
    wakesAt: null,
  },
  {
    title: 'is hung up 3 s later at the latest, even if the question is lost',
    purpose: speak,
    events: [sent(), accepted(), deadline, deadline, hangUpConfirmed(49)],
    asked: ['probe', 'hangUp'],
    then: { ...over, disposition: 'no_answer', cause: 'noAnswer' },
    wakesAt: null,
  },
  {
    title: 'was answered, and the process died with the question: the next one asks again before it hangs up',
    purpose: speak,
    events: [sent(), accepted(), deadline, { type: 'wake', at: at(80) }, probed(80.5, 'connected')],
    asked: ['probe', 'probe', 'speak message'],
    then: { status: 'connected' },
    wakesAt: 130.3,
  },
  {
    title: 'is asked about three times at most, however often the process dies',
    purpose: speak,
    events: [
      sent(),
      accepted(),
      deadline,
      { type: 'wake', at: at(80) },
      { type: 'wake', at: at(120) },
      { type: 'wake', at: at(160) },
      hangUpConfirmed(161),
    ],
    asked: ['probe', 'probe', 'probe', 'hangUp'],
    then: { ...over, disposition: 'no_answer', cause: 'noAnswer' },
    wakesAt: null,
  },
  {
    title: 'is over by then but no event said so: the cause stays open',
    purpose: speak,
    events: [sent(), accepted(), deadline, probed(45.6, 'gone')],
    asked: ['probe'],
    then: { ...over, disposition: 'failed', cause: 'lostContact' },
    wakesAt: null,
  },
  {
    title: 'counts as answered from the first event about speech',
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
    title: 'is cancelled before it was sent: there is nothing to hang up',
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
    title: 'is cancelled while createCall is under way: the hang-up waits for the connection id',
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
    title: 'is cancelled while it rings',
    purpose: speak,
    events: [sent(), accepted(), hangUp(3, 'operator'), hangUpConfirmed(3.2), disconnected(3.4, 487, 0)],
    asked: ['hangUp'],
    then: { ...over, disposition: 'cancelled', cause: 'cancelledByOperator' },
    wakesAt: null,
  },
  {
    title: 'is stopped during the message',
    purpose: speak,
    events: [...answered(), hangUp(8), notSpoken(8.1, 'message', 400, 8508), disconnected(8.3)],
    asked: ['speak message', 'hangUp'],
    then: { ...over, disposition: 'answered', cause: 'messageStopped' },
    wakesAt: null,
  },
  {
    title:
      'is ended after the longest time that speaking can take, without a claim that the message was heard',
    purpose: speak,
    events: [...answered(), deadline, hangUpConfirmed(56)],
    asked: ['speak message', 'hangUp'],
    then: { ...over, disposition: 'answered', cause: 'messageNotConfirmed' },
    wakesAt: null,
  },
  {
    title: '… until the event says so',
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
    title: 'cannot be answered any more once the hang-up is under way',
    purpose: speak,
    events: [sent(), accepted(), hangUp(3), connected(3.1), hangUpConfirmed(3.3)],
    asked: ['hangUp'],
    then: { ...over, disposition: 'answered', cause: 'messageStopped' },
    wakesAt: null,
  },
  {
    title: 'is declined on the card in Teams',
    purpose: escalate,
    events: [sent(), accepted(), hangUp(3, 'callee'), hangUpConfirmed(4)],
    asked: ['hangUp'],
    then: { ...over, disposition: 'declined' },
    wakesAt: null,
  },
  {
    title: 'is cancelled because another person acknowledged',
    purpose: escalate,
    events: [sent(), accepted(), hangUp(3, 'escalation'), hangUpConfirmed(4)],
    asked: ['hangUp'],
    then: { ...over, disposition: 'cancelled', cause: 'cancelledByEscalation' },
    wakesAt: null,
  },

  // Events and answers that cross.
  {
    title: 'takes events that come before the answer to createCall',
    purpose: speak,
    events: [sent(), connected(0.2), spoken(9, 'message'), accepted(9.1), disconnected(10)],
    asked: ['speak message', 'hangUp'],
    then: { ...over, disposition: 'answered', cause: 'messageDelivered', connectedAt: at(0.2) },
    wakesAt: null,
  },
  {
    title: 'ended before the answer to createCall',
    purpose: speak,
    events: [sent(), createFailed(2, 403, 10391), accepted(2.1)],
    asked: [],
    then: { ...over, disposition: 'not_allowed', cause: 'enterpriseVoiceOrSource' },
    wakesAt: null,
  },
  {
    title: 'finds a call whose answer was lost by its first event of any kind',
    purpose: speak,
    events: [sent(), participants(4)],
    asked: [],
    then: { status: 'dialing' },
    wakesAt: 45,
  },
  {
    title: 'is given up with an unknown outcome',
    purpose: speak,
    events: [sent(), unknown(30)],
    asked: [],
    then: { ...over, disposition: 'failed', cause: 'outcomeUnknown', endedAt: at(30) },
    wakesAt: null,
  },
  {
    title: 'is given up by its deadline if the dial job was lost',
    purpose: speak,
    events: [sent(), deadline],
    asked: [],
    then: { ...over, disposition: 'failed', cause: 'outcomeUnknown', endedAt: at(32) },
    wakesAt: null,
  },
  {
    title: 'is found again after it was given up, and goes on',
    purpose: speak,
    events: [sent(), unknown(30), connected(34), spoken(40, 'message'), disconnected(41)],
    asked: ['speak message', 'hangUp'],
    then: { ...over, disposition: 'answered', cause: 'messageDelivered' },
    wakesAt: null,
  },
  {
    title: 'carries out the hang-up that was requested while the outcome was unknown',
    purpose: speak,
    events: [sent(), hangUp(5), unknown(30), connected(34)],
    asked: ['hangUp'],
    then: { status: 'connected' },
    wakesAt: 44,
  },
  {
    title:
      'was accepted without an id and sends no event: it is given up after our own timeout and the unanswered questions',
    purpose: speak,
    events: [sent(), accepted(1, null), ...Array<typeof deadline>(8).fill(deadline)],
    asked: [],
    then: { ...over, disposition: 'no_answer' },
    wakesAt: null,
  },
  {
    title:
      '… and is hung up if its first event comes after all, so that the callee does not listen to silence',
    purpose: speak,
    events: [sent(), accepted(1, null), ...Array<typeof deadline>(8).fill(deadline), connected(400)],
    asked: ['hangUp'],
    then: { ...over },
    wakesAt: null,
  },

  // Hang-ups that are not confirmed.
  {
    title: 'asks the service about a hang-up that is not confirmed',
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
    title: 'ends by our own decision if no question is answered',
    purpose: speak,
    events: [sent(), accepted(), hangUp(3), ...Array<typeof deadline>(7).fill(deadline)],
    asked: ['hangUp', ...Array<string>(6).fill('probe')],
    then: { ...over, disposition: 'cancelled', code: null },
    wakesAt: null,
  },

  // Connecting to the requester.
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
    title: 'is connected even if only the end of our own leg says so',
    purpose: connect,
    events: [...answered(), spoken(9, 'connecting'), transferSent(9.2), disconnected(12.5, 200, 7015)],
    asked: ['speak connecting', 'transfer'],
    then: { ...over, disposition: 'connected_to_caller' },
    wakesAt: null,
  },
  {
    title: 'is connected even if the end of our own leg comes first',
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
    title: 'transfers even if the greeting could not be spoken',
    purpose: connect,
    events: [...answered(), playRefused(5.1, 'connecting', 0, 8567), transferSent(5.3), transferAccepted(7)],
    asked: ['speak connecting', 'transfer'],
    then: { status: 'connected' },
    wakesAt: 80.1,
  },
  {
    title: 'tells the callee that the transfer failed, and hangs up',
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
    title: 'hangs up if even that cannot be said',
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
    title: 'goes on although the repeated createCall was refused',
    purpose: speak,
    events: [sent(), accepted(), refused(1, 409, 8519), connected(4)],
    asked: ['speak message'],
    then: { status: 'connected' },
    wakesAt: 53.8,
  },
  {
    title: 'is found again if a refusal came before the answer to the first createCall',
    purpose: speak,
    events: [sent(), refused(1, 409, 8519), accepted(2)],
    asked: [],
    then: { status: 'dialing', disposition: null },
    wakesAt: 47,
  },
  {
    title: 'ends as the service says, whatever the earlier refusal of createCall was',
    purpose: speak,
    events: [sent(), refused(1, 403, 10124), createFailed(3, 486, 560486)],
    asked: [],
    then: { ...over, disposition: 'busy', cause: 'busy', code: 486 },
    wakesAt: null,
  },
  {
    title: 'keeps a successful transfer if its repetition after a crash was refused',
    purpose: connect,
    events: [...answered(), spoken(9, 'connecting'), transferAccepted(12), transferRefused(13)],
    asked: ['speak connecting', 'transfer'],
    then: { status: 'connected' },
    wakesAt: 84,
  },
  {
    title: 'asks the service about a transfer without an event',
    purpose: connect,
    events: [...answered(), spoken(9, 'connecting'), transferSent(9.2), deadline, probed(84.5, 'gone')],
    asked: ['speak connecting', 'transfer', 'probe'],
    then: { ...over, disposition: 'answered', cause: 'answeredAndHungUp' },
    wakesAt: null,
  },
  {
    title: 'waits for the event of a transfer although its own leg is gone',
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
    title: 'has time to tell the callee about a transfer that failed after that question',
    purpose: connect,
    events: [...answered(), spoken(9, 'connecting'), transferSent(9.2), deadline, transferFailed(90)],
    asked: ['speak connecting', 'transfer', 'probe', 'speak transferFailed'],
    then: { status: 'connected' },
    wakesAt: 135,
  },
  {
    title: 'is answered and hung up if the callee does not wait for the transfer',
    purpose: connect,
    events: [...answered(), disconnected(8, 200, 0)],
    asked: ['speak connecting'],
    then: { ...over, disposition: 'answered', cause: 'answeredAndHungUp' },
    wakesAt: null,
  },

  // Ends without a cause from the service.
  {
    title: 'ends without a cause if the service gave none: neither cancelled nor answered',
    purpose: escalate,
    events: [sent(), accepted(), disconnected(4, null, null)],
    asked: [],
    then: { ...over, disposition: 'failed', cause: 'causeNotTold', code: null, subCode: null },
    wakesAt: null,
  },
  {
    title: 'counts as not answered if we hung up, even without a result',
    purpose: escalate,
    events: [sent(), accepted(), hangUp(45, 'timeout'), disconnected(46, null, null)],
    asked: ['hangUp'],
    then: { ...over, disposition: 'no_answer', cause: 'noAnswer', code: null },
    wakesAt: null,
  },
  {
    title: 'counts as cancelled if the requester hung up, even without a result',
    purpose: speak,
    events: [sent(), accepted(), hangUp(20), disconnected(21, null, null)],
    asked: ['hangUp'],
    then: { ...over, disposition: 'cancelled', cause: 'cancelledByRequester', code: null },
    wakesAt: null,
  },
  {
    title: 'has the cause that is reported later',
    purpose: speak,
    events: [sent(), accepted(), disconnected(4, null, null), createFailed(4.1, 603, 0)],
    asked: [],
    then: { ...over, disposition: 'declined', cause: 'declined', code: 603 },
    wakesAt: null,
  },
  {
    title: 'keeps what it knows about an answered call, even without a result',
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
    title: 'hangs up within ten seconds of an acknowledgement, even if the confirmation gets no event',
    purpose: escalate,
    events: [...answered(), acknowledged(9), deadline],
    asked: ['speak message', 'listen', 'speak acknowledged', 'hangUp'],
    then: { status: 'connected' },
    wakesAt: 27,
  },
  {
    title: 'tells a connected callee that another person has it, and hangs up within ten seconds',
    purpose: escalate,
    events: [...answered(), takenOver(9), notSpoken(9.1, 'message', 400, 8508), deadline],
    asked: ['speak message', 'listen', 'speak takenOver', 'hangUp'],
    then: { status: 'connected' },
    wakesAt: 27,
  },
  {
    title: 'keeps a callee on the line for 30 s if speech fails, to look at the card',
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

  /** An event that comes at `comesAt`, long after it happened. The requests that follow have their full time. */
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
      title: 'the answer of a callee who is to be connected',
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
      title: 'the answer to an alert that another person has by now',
      purpose: escalate,
      before: [sent(), accepted(), takenOver(9)],
      event: connected(5),
      comesAt: 300,
      asked: ['speak takenOver', 'listen'],
      wakesAt: 308,
    },
    {
      title: 'the answer of a callee who has acknowledged meanwhile',
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
      title: 'the first message of an alert, spoken minutes ago',
      purpose: escalate,
      before: answered(),
      event: spoken(17, 'message'),
      comesAt: 300,
      asked: ['speak message', 'listen', 'speak message2'],
      wakesAt: 349.8,
    },
  ];
  for (const { title, purpose, before, event, comesAt, asked, wakesAt } of late) {
    it(`gives its requests their full time after a late event: ${title}`, () => {
      const story = new Story(purpose).tell(before).take(event, at(comesAt));
      assert.deepEqual(story.effects, asked);
      assert.equal(story.wakesAt, wakesAt);
    });
  }

  it('has the times of the answer and of the message in its timeline', () => {
    const { call } = new Story(speak).tell([sent(), accepted()]);
    const { timeline } = apply(call, connected(5), at(40));
    assert.deepEqual(timeline, [
      { at: at(5), type: 'connected' },
      { at: at(40), type: 'speaking', data: { context: 'message' } },
    ]);
  });

  it('waits longer for a longer message, but never longer than ten minutes', () => {
    const limit = (message: string): number | null =>
      new Story({ kind: 'speak', message }).tell(answered(0)).wakesAt;
    assert.equal(limit(''), 45);
    assert.equal(limit('x'.repeat(1_000)), 345);
    assert.equal(limit('x'.repeat(10_000)), 600);
  });

  it('reports each key once, and keeps them in the order in which they were pressed', () => {
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

  it('does nothing at a deadline that has moved', () => {
    const story = new Story(speak).tell(answered());
    const before = story.call;
    story.take({ type: 'wake', at: at(45) });
    assert.deepEqual(story.call, before);
    assert.deepEqual(story.effects, ['speak message']);
  });

  it('writes each entry of the timeline once, whatever is delivered again', () => {
    const events = [...answered(), spoken(17, 'message'), hangUpConfirmed(17.2), disconnected(17.5)];
    const once = new Story(speak).tell(events).timeline;
    const twice = new Story(speak).tell([...events, ...events]).timeline;
    assert.deepEqual(twice, once);
    assert.deepEqual(once, ['dialing', 'accepted', 'connected', 'speaking', 'messageSpoken', 'ended']);
  });

  it('writes the answer into the timeline even if its event is late or lost', () => {
    const story = new Story(speak).tell([sent(), accepted(), spoken(17, 'message'), connected(5)]);
    assert.deepEqual(story.timeline, ['dialing', 'accepted', 'connected', 'messageSpoken']);
    assert.equal(story.view.connectedAt, at(5));
    const key1 = new Story(escalate).tell([sent(), accepted(), key(8, 'one', 1)]);
    assert.deepEqual(key1.timeline, ['dialing', 'accepted', 'connected', 'key', 'speaking']);
  });

  it('writes a second end into the timeline only if it was different', () => {
    const story = new Story(speak).tell([sent(), accepted(), hangUp(45, 'timeout'), hangUpConfirmed(46)]);
    assert.equal(story.view.disposition, 'no_answer');
    story.take(disconnected(46.2, 603, 0));
    assert.deepEqual(story.timeline.slice(-2), ['ended', 'corrected']);
    assert.equal(story.ends, 1);
  });

  it('does not write that a cancelled call is dialled', () => {
    const story = new Story(speak).tell([hangUp(-0.5), sent()]);
    assert.deepEqual(story.timeline, ['hangUpRequested', 'ended']);
  });

  it('announces another end only for a call that was found again', () => {
    const story = new Story(speak).tell([sent(), unknown(30), connected(34), disconnected(36)]);
    assert.equal(story.ends, 2);
    assert.equal(story.foundAgain, 1);
    assert.equal(secondsOf(story.view.endedAt ?? ''), 36);
  });
});
