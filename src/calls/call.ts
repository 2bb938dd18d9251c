/**
 * What a call is. Types only: the decisions are in lifecycle/ and purposes/, the words in texts/.
 *
 * A call is a growing set of *facts*: what was requested, what was sent, what the service reported, and when. Status,
 * disposition and cause are derived from the facts. So events may come late, twice or in any order, and the end is the
 * same.
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

/**
 * The person or thing that is called. `id` is the Entra object id; for an ACS user the raw id `8:acs:…`; for a phone of
 * the telephone network its number in E.164, `+49301234567`.
 */
export interface Target {
  kind: 'teamsUser' | 'voiceApp' | 'communicationUser' | 'phone';
  id: string;
  /** Of a phone: its person's name if `personId` is known, otherwise the number as people write it. */
  displayName: string;
  /** Entra object id of the person whose phone it is. The call is then one of that person's, as calls in Teams are. */
  personId?: string;
  givenName?: string;
  /** For the link to a call in Teams, the last resort. */
  userPrincipalName?: string;
  jobTitle?: string;
}

/** Who requested the call. `key` identifies the person or API key within the kind, for limits and rights. */
export interface Requester {
  kind: 'chat' | 'api' | 'escalation' | 'operator';
  key: string;
  name: string;
  /** Entra object id; only from a trusted channel. */
  objectId?: string;
  tenantId?: string;
}

/** What a call is for. */
export type Purpose =
  | { kind: 'speak'; message: string }
  | { kind: 'connect'; to: Target }
  | { kind: 'test' }
  /** The requester calls from our browser page: Ringdown places no call of its own. */
  | { kind: 'talk' }
  | {
      kind: 'escalate';
      escalationId: string;
      message: string;
      step: number;
      test: boolean;
      /** Name of the voice; the default voice of the language if not given. */
      voice?: string;
      /** Keys acknowledge only after a PIN. */
      pin?: PinNeeded;
    };

/** The PIN of a policy's step. It stands in ringdown.yaml only. */
export interface PinNeeded {
  policy: string;
  /** How many wrong PINs end the call. 0: after too many wrong ones on earlier calls, keys do not acknowledge. */
  tries: number;
}

/** A result, as the service gave it. */
export interface ServiceResult {
  /** Null if the service gave none. */
  code: number | null;
  subCode: number | null;
  message: string;
}

export type HangUpBy =
  | 'requester'
  | 'callee'
  | 'api'
  | 'operator'
  | 'timeout'
  | 'done'
  | 'escalation'
  /** It was not sent: the limit for calls to phone numbers is reached, or the number may no longer be called. */
  | PhoneBar;

export type PhoneBar = 'phoneLimit' | 'phoneRule';

/**
 * What is said on a call. An escalation says its message up to three times, and more often if the callee asks for it:
 * `nth` counts from 1. On a phone of the telephone network, questions are repeated too. Everything else is said once.
 */
export interface Speech {
  context:
    | 'message'
    | 'connecting'
    | 'transferFailed'
    | 'acknowledged'
    | 'takenOver'
    // On a phone: see purposes/escalateByPhone.ts.
    | 'wrongKey'
    | 'pin'
    | 'confirm'
    | 'pinRefused';
  nth: number;
}

/** What a callee replied to a question on a phone. The digits of a PIN are in no fact, only whether they were right. */
export type Reply = { kind: 'silence' } | { kind: 'key'; tone: string } | { kind: 'pin'; right: boolean };

/** How an escalation ended. Callees who are still on the phone hear it. */
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

export interface PlayStep extends Step {
  /** Of a question on a phone: its place among all questions of the call, from 1. */
  turn?: number;
  /** Of a question on a phone that has been answered. */
  reply?: Reply;
}

export interface Play extends Speech, PlayStep {}

/** Where the service reported the end of a call: in an event, or in its answer to `createCall` ("refused"). */
export type EndedBy = 'createCallFailed' | 'connectFailed' | 'disconnected' | 'refused';

/** How a call ended. It is `gone` if the service, or the browser page, no longer knows it and gave no result. */
export type EndFact = { by: 'gone'; at: string } | ({ by: EndedBy; at: string } & ServiceResult);

/** What the service can do with the audio of a call. People must be told. */
export type Capture = 'recording' | 'transcription';

/** The start or end of a recording or transcription. */
export interface CaptureFact {
  at: string;
  what: Capture;
  /** There may be several recordings at a time. */
  id: string;
  on: boolean;
}

