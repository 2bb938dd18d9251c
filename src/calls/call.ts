/**
 * What a call is. Types only: the decisions are in lifecycle/ and purposes/, the words in texts/.
 *
 * A call is a growing set of *facts* (what was asked, what was sent, what the service said and when).
 * Status, disposition and cause are derived from the facts and never stored on their own authority, so that
 * events may come late, twice or in any order and the end is the same.
 */

export type Disposition =
  | 'answered'
  | 'acknowledged'
  | 'connected_to_caller'
  | 'declined'
  | 'no_answer'
  | 'busy'
  | 'unreachable'
  | 'not_allowed'
  | 'cancelled'
  | 'failed';

/** Whom a call is for. `id` is the Entra object id, or for an ACS user the raw id `8:acs:…`. */
export interface Target {
  kind: 'teamsUser' | 'voiceApp' | 'communicationUser';
  id: string;
  displayName: string;
  givenName?: string;
  /** For the link that calls in Teams when all else fails. */
  userPrincipalName?: string;
  jobTitle?: string;
}

/** Who asked. `key` identifies the person or key within the kind, for limits and rights. */
export interface Requester {
  kind: 'chat' | 'api' | 'escalation' | 'operator';
  key: string;
  name: string;
  /** Entra object id; only when a trusted channel vouched for it. */
  objectId?: string;
  tenantId?: string;
}

/** What the call is for. */
export type Purpose =
  | { kind: 'speak'; message: string }
  | { kind: 'connect'; to: Target }
  | { kind: 'test' }
  /** The asker calls from a browser page of ours: that call is the call, and Ringdown places none. */
  | { kind: 'talk' }
  | {
      kind: 'escalate';
      escalationId: string;
      message: string;
      step: number;
      test: boolean;
      /** Name of the voice that speaks it; the language's own if not given. */
      voice?: string;
    };

/** A result of the service, as it gave it. */
export interface ServiceResult {
  /** Null where the service told none. */
  code: number | null;
  subCode: number | null;
  message: string;
}

export type HangUpBy = 'requester' | 'callee' | 'api' | 'operator' | 'timeout' | 'done' | 'escalation';

/**
 * What is said on a call. An escalation says its message up to three times, and more often if the callee asks for it:
 * `nth` counts from 1. Everything else is said once.
 */
export interface Speech {
  context: 'message' | 'connecting' | 'transferFailed' | 'acknowledged' | 'takenOver';
  nth: number;
}

/** How an escalation came to its end: what those who are still on the phone hear. */
export type TakenOverHow = 'acknowledged' | 'resolved' | 'cancelled';

/** Why a call waits before it is sent. */
export type DeferReason = 'phoneBusy' | 'rateLimit' | 'paused' | 'quietHours';

/** One request to the service, and how far it got. ISO 8601 times, UTC. */
export interface Step {
  requestedAt?: string;
  acceptedAt?: string;
  completedAt?: string;
  failed?: ServiceResult & { at: string };
}

export interface Play extends Speech, Step {}

/** Where the service reported the end of a call: in an event, or in its answer to `createCall` ("refused"). */
export type EndedBy = 'createCallFailed' | 'connectFailed' | 'disconnected' | 'refused';

/** How a call ended. It is `gone` if the service, or the browser page, no longer knows it and gave no result. */
export type EndFact = { by: 'gone'; at: string } | ({ by: EndedBy; at: string } & ServiceResult);

/** What the service can do with what is said on a call, and people must be told of. */
export type Capture = 'recording' | 'transcription';

/** One beginning or end of it. */
export interface CaptureFact {
  at: string;
  what: Capture;
  /** Which recording: there may be several at a time. */
  id: string;
  on: boolean;
}

