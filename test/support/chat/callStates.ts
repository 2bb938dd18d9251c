import type { CallEvent, Purpose } from '../../../src/calls/call.ts';
import { connect, ended, happen, notSpoken, refused, speak, spoken } from './calls.ts';

const { sent, accepted, answered } = happen;
const calling = [sent, accepted];
const talking = [sent, accepted, answered];
const escalate: Purpose = {
  kind: 'escalate',
  escalationId: 'esc_1',
  message: 'Checkout errors',
  step: 1,
  test: false,
};

const talked = { ...answered, callConnectionId: null, serverCallId: null, correlationId: null };

/** Every state of a call that people see: how it was reached, what the card says and which buttons it has. */
export const callStates: readonly [
  name: string,
  purpose: Purpose,
  events: readonly CallEvent[],
  state: string,
  color: string,
  buttons: readonly string[],
][] = [
  ['queued', speak, [], 'Placing the call …', 'Default', ['Hang up']],
  ['paused', speak, [happen.paused], 'Waiting …', 'Warning', ['Hang up']],
  ['dialing', speak, calling, 'Calling …', 'Default', ['Hang up']],
  ['speaking', speak, talking, 'Speaking the message …', 'Good', ['Hang up']],
  ['spoken', speak, [...talking, spoken('message')], 'Hanging up …', 'Default', []],
  ['connecting', connect, talking, 'Connecting …', 'Good', ['Hang up']],
  ['transferring', connect, [...talking, spoken('connecting')], 'Connecting …', 'Good', ['Hang up']],
  ['transferFailedTelling', connect, [...talking, spoken('connecting'), happen.transferFailed], 'Connected', 'Good', ['Hang up']],
  ['hangingUp', speak, [...calling, happen.hangUp], 'Hanging up …', 'Default', []],
  ['test', { kind: 'test' }, calling, 'Calling …', 'Default', ['Hang up']],
  ['escalation', escalate, calling, 'Calling …', 'Default', ['Hang up']],
  ['invited', { kind: 'talk' }, [], 'Waiting for you to join', 'Warning', ['New link', 'Leave a message', 'Cancel']],
  ['talking', { kind: 'talk' }, [sent, talked], 'Connected', 'Good', ['Hang up']],
  ['talkedFromBrowser', { kind: 'talk' }, [sent, talked, { type: 'talkLeft', at: talked.at }], 'Connected', 'Good', ['Call again']],

  ['messageDelivered', speak, [...talking, spoken('message'), happen.hungUp, ended(200, 7000)], 'Answered', 'Good', ['Call again']],
  ['messageCutShort', speak, [...talking, ended(200, 5010)], 'Answered', 'Good', ['Call again']],
  ['messageStopped', speak, [...talking, happen.hangUp, happen.hungUp], 'Answered', 'Good', ['Call again']],
  ['messageNotConfirmed', speak, [...talking, happen.rang, happen.hungUp], 'Answered', 'Good', ['Call again']],
  ['testAnswered', { kind: 'test' }, [...talking, spoken('message'), ended(200, 7000)], 'Answered', 'Good', ['Call again']],
  ['connected', connect, [...talking, spoken('connecting'), happen.transferAccepted, ended(200, 7015)], 'Connected', 'Good', ['Call again']],
  ['acknowledged', escalate, [...talking, happen.acknowledged, ended(200, 7000)], 'Acknowledged', 'Good', []],
  ['notAcknowledged', escalate, [...talking, ended(200, 7000)], 'Answered', 'Good', []],
  ['answeredAndHungUp', connect, [...talking, ended(200, 5010)], 'Answered', 'Good', ['Call again', 'Call in Teams', 'Leave a message']],
  ['declined', speak, [...calling, ended(603, 0)], 'Declined', 'Warning', ['Call again']],
  ['declinedToConnect', connect, [...calling, ended(603, 0)], 'Declined', 'Warning', ['Call again', 'Call in Teams', 'Leave a message']],
  ['noAnswer', speak, [...calling, happen.rang, happen.hungUp], 'No answer', 'Warning', ['Call again']],
  ['busy', speak, [...calling, ended(486, 560486)], 'Busy', 'Warning', ['Call again']],
  ['notRegistered', speak, [...calling, ended(480, 10037)], 'Unreachable', 'Warning', ['Call again']],
  ['offline', speak, [...calling, ended(430, 10315)], 'Unreachable', 'Warning', ['Call again']],
  ['cancelled', speak, [...calling, happen.hangUp, happen.hungUp], 'Cancelled', 'Default', ['Call again']],
  ['federationNotAllowed', speak, [...calling, ended(403, 10124)], 'Not allowed', 'Attention', []],
  ['enterpriseVoice', connect, [...calling, ended(403, 10391)], 'Not allowed', 'Attention', ['Call in Teams']],
  ['blockedAsSpam', speak, [...calling, ended(403, 510403)], 'Not allowed', 'Attention', []],
  ['messageNotSpoken', speak, [...talking, notSpoken(400, 8536), ended(200, 7000)], 'Failed', 'Attention', ['Call again']],
  ['speechNotLinked', speak, [...talking, notSpoken(400, 8567), ended(200, 7000)], 'Failed', 'Attention', ['Call again']],
  ['transferFailed', connect, [...talking, spoken('connecting'), happen.transferFailed, ended(200, 7000, 40)], 'Failed', 'Attention', ['Call again', 'Call in Teams', 'Leave a message']],
  ['unauthenticated', speak, [sent, refused(401, 0)], 'Not allowed', 'Attention', []],
  ['serviceFault', speak, [sent, refused(500, 0)], 'Failed', 'Attention', ['Call again']],
  ['throttled', speak, [sent, refused(429, 0)], 'Failed', 'Attention', ['Call again']],
  ['outcomeUnknown', speak, [sent, happen.outcomeUnknown], 'Failed', 'Attention', ['Call again']],
  ['unknownFailure', speak, [...calling, ended(777, 99)], 'Failed', 'Attention', ['Call again']],
]; // prettier-ignore