/** Everything known about a call. Each fact is set once, and after that only made more exact (see lifecycle/merge.ts). */
export interface Facts {
  /** When `createCall` was first sent: its Repeatability-First-Sent. */
  dialSentAt?: string;
  /** When `createCall` was answered with 201. */
  dialAcceptedAt?: string;
  /** The call's turn in the pace that all replicas share; only if it had to wait for one. */
  turnAt?: string;
  /** When 30 s from First-Sent had passed without an answer that says what happened. */
  dialUnknownAt?: string;
  /** When the callee answered. */
  connectedAt?: string;
  /** What was said on the call, or requested. */
  plays?: readonly Play[];
  /** Plays of a newer version, by names that this one does not know. It keeps them. */
  unreadPlays?: Readonly<Record<string, PlayStep>>;
  transfer?: Step;
  listen?: Step;
  hangUp?: { requestedAt: string; by: HangUpBy; byName?: string; sentAt?: string; confirmedAt?: string };
  /** The most telling of the ends that the service reported. */
  ended?: EndFact;
  /** When the callee acknowledged on this call, by a key. */
  acknowledgedAt?: string;
  /** The escalation is over: another person has it, or it is resolved or cancelled. */
  takenOver?: { at: string; by: string; how?: TakenOverHow };
  /** The call waits: since when, behind which other call if any, and when the next attempt is due at the latest. */
  deferred?: { reason: DeferReason; since: string; until: string; behind?: string; triedAt?: string };
  /** How often the message was repeated at the callee's request. */
  repeats?: number;
  /** The keys that the callee pressed, in the order of their sequence ids. */
  tones?: { sequenceId: number; tone: string; at: string }[];
  /**
   * The ring timeout has passed: before the hang-up, the service was asked whether somebody answered. It is asked again,
   * `times` in all, if no process ran when the answer came.
   */
  ringOver?: { askedAt: string; times?: number };
  /** When recording and transcription started and ended, in the order of their times. */
  captures?: CaptureFact[];
  /** A call from the browser page: when its newest link was made, when the page last reported, and when it rang. */
  talk?: { linkedAt?: string; heardAt?: string; ringsAt?: string };
  /** When a request was first answered "not found" or "conflict" (see `RequestOutcome`). */
  doubtedAt?: string;
  /** How often, and when last, the service was asked for the state of the call because no event came. */
  probes?: { count: number; lastAt: string };
}

export interface Call {
  id: string;
  target: Target;
  requestedBy: Requester;
  purpose: Purpose;
  /** How long to ring without an answer. Seconds. */
  ringTimeoutSeconds: number;
  language: string;
  createdAt: string;
  /** Grows with each change; cards show the newest. */
  revision: number;
  facts: Facts;
  callConnectionId: string | null;
  serverCallId: string | null;
  correlationId: string | null;
  /** When a job will look at this call again, if one is scheduled. Maintained by callChanges.ts. */
  alarmAt: string | null;
  /** Counts the times that it was saved. Maintained by callChanges.ts. */
  version: number;
}

/** What the facts say about a call. */
export type CallView = RunningView | EndedView;

export interface RunningView {
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

/** Why a call ended. `texts/` has words for people and advice for operators. */
export type Cause =
  // good ends
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
  // answered, but the next step failed
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
  | 'numberNotFound'
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
  | 'phoneLimit'
  | 'phoneRule'
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

/** What can happen to a call: the input of lifecycle/. Times are ISO 8601, UTC. */
export type CallEvent =
  // from dialling
  | { type: 'dialSent'; at: string }
  | { type: 'dialAccepted'; at: string; callConnectionId: string | null; correlationId: string | null }
  | { type: 'dialRefused'; at: string; result: ServiceResult }
  | { type: 'dialUnknown'; at: string }
  /** It cannot be sent yet. The next attempt is due at `until`; `behind` is the call that is in the way. */
  | { type: 'deferred'; at: string; reason: DeferReason; until: string; behind?: string }
  /** It has to wait for its turn in the pace. */
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
  /** The callee replied to a question on a phone, or let its time pass. */
  | { type: 'replied'; at: string; speech: Speech; reply: Reply; callConnectionId: string }
  /** Recording or transcription started (`on`) or ended. Not every such event names the connection. */
  | ({
      type: 'capture';
      callConnectionId: string | null;
      serverCallId: string | null;
      correlationId: string | null;
    } & CaptureFact)
  /** Any other event, which only proves that the call exists. */
  | {
      type: 'sign';
      at: string;
      callConnectionId: string;
      serverCallId: string | null;
      correlationId: string | null;
    }
  // from our requests to the service
  | { type: 'speakAccepted'; at: string; speech: Speech }
  | { type: 'speakRefused'; at: string; speech: Speech; result: ServiceResult }
  | { type: 'listenAccepted'; at: string }
  | { type: 'listenRefused'; at: string; result: ServiceResult }
  | { type: 'transferRequested'; at: string }
  | { type: 'transferRefused'; at: string; result: ServiceResult }
  | { type: 'hangUpConfirmed'; at: string }
  /** A request was answered "not found" or "conflict": the state of the call is unknown. */
  | { type: 'doubted'; at: string }
  | { type: 'probed'; at: string; state: 'connecting' | 'connected' | 'gone' | 'unknown' }
  // from the browser page and its links
  | { type: 'talkLinked'; at: string }
  | {
      type: 'talkHeard';
      at: string;
      rings: boolean;
      /** The service's names for the page's call, once the page knows them. */
      serverCallId?: string | null;
      correlationId?: string | null;
    }
  /** The page was closed, which ends its call. */
  | { type: 'talkLeft'; at: string }
  // from people and time
  | { type: 'hangUpRequested'; at: string; by: HangUpBy; byName?: string }
  | { type: 'acknowledged'; at: string }
  | { type: 'takenOver'; at: string; by: string; how?: TakenOverHow }
  | { type: 'wake'; at: string };

/** What to do because of an event. Jobs do it, after the transaction that stored the event. */
export type CallEffect =
  | { kind: 'dial' }
  | { kind: 'speak'; speech: Speech }
  | { kind: 'listen' }
  | { kind: 'transfer' }
  | { kind: 'hangUp' }
  | { kind: 'probe' };

/** One entry of a timeline as it is stored (see timeline.ts for those of calls). */
export interface TimelineEntry {
  at: string;
  type: string;
  data?: Record<string, string | number | boolean | null>;
}