/** Everything known about a call. Every member is set once and then only made more exact (see lifecycle/merge.ts). */
export interface Facts {
  /** First time `createCall` was sent: the First-Sent of its repeatability. */
  dialSentAt?: string;
  /** `createCall` was answered with 201. */
  dialAcceptedAt?: string;
  /** When its turn to be sent is, by the pace that all keep together; only where that had to be waited for. */
  turnAt?: string;
  /** 30 s from First-Sent went by without an answer that says what happened. */
  dialUnknownAt?: string;
  /** The callee's phone was answered. */
  connectedAt?: string;
  /** What was said, or was to be. */
  plays?: readonly Play[];
  transfer?: Step;
  listen?: Step;
  hangUp?: { requestedAt: string; by: HangUpBy; byName?: string; sentAt?: string; confirmedAt?: string };
  /** How the service said that it ended: the most telling one of several. */
  ended?: EndFact;
  /** Somebody acknowledged on this call (keys). */
  acknowledgedAt?: string;
  /** The escalation is over: somebody else has it, or nobody needs to. */
  takenOver?: { at: string; by: string; how?: TakenOverHow };
  /** It waits to be sent: since when, behind which other call if any, and when it is tried again at the latest. */
  deferred?: { reason: DeferReason; since: string; until: string; behind?: string; triedAt?: string };
  /** How many of the callee's wishes to hear the message again were met. */
  repeats?: number;
  /** Keys that arrived, in the order of their sequence ids. */
  tones?: { sequenceId: number; tone: string; at: string }[];
  /** The ring timeout is over: the service was asked whether somebody answered, before the call is hung up. */
  ringOver?: { askedAt: string };
  /** When recording and transcription began and ended, as the service told: in the order of their times. */
  captures?: CaptureFact[];
  /** Of a call from the browser page: when its newest link was made, when the page was last heard, when it rang. */
  talk?: { linkedAt?: string; heardAt?: string; ringsAt?: string };
  /** When a request was first answered "not found" or "conflict" (see `RequestOutcome`). */
  doubtedAt?: string;
  /** When we asked the service for the truth because no event came, and how often. */
  probes?: { count: number; lastAt: string };
}

export interface Call {
  id: string;
  target: Target;
  requestedBy: Requester;
  purpose: Purpose;
  /** Seconds that the callee is called without an answer. */
  ringTimeoutSeconds: number;
  language: string;
  createdAt: string;
  /** Grows with each change; cards show the newest. */
  revision: number;
  facts: Facts;
  callConnectionId: string | null;
  serverCallId: string | null;
  correlationId: string | null;
  /** For when a job is scheduled to look at this call again, if any. Kept by callService. */
  alarmAt: string | null;
}

/** What the facts say about a call. */
export type CallView = RunningView | EndedView;

interface RunningView {
  status: 'queued' | 'dialing' | 'connected';
  disposition: null;
  cause: null;
  code: null;
  subCode: null;
  connectedAt: string | null;
  endedAt: null;
}

export interface EndedView {
  status: 'ended';
  disposition: Disposition;
  cause: Cause;
  /** The result of the service; null if it gave none. */
  code: number | null;
  subCode: number | null;
  connectedAt: string | null;
  endedAt: string;
}

/** Why a call ended, as a key: `texts/` has the words for people, and the advice for operators. */
export type Cause =
  // the good ends
  | 'messageDelivered'
  | 'messageCutShort'
  | 'messageStopped'
  | 'messageNotConfirmed'
  | 'connectedToCaller'
  | 'answeredAndHungUp'
  | 'testAnswered'
  | 'talked'
  | 'talkedPageSilent'
  | 'acknowledged'
  | 'answeredNotAcknowledged'
  // answered, but what was to happen then did not
  | 'messageNotSpoken'
  | 'speechNotConfigured'
  | 'speechThrottled'
  | 'transferFailed'
  // the callee
  | 'declined'
  | 'noAnswer'
  | 'busy'
  | 'notRegistered'
  | 'registeredButOffline'
  | 'acceptedElsewhere'
  // cancelled
  | 'cancelledByRequester'
  | 'cancelledByOperator'
  | 'cancelledByEscalation'
  | 'madeWayForAlert'
  | 'linkNotUsed'
  // not allowed
  | 'federationNotAllowed'
  | 'enterpriseVoiceOrSource'
  | 'personalAccount'
  | 'blockedAsSpam'
  | 'forbidden'
  | 'insufficientPermission'
  | 'tenantMismatch'
  | 'sourceIdentityInvalid'
  | 'unauthorisedInterop'
  // faults
  | 'unauthenticated'
  | 'invalidArgument'
  | 'speechNotLinked'
  | 'notFound'
  | 'unsupported'
  | 'conflict'
  | 'throttled'
  | 'maxDuration'
  | 'setupFailed'
  | 'serviceFault'
  | 'outcomeUnknown'
  | 'noConfirmation'
  | 'causeNotTold'
  | 'lostContact'
  | 'pageSilent'
  | 'unknownFailure';

