import type { Cause, Disposition, EndedBy } from './call.ts';

/**
 * What the service's result codes mean. Pure.
 *
 * Sources: Microsoft's lists of Call Automation codes, of call-end codes and of codes of the telephone network ("PSTN call
 * response codes"), and measurements on Teams users.
 * The lists print 200 and 0 for the same ends (200/7000 arrives as an event, the table says 0), hence the look-up
 * by sub-code alone.
 */

/** The sub-code of speech that was cut off: the call was hung up, or something else was to be said. */
export const PLAY_CANCELLED = 8508;

export interface CauseMeaning {
  disposition: Disposition;
  cause: Cause;
  /** 0..999. The more telling result wins over a vaguer one when a call has several. */
  weight: number;
}

/** What each cause means for a call that was never answered. One cause has one disposition. */
const meanings = {
  // Only a call that somebody answered is transferred: this proves the answer even if its event was lost.
  connectedToCaller: { disposition: 'connected_to_caller', weight: 900 },

  // What the callee, or the callee's phone, did.
  declined: { disposition: 'declined', weight: 800 },
  busy: { disposition: 'busy', weight: 800 },
  notRegistered: { disposition: 'unreachable', weight: 700 },
  registeredButOffline: { disposition: 'unreachable', weight: 710 },
  numberNotFound: { disposition: 'unreachable', weight: 720 },
  noAnswer: { disposition: 'no_answer', weight: 600 },
  // Somebody picked up on another phone, but no connection to us came of it: nobody heard anything. Neither an
  // answer nor the lack of one.
  acceptedElsewhere: { disposition: 'failed', weight: 500 },

  // Refused, by a rule that a person can change.
  federationNotAllowed: { disposition: 'not_allowed', weight: 850 },
  enterpriseVoiceOrSource: { disposition: 'not_allowed', weight: 850 },
  personalAccount: { disposition: 'not_allowed', weight: 850 },
  blockedAsSpam: { disposition: 'not_allowed', weight: 850 },
  insufficientPermission: { disposition: 'not_allowed', weight: 840 },
  tenantMismatch: { disposition: 'not_allowed', weight: 840 },
  sourceIdentityInvalid: { disposition: 'not_allowed', weight: 840 },
  unauthorisedInterop: { disposition: 'not_allowed', weight: 840 },
  unauthenticated: { disposition: 'not_allowed', weight: 840 },
  forbidden: { disposition: 'not_allowed', weight: 830 },
  phoneRule: { disposition: 'not_allowed', weight: 850 },

  // Faults.
  invalidArgument: { disposition: 'failed', weight: 550 },
  unsupported: { disposition: 'failed', weight: 550 },
  speechNotLinked: { disposition: 'failed', weight: 560 },
  speechThrottled: { disposition: 'failed', weight: 560 },
  throttled: { disposition: 'failed', weight: 550 },
  maxDuration: { disposition: 'failed', weight: 500 },
  setupFailed: { disposition: 'failed', weight: 500 },
  notFound: { disposition: 'failed', weight: 450 },
  conflict: { disposition: 'failed', weight: 440 },
  serviceFault: { disposition: 'failed', weight: 400 },

  // Ended from our side. Below all that says something of the callee: after our own hang-up both may arrive.
  cancelledByRequester: { disposition: 'cancelled', weight: 200 },

  // Says little.
  lostContact: { disposition: 'failed', weight: 150 },
  outcomeUnknown: { disposition: 'failed', weight: 150 },
  noConfirmation: { disposition: 'failed', weight: 120 },
  causeNotTold: { disposition: 'failed', weight: 110 },
  messageNotSpoken: { disposition: 'failed', weight: 100 },
  unknownFailure: { disposition: 'failed', weight: 50 },
} as const satisfies Partial<Record<Cause, Omit<CauseMeaning, 'cause'>>>;

type UnansweredCause = keyof typeof meanings;

