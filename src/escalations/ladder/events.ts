import type { Cause, Disposition } from '../../calls/call.ts';
import type { Actor, Escalation, StepPeople } from '../escalation.ts';
import type { EscalationEntry, EscalationNote } from '../timeline.ts';
import type { Words } from '../words.ts';

/** What goes into the ladder and what comes out of it. Types only. Times are ISO 8601, UTC. */

export type LadderEvent =
  | { type: 'started'; at: string }
  /** Whom the targets of a step mean. `skipped` people are in the timeline with their reason. */
  | ({ type: 'stepResolved'; at: string; run: number; round: number; step: number } & StepPeople)
  | { type: 'callPlaced'; at: string; key: string; callId: string }
  | {
      type: 'callEnded';
      at: string;
      callId: string;
      end: { disposition: Disposition; cause: Cause; code: number | null; subCode: number | null };
      /** Of the call that ended. */
      ringTimeoutSeconds: number;
    }
  | { type: 'acknowledged'; at: string; by: Actor; note?: string }
  | { type: 'resolved'; at: string; by: Actor; note?: string }
  | { type: 'cancelled'; at: string; by: Actor; note?: string }
  /** A callee cannot take it, or somebody asks for the next one: `key` null means everybody who is being called. */
  | { type: 'passedOn'; at: string; by: Actor; key: string | null }
  /** Somebody keyed in a wrong PIN on the phone of a callee. `refused`: the last one that this call allows. */
  | { type: 'wrongPin'; at: string; key: string; name: string; refused: boolean }
  /** The same alert came again, maybe in other words. `again`: an acknowledgement does not cover it. */
  | { type: 'joined'; at: string; words?: Words; again?: boolean }
  /** What it stands for has changed. `entry` says how. */
  | { type: 'reworded'; at: string; words: Words; entry?: EscalationNote }
  /** Call nobody before `until`, so that one call speaks for all alerts that arrive by then. */
  | { type: 'bundled'; at: string; until: string }
  /** For the timeline only: the ladder does not move. */
  | { type: 'noted'; at: string; entry: EscalationNote }
  | { type: 'wake'; at: string };

export type LadderEffect =
  | { kind: 'resolveStep'; run: number; round: number; step: number }
  /** `attempt` names this call within the escalation, so that it is placed once. */
  | { kind: 'call'; key: string; attempt: string; ringTimeoutSeconds: number | undefined }
  | { kind: 'hangUp'; callIds: string[] }
  /** Hang up unanswered calls; tell people on the phone that it is over, then hang up. */
  | { kind: 'tellOver' }
  | { kind: 'tellExhausted'; run: number };

/** The pause of all calls when the event happened, and who began or ended it. */
export interface Pausing {
  paused: boolean;
  by: string | null;
}

export type Refusal = 'already_acknowledged' | 'wrong_state';

export interface Climb {
  escalation: Escalation;
  effects: LadderEffect[];
  timeline: EscalationEntry[];
  /** Why the event changed nothing; null if the ladder accepted it. */
  refused: Refusal | null;
}

/** Collects what follows from one event, which happened `at` this time. */
export interface Out {
  at: string;
  note: (entry: EscalationNote) => void;
  effects: LadderEffect[];
}