/** What the outside world can do to a call, or tell of it: the input of lifecycle/. Times are ISO 8601, UTC. */
export type CallEvent =
  // from our own dial
  | { type: 'dialSent'; at: string }
  | { type: 'dialAccepted'; at: string; callConnectionId: string | null; correlationId: string | null }
  | { type: 'dialRefused'; at: string; result: ServiceResult }
  | { type: 'dialUnknown'; at: string }
  /** It cannot be sent yet. `until` is when it is tried again at the latest; `behind` the call that is in the way. */
  | { type: 'deferred'; at: string; reason: DeferReason; until: string; behind?: string }
  /** Too many are sent just now: it has a turn of its own. */
  | { type: 'turnTaken'; at: string; turnAt: string }
  // from the service
  | {
      type: 'connected';
      at: string;
      /** Null for a call from the browser page: Call Automation does not know it. */
      callConnectionId: string | null;
      serverCallId: string | null;
      correlationId: string | null;
    }
  | {
      type: 'ended';
      at: string;
      by: Exclude<EndedBy, 'refused'>;
      result: ServiceResult;
      callConnectionId: string | null;
    }
  | { type: 'playStarted' | 'playCompleted'; at: string; speech: Speech; callConnectionId: string }
  | { type: 'playFailed'; at: string; speech: Speech; result: ServiceResult; callConnectionId: string }
  | { type: 'transferAccepted'; at: string; callConnectionId: string }
  | { type: 'transferFailed'; at: string; result: ServiceResult; callConnectionId: string }
  | { type: 'tone'; at: string; tone: string; sequenceId: number; callConnectionId: string }
  /** Recording or transcription began (`on`) or ended. Not each such event names the connection. */
  | ({
      type: 'capture';
      callConnectionId: string | null;
      serverCallId: string | null;
      correlationId: string | null;
    } & CaptureFact)
  /** Anything else of the service that only proves that the call exists. */
  | {
      type: 'sign';
      at: string;
      callConnectionId: string;
      serverCallId: string | null;
      correlationId: string | null;
    }
  // from what we asked the service to do
  | { type: 'speakAccepted'; at: string; speech: Speech }
  | { type: 'speakRefused'; at: string; speech: Speech; result: ServiceResult }
  | { type: 'listenAccepted'; at: string }
  | { type: 'listenRefused'; at: string; result: ServiceResult }
  | { type: 'transferRequested'; at: string }
  | { type: 'transferRefused'; at: string; result: ServiceResult }
  | { type: 'hangUpConfirmed'; at: string }
  /** A request was answered "not found" or "conflict": what became of the call is not known. */
  | { type: 'doubted'; at: string }
  | { type: 'probed'; at: string; state: 'connecting' | 'connected' | 'gone' | 'unknown' }
  // from the browser page, and of its links
  | { type: 'talkLinked'; at: string }
  | {
      type: 'talkHeard';
      at: string;
      rings: boolean;
      /** What the service calls the page's call, once the page knows. */
      serverCallId?: string | null;
      correlationId?: string | null;
    }
  /** It was closed, and its call ends with it. */
  | { type: 'talkLeft'; at: string }
  // from people and time
  | { type: 'hangUpRequested'; at: string; by: HangUpBy; byName?: string }
  | { type: 'acknowledged'; at: string }
  | { type: 'takenOver'; at: string; by: string; how?: TakenOverHow }
  | { type: 'wake'; at: string };

/** What is to be done because of an event. Carried out as jobs, after the transaction that stored the event. */
export type CallEffect =
  | { kind: 'dial' }
  | { kind: 'speak'; speech: Speech }
  | { kind: 'listen' }
  | { kind: 'transfer' }
  | { kind: 'hangUp' }
  | { kind: 'probe' };

/** One line of a call's timeline. `data` is for people and programs; it never holds a secret or a callback URI. */
export interface TimelineEntry {
  at: string;
  type: string;
  data?: Record<string, string | number | boolean | null>;
}
