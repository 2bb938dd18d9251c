import type { Requester, Target } from '../calls/call.ts';
import type { NotCallable } from '../directory/directory.ts';
import type { Disturbance } from '../directory/presence.ts';

/** What an escalation is. Types only: the decisions are in ladder/. Times are ISO 8601, UTC. */

export type EscalationStatus = 'open' | 'acknowledged' | 'resolved' | 'exhausted' | 'cancelled';

export type Severity = 'critical' | 'error' | 'warning' | 'info';

/** Whom a step names. Ringdown looks up who that is when the step begins. */
export type TargetSpec =
  | { user: string }
  | { rotation: string }
  | { group: string }
  | { managerOf: string }
  | { voiceApp: string }
  /** A number of the telephone network, E.164. */
  | { phone: string }
  /** The mobile of a person, as the directory has it. */
  | { mobileOf: string }
  | { shifts: string; fallback?: TargetSpec | undefined };

/** A way to reach a person: in Teams, or on the mobile that the directory has for them. */
export type Way = 'teams' | 'mobile';

/** Why a person whom a step names is not called. */
export type SkipReason =
  | NotCallable
  | 'notFound'
  | 'ambiguous'
  | 'nobodyOnDuty'
  /** The calendar of a rotation was never read. */
  | 'calendarUnavailable'
  | 'emptyGroup'
  | 'noManager'
  /** ringdown.yaml no longer has that rotation or voice app. */
  | 'notInFile'
  /** `ACS_PHONE_NUMBER` is not set. */
  | 'phonesOff'
  /** The directory has no phone number for them. */
  | 'noMobile'
  /** The directory has their number without a country code, and it could be one of several. */
  | 'phoneUnclear'
  /** Calls to this number are refused: its country, its kind, or it is no number (see calls/phoneNumbers.ts). */
  | 'phoneNotAllowed'
  /** `limits.phoneCallsPerHour` is reached. */
  | 'phoneLimit'
  /** They do not want to be called from chats, and the policy respects that or somebody named them in a chat. */
  | 'optedOut'
  /** Their presence in Teams, if the policy respects it. */
  | Disturbance
  | 'directoryUnavailable';

/** Why a policy may skip a person who could be called. */
export type StepOver = 'optedOut' | Disturbance;

export interface Skipped {
  name: string;
  reason: SkipReason;
}

/** Somebody is called, but not in this way. */
export interface WithoutWay extends Skipped {
  way: Way;
}

/** Whom the targets of a step mean now. */
export interface StepPeople {
  /**
   * Each once, in the order of the step. `target` is the phone that is called first, `phones` are all of them in their
   * order, if there are several.
   */
  people: { key: string; target: Target; phones?: readonly Target[] }[];
  skipped: Skipped[];
  without?: WithoutWay[];
  /** Targets, as the policy names them, whose people of last time are called: the directory does not answer. */
  remembered: string[];
}

/** A step of the policy, frozen when the escalation started. */
export interface FrozenStep {
  targets: TargetSpec[];
  mode: 'sequence' | 'parallel';
  /** In which ways its people are reached, in this order. Default: in Teams. */
  ways?: Way[] | undefined;
  ringTimeoutSeconds?: number | undefined;
  /** How often each person is called in this step; if they have several phones, how often each of these. */
  tries: number;
  /** The pause before the next step. */
  pauseSeconds: number;
  /** Keys acknowledge only after its PIN, which is in ringdown.yaml and not here. */
  pin?: 'inFile' | undefined;
}

export interface Link {
  text: string;
  href: string;
}

/** Who acknowledged, resolved or stopped an escalation. */
export interface Actor {
  /** Names the person within their kind: an object id, or the name of a key. */
  key: string;
  name: string;
  /** `auto`: Ringdown did, after `autoResolveMs`. */
  way: 'card' | 'chat' | 'console' | 'keys' | 'api' | 'sender' | 'auto';
  /**
   * The newest revision that they saw or heard. Their act does not cover what was added later. If not given, it covers
   * everything.
   */
  seenRevision?: number;
  /** Through the API: the words that named them, in lower case. The same words mean the same person. */
  named?: string;
}