/** `code/subCode`, where the pair says more than the sub-code alone, or the sub-code is too small to be unique. */
const byPair: Readonly<Record<string, UnansweredCause>> = {
  '401/10009': 'unauthenticated',
  '401/71005': 'unauthenticated',
  '495/4507': 'unauthenticated', // "application didn't provide valid token"
  '403/10124': 'federationNotAllowed', // measured
  '403/10391': 'enterpriseVoiceOrSource', // measured; also when no sourceIdentity was set
  '412/10119': 'personalAccount', // measured
  '403/510403': 'blockedAsSpam',
  '403/560403': 'forbidden',
  '403/5828': 'forbidden', // 5828..5830: Rooms
  '403/5829': 'forbidden',
  '403/5830': 'forbidden',
  '404/404': 'notFound',
  '404/4500': 'notFound',
  '404/8522': 'notFound',
  // Telephone network: "phone number not found", "incomplete or invalid callee number".
  '404/560404': 'numberNotFound',
  '404/511404': 'numberNotFound',
  '484/560484': 'numberNotFound',
  // "Missing configuration": the request needs something that is not set up, such as speech; the message says what.
  '405/8522': 'unsupported',
  '429/8565': 'speechThrottled', // the speech service's own HTTP status is the code
  '408/4506': 'setupFailed',
  '408/10057': 'setupFailed',
  '410/301004': 'setupFailed',
  '410/301005': 'setupFailed',
  '490/4502': 'setupFailed',
  '496/7': 'setupFailed',
  '429/10110': 'maxDuration',
  '430/10315': 'registeredButOffline', // 430: "Unable to deliver message to client application"
  '430/10317': 'registeredButOffline',
  '486/560486': 'busy',
  '486/60486': 'busy', // as the list of the telephone network prints it
  '480/560480': 'noAnswer',
  // The called network did not respond in time.
  '408/560408': 'noAnswer',
  '408/500001': 'noAnswer',
  '487/0': 'cancelledByRequester',
  '487/4501': 'cancelledByRequester',
  '487/540487': 'cancelledByRequester',
  '487/560487': 'cancelledByRequester',
  '497/560487': 'cancelledByRequester',
  '500/10045': 'serviceFault',
  '500/560500': 'serviceFault',
  '503/560503': 'serviceFault',
  '0/510403': 'phoneRule', // our own result: ACS_PHONE_NUMBER is not set
  '603/0': 'declined',
  '603/560603': 'declined', // or taken for fraud, or more calls at a time than the number may place

  // Ends with success of a call that was never answered. "Success" is the service's, not the caller's.
  '200/0': 'cancelledByRequester', // "ended by local participant": our side, though we did not ask for it
  '0/0': 'cancelledByRequester',
  // The remote phone ended the call. No event said that it was connected, so this is neither an answer nor a refusal.
  '0/560000': 'noConfirmation',
  '0/540000': 'noConfirmation',
};

/** Sub-codes that mean the same with every code. */
const bySubCode: Readonly<Record<number, UnansweredCause>> = {
  4521: 'lostContact', // "disconnected from the call abruptly"
  5000: 'cancelledByRequester', // 5000, 5300: removed by another participant or through the API
  5003: 'declined', // by all endpoints
  5010: 'noConfirmation', // the last participant left; no event said that anybody answered
  5013: 'noAnswer', // nobody joined
  5300: 'cancelledByRequester',
  7000: 'cancelledByRequester', // ended through Call Automation or by a server bot: with our rights
  7015: 'connectedToCaller', // ended because the transfer went through
  10003: 'acceptedElsewhere',
  10004: 'noAnswer', // rang for about two minutes, neither accepted nor rejected
  10024: 'declined', // by all endpoints
  10037: 'notRegistered',
  10076: 'registeredButOffline',
  10077: 'registeredButOffline',
  10078: 'notRegistered',

  7500: 'unauthenticated', // unsupported Entra identity
  7501: 'unauthenticated', // invalid token
  7502: 'insufficientPermission', // access not enabled
  7504: 'insufficientPermission',
  7505: 'tenantMismatch',
  7506: 'unauthenticated', // untrusted certificate
  7507: 'sourceIdentityInvalid',
  7508: 'sourceIdentityInvalid', // unsupported ACS identity
  7509: 'unauthenticated', // HMAC
  7510: 'unauthenticated', // managed identity
  7600: 'insufficientPermission', // resource access not enabled
  7601: 'sourceIdentityInvalid',
  7602: 'invalidArgument', // invalid ACS target identity
  7603: 'sourceIdentityInvalid',
  7604: 'unauthorisedInterop',
  7605: 'unauthorisedInterop', // recording
  7606: 'speechNotLinked', // resource not authorised for cognitive actions

  8500: 'conflict', // 8500, 8501, 8528, 8585: the call is not in a state for this
  8501: 'conflict',
  8508: 'cancelledByRequester',
  8516: 'throttled',
  8517: 'tenantMismatch',
  8518: 'serviceFault',
  8519: 'conflict',
  8520: 'unsupported',
  8522: 'notFound',
  8523: 'invalidArgument',
  8528: 'conflict',
  8529: 'throttled',
  8530: 'throttled',
  8537: 'lostContact', // keep-alive timed out
  8538: 'declined',
  8539: 'busy',
  8540: 'busy', // everywhere
  8541: 'notRegistered', // unavailable; threads show it with DiagCode 480#10076
  8542: 'cancelledByRequester',
  8543: 'notFound',
  8544: 'notRegistered', // unreachable
  8559: 'conflict',
  8565: 'speechNotLinked',
  8567: 'speechNotLinked',
  8568: 'speechNotLinked',
  8583: 'conflict',
  8585: 'conflict',

  // Results of playing and streaming. They cannot end a call that was never answered; if one arrives as the end all the
  // same, it says only that nothing was spoken.
  8511: 'messageNotSpoken',
  8512: 'messageNotSpoken',
  8535: 'messageNotSpoken',
  8536: 'messageNotSpoken',
  8564: 'messageNotSpoken',
  8572: 'messageNotSpoken',
  8581: 'messageNotSpoken',
  8582: 'messageNotSpoken',
  8584: 'messageNotSpoken',
  8603: 'messageNotSpoken',

  // Results of listening (keys, speech): nothing about the call itself.
  8510: 'noConfirmation',
  8514: 'noConfirmation',
  8531: 'noConfirmation',
  8532: 'noConfirmation',
  8533: 'noConfirmation',
  8534: 'noConfirmation',
  8545: 'noConfirmation',
  8547: 'noConfirmation',
  8563: 'noConfirmation',

  9001: 'serviceFault',
  9002: 'serviceFault',
  9003: 'cancelledByRequester',
  9998: 'serviceFault',
  9999: 'serviceFault',
};

