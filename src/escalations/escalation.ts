import type { Disposition, Requester, Target } from '../calls/call.ts';
import type { NotCallable } from '../directory/directory.ts';
import type { Disturbance } from '../directory/presence.ts';

/** What an escalation is. Types only: the decisions are in ladder.ts. Times are ISO 8601, UTC. */

export type EscalationStatus = 'open' | 'acknowledged' | 'resolved' | 'exhausted' | 'cancelled';

export type Severity = 'critical' | 'error' | 'warning' | 'info';

/** Whom a step names. Who that is, is found out when the step starts. */
export type TargetSpec =
  | { user: string }
  | { rotation: string }
  | { group: string }
  | { managerOf: string }
  | { voiceApp: string }
  | { shifts: string; fallback?: TargetSpec | undefined };

/** Why somebody whom a step names is not called. */
export type SkipReason =
  | NotCallable
  | 'notFound'
  | 'ambiguous'
  | 'nobodyOnDuty'
  | 'emptyGroup'
  | 'noManager'
  /** ringdown.yaml no longer has that rotation or voice app. */
  | 'notInFile'
  /** Does not want to be called from chats; and was named in one, or the policy heeds it. */
  | 'optedOut'
  /** What Teams shows of them, where the policy heeds it. */
  | Disturbance
  | 'directoryUnavailable';

/** The reasons for which a policy may step over somebody who could be called. */
export type StepOver = 'optedOut' | Disturbance;

export interface Skipped {
  name: string;
  reason: SkipReason;
}

/** Whom the targets of a step mean at a moment. */
export interface StepPeople {
  /** Each once, in the order of the step. */
  people: { key: string; target: Target }[];
  skipped: Skipped[];
  /** Targets (as the policy names them) that stand for those they meant last: the directory does not answer. */
  remembered: string[];
}

/** A step of the policy, frozen when the escalation started. */
export interface FrozenStep {
  targets: TargetSpec[];
  mode: 'sequence' | 'parallel';
  ringTimeoutSeconds?: number | undefined;
  /** How often each person is called in this step. */
  tries: number;
  /** How long is waited before the next step. */
  pauseSeconds: number;
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
  /** `auto`: nobody did, within `autoResolveMs`. */
  way: 'card' | 'chat' | 'keys' | 'api' | 'sender' | 'auto';
  /**
   * The newest revision that they were shown or heard. What was added later is not covered by their act. Not given: all
   * of it.
   */
  seenRevision?: number;
  /** Through the API: the words that named them, in lower case. The same words are the same person. */
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
  /** Marked as a test to everybody. */
  test: boolean;
  language: string;
  voice: string | null;
  steps: FrozenStep[];
  /** How often the whole ladder is gone through again. */
  repeat: number;
  /** Acknowledged but not resolved for so long: it goes on. Milliseconds. */
  acknowledgeTimeoutMs: number | null;
  /** Acknowledged but not resolved for so long: it closes by itself; never if not given. Milliseconds. */
  autoResolveMs?: number;
  /** Whom its policy does not call, though they could be; nobody if not given. */
  stepOver?: StepOver[];
  /** Told when nobody acknowledged. */
  notify: string[];
  /** Teams channel that shows its card. */
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
  phase: 'resolving' | 'calling' | 'pausing' | 'over';
  /** Those whom the current step calls, once they are known. */
  rungs: Rung[];
  /** People who are not called again yet, because a call of this escalation may still be at their phone. */
  engaged: Engaged[];
  /** How often it was asked whom the current step means. */
  asked: number;
  /** When the phase ends by itself: a pause, or the waiting for whom the step means. */
  phaseUntil: string | null;
  /** A call was placed in this round: a round that could call nobody is not repeated. */
  calledInRound: boolean;
  /** When it must be looked at again: end of a pause, next try, acknowledge timeout. */
  wakeAt: string | null;
  /** It is open, and has met the pause of all calls: it stands still until that is over. */
  halted: boolean;
  /** Nobody is called before: what comes meanwhile is gathered. */
  heldUntil?: string;
  acknowledgedBy: (Actor & { at: string }) | null;
  /** Who resolved or cancelled it. */
  endedBy: (Actor & { at: string }) | null;
  /** When it was resolved, cancelled or exhausted. */
  endedAt: string | null;
  /** Counts how often it was begun anew: by an alert that joined an exhausted one, or by the acknowledge timeout. */
  runs: number;
}

/** Until its call has ended, or until a time. */
export interface Engaged {
  key: string;
  name: string;
  callId: string | null;
  until: string | null;
}

/** One person of the current step. */
export interface Rung {
  key: string;
  target: Target;
  state: 'waiting' | 'calling' | 'retry' | 'done';
  tries: number;
  callId: string | null;
  retryAt: string | null;
  /** Whether those after this person wait for the next try. */
  holds: boolean;
  disposition: Disposition | null;
}