export interface Escalation {
  id: string;
  /** Null when the steps came with the request. */
  policy: string | null;
  /** Who may join by dedup key: an integration or API key, or `chat`. */
  source: string;
  dedupKey: string | null;
  summary: string;
  details: string | null;
  severity: Severity;
  links: Link[];
  /** Everybody sees and hears that it is a test. */
  test: boolean;
  language: string;
  voice: string | null;
  steps: FrozenStep[];
  /** How often all steps run again. */
  repeat: number;
  /** Acknowledged, but not resolved within this time: it starts again. Milliseconds. */
  acknowledgeTimeoutMs: number | null;
  /** Acknowledged, but not resolved within this time: it closes. Never, if not given. Milliseconds. */
  autoResolveMs?: number;
  /** Whom its policy skips although they could be called. */
  stepOver?: StepOver[];
  /** Who gets a message if nobody acknowledges. */
  notify: string[];
  /** The Teams channel that gets its card too. */
  channel: string | null;
  startedBy: Requester;
  createdAt: string;
  revision: number;
  ladder: Ladder;
}

/** Where an escalation stands. */
export interface Ladder {
  status: EscalationStatus;
  /** 0 for the first time through, up to `repeat`. */
  round: number;
  step: number;
  phase: Phase;
  /** People who are not called again yet, because a call of this escalation may still be at their phone. */
  engaged: Engaged[];
  /** Somebody was called in this round: a round that can call nobody is not repeated. */
  calledInRound: boolean;
  /** When to look at it again: end of a pause, next attempt, acknowledge timeout. */
  wakeAt: string | null;
  /** It is open and all calls are paused: it stands still until they are resumed. */
  halted: boolean;
  /** Nobody is called before this, so that one call speaks for all alerts that arrive by then. */
  bundledUntil?: string;
  acknowledgedBy: (Actor & { at: string }) | null;
  /** Who resolved or cancelled it. */
  endedBy: (Actor & { at: string }) | null;
  /** When it was resolved, cancelled or exhausted. */
  endedAt: string | null;
  /** How often a wrong PIN was keyed in on the phones of these people. */
  wrongPins?: { key: string; count: number }[];
  /** How often it started again: after an alert joined an exhausted one, or after the acknowledge timeout. */
  runs: number;
}

/** What an escalation does with its current step. */
export type Phase =
  /** Waits for whom the step means, and asks again at `until` (null: it has not asked yet). */
  | { kind: 'resolving'; asked: number; until: string | null }
  | { kind: 'calling'; rungs: readonly Rung[] }
  /** Everybody was called. The next step begins at `until`. */
  | { kind: 'pausing'; rungs: readonly Rung[]; until: string }
  /** It is not open any more. These are the people of its last step. */
  | { kind: 'over'; rungs: readonly Rung[] };

/** Until this call has ended, or until a time. `mobile`: the call is at the person's mobile, not in Teams. */
export type Engaged = { key: string; name: string; mobile?: true; unread?: Unread } & (
  { callId: string } | { until: string }
);

/**
 * One person of the current step. `target` is the phone that is called now, or next, or was the last one. `tries` counts
 * the calls to all their phones. `phones` has each of them, if there are several.
 */
export type Rung = {
  key: string;
  target: Target;
  tries: number;
  phones?: readonly RungPhone[];
  unread?: Unread;
} & RungState;

/** One of several phones of a person. */
export interface RungPhone {
  target: Target;
  /** How many calls to it have ended. */
  calls: number;
  /** It could not be reached or may not be called: it is not called again in this step. */
  over: boolean;
}

/** Stored fields of a newer version. This one does not know them, and keeps them. */
export type Unread = Readonly<Record<string, unknown>>;

export type RungState =
  | { state: 'waiting' }
  /** `callId` is null until the call is stored. */
  | { state: 'calling'; callId: string | null }
  /** `holds`: the people after this one wait for the next attempt. */
  | { state: 'retry'; retryAt: string; holds: boolean }
  | { state: 'done' };