/** By code alone, for unlisted sub-codes. */
const byCode: Readonly<Record<number, UnansweredCause>> = {
  400: 'invalidArgument',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'notFound',
  405: 'unsupported',
  408: 'setupFailed',
  409: 'conflict',
  410: 'setupFailed',
  412: 'conflict',
  413: 'invalidArgument',
  426: 'unsupported',
  429: 'throttled',
  430: 'registeredButOffline',
  480: 'notRegistered',
  481: 'serviceFault', // "failed to handle incoming call"
  484: 'invalidArgument',
  486: 'busy',
  487: 'cancelledByRequester',
  490: 'setupFailed', // 490..498: network of an endpoint
  491: 'setupFailed',
  495: 'unauthenticated',
  496: 'setupFailed',
  497: 'setupFailed',
  498: 'setupFailed',
  603: 'declined',
};

/**
 * What a result of the service means for a call that was never answered. (For an answered call the facts tell more than
 * the codes.)
 *
 * @param by where the result came from: an HTTP answer to `createCall` ("refused") means other things than an event
 */
export function meaningOf(
  result: { code: number | null; subCode: number | null },
  by: EndedBy,
): CauseMeaning {
  const { code, subCode } = result;
  // A successful answer that could not be read. The call may be under way.
  if (by === 'refused' && code !== null && code >= 200 && code < 300) return meaning('outcomeUnknown', 0);

  const pair = byPair[`${code}/${subCode ?? 0}`];
  if (pair) return meaning(pair, 0);
  const sub = subCode === null ? undefined : bySubCode[subCode];
  if (sub) return meaning(sub, 1);
  return meaning(ofClass(code, by), 2);
}

function ofClass(code: number | null, by: EndedBy): UnansweredCause {
  if (code === null) return 'causeNotTold';
  // As an HTTP status, 408 says that the service was slow, not the callee's phone.
  if (code === 408 && by === 'refused') return 'serviceFault';
  const known = byCode[code];
  if (known) return known;
  if (code >= 500 && code < 600) return 'serviceFault';
  // The service reports success, but no event said that anybody answered: claim neither.
  if (code >= 200 && code < 300) return 'noConfirmation';
  return 'unknownFailure';
}

/** A result that was recognised less exactly weighs less than another of the same kind. */
function meaning(cause: UnansweredCause, vagueness: 0 | 1 | 2): CauseMeaning {
  const { disposition, weight } = meanings[cause];
  return { disposition, cause, weight: weight - vagueness };
}
