import type { Cause } from './call.ts';

/**
 * Whether to call the same person again, and when.
 *
 * - `atOnce`: the next attempt may reach them.
 * - `afterPause`: they are on the phone; give them a moment.
 * - `afterRinging`: the service did not say whether it placed the call. Wait until the phone cannot ring any more.
 * - `onRequest`: only if a person asks for it. An escalation calls the next person.
 * - `never`: calling again does not help, or is not needed.
 */
export type CallAgain = 'atOnce' | 'afterPause' | 'afterRinging' | 'onRequest' | 'never';

const rules: Readonly<Record<Cause, CallAgain>> = {
  // What the call was for is done, or a person decided.
  messageDelivered: 'onRequest',
  messageCutShort: 'onRequest',
  messageStopped: 'onRequest',
  messageNotConfirmed: 'onRequest',
  connectedToCaller: 'onRequest',
  answeredAndHungUp: 'onRequest',
  testAnswered: 'onRequest',
  talked: 'onRequest',
  talkedPageSilent: 'onRequest',
  acknowledged: 'never',
  // Voicemail, a child or silence does not acknowledge.
  answeredNotAcknowledged: 'atOnce',

  declined: 'onRequest',
  noAnswer: 'atOnce',
  busy: 'afterPause',
  notRegistered: 'onRequest',
  registeredButOffline: 'onRequest',
  acceptedElsewhere: 'atOnce',
  numberNotFound: 'onRequest',

  cancelledByRequester: 'onRequest',
  cancelledByOperator: 'onRequest',
  cancelledByEscalation: 'onRequest',
  madeWayForAlert: 'onRequest',
  linkNotUsed: 'onRequest',

  // Not allowed, until an administrator changes a setting.
  federationNotAllowed: 'never',
  enterpriseVoiceOrSource: 'never',
  personalAccount: 'never',
  blockedAsSpam: 'never',
  forbidden: 'never',
  insufficientPermission: 'never',
  tenantMismatch: 'never',
  sourceIdentityInvalid: 'never',
  unauthorisedInterop: 'never',
  unauthenticated: 'never',
  phoneRule: 'never',
  // Somebody may ask for it later; an escalation does not wait for that.
  phoneLimit: 'onRequest',

  // Faults. Codes do not tell well which of them last, so an escalation uses its tries.
  messageNotSpoken: 'atOnce',
  speechNotConfigured: 'atOnce',
  speechNotLinked: 'atOnce',
  speechThrottled: 'atOnce',
  transferFailed: 'atOnce',
  invalidArgument: 'atOnce',
  notFound: 'atOnce',
  unsupported: 'atOnce',
  conflict: 'atOnce',
  throttled: 'atOnce',
  maxDuration: 'atOnce',
  setupFailed: 'atOnce',
  serviceFault: 'atOnce',
  noConfirmation: 'atOnce',
  causeNotTold: 'atOnce',
  lostContact: 'atOnce',
  pageSilent: 'atOnce',
  unknownFailure: 'atOnce',
  outcomeUnknown: 'afterRinging',
};

/** The one rule for calling again: the ladder of escalations, the card of a call and the history ask it. */
export function callAgain(cause: Cause): CallAgain {
  return rules[cause];
}
