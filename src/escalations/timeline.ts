import type { Cause, Disposition, TimelineEntry } from '../calls/call.ts';
import { lookUp } from '../config/lookUp.ts';
import type { Actor, Severity, SkipReason } from './escalation.ts';

/**
 * Every entry that the timeline of an escalation can have, with its data. The words for people are in texts/, the table
 * for operators is in docs/escalations.md.
 */

type Person = { name: string };
/** Who did it, and how. */
type Act = Person & { way: Actor['way']; note?: string };

/** An entry without its time. Steps and rounds count from 1. */
export type EscalationNote =
  // It begins, and begins again.
  | { type: 'opened'; data: { by: string; summary: string } }
  | { type: 'joined' }
  | { type: 'startedAgain' }
  | { type: 'worse'; data: { from: Severity; to: Severity } }
  // Whom it calls.
  | { type: 'skipped'; data: Person & { reason: SkipReason } }
  | { type: 'remembered'; data: Person }
  | { type: 'optOutOverruled'; data: Person }
  | { type: 'nobodyInStep'; data: { step: number } }
  | { type: 'notFoundOut'; data: { step: number } }
  | { type: 'calling'; data: Person & { step: number; round: number; try: number } }
  | { type: 'callEnded'; data: Person & { disposition: Disposition; cause: Cause } & ResultCodes }
  | { type: 'passedOn'; data: Act }
  // Why it waits.
  | { type: 'pausing'; data: { seconds: number } }
  | { type: 'repeating'; data: { round: number } }
  | { type: 'bundling'; data: { seconds: number } }
  | { type: 'quietHours'; data: Person }
  | { type: 'halted'; data: { by: string } }
  | { type: 'resumed'; data: { by: string } }
  // How it ends.
  | { type: 'acknowledged'; data: Act }
  | { type: 'acknowledgeTimeout'; data: Person }
  /** `seconds` since it was acknowledged, if it closed by itself. */
  | { type: 'resolved'; data: Act & { seconds?: number } }
  | { type: 'cancelled'; data: Act }
  | { type: 'testOver' }
  /** With data if nobody was called at all. */
  | { type: 'exhausted'; data?: { called?: false } }
  | { type: 'told'; data: Person }
  | { type: 'notTold'; data: Person }
  // Its cards and webhooks.
  | { type: 'appInstalled'; data: Person }
  /** Without a name it is the channel's card. */
  | { type: 'cardNotDelivered'; data: Partial<Person> & { reason: string } }
  | { type: 'webhookGivenUp'; data: { host: string; event: string } }
  // The alerts that it stands for.
  | { type: 'alertsJoined'; data: { added: number; firing: number } }
  | { type: 'alertsResolved'; data: { firing: number } }
  | { type: 'alertAcknowledged'; data: Person & { by: string } }
  | { type: 'notCovered'; data: { count: number } }
  | { type: 'overAlready'; data: Person };

/** Those of the service; null where it gave none. */
type ResultCodes = { code: number | null; subCode: number | null };

export type EscalationNoteType = EscalationNote['type'];

type DataOf<T extends EscalationNoteType> =
  Extract<EscalationNote, { type: T }> extends { data?: infer Data } ? NonNullable<Data> : never;

/** `at` is ISO 8601, UTC. */
export type EscalationEntry = EscalationNote & { at: string };

/** An act of a person, or of Ringdown, as the timeline shows it. */
export function actOf({ name, way }: Actor, note?: string): Act {
  return note ? { name, way, note } : { name, way };
}

const needsData: Record<EscalationNoteType, boolean> = {
  opened: true,
  joined: false,
  startedAgain: false,
  worse: true,
  skipped: true,
  remembered: true,
  optOutOverruled: true,
  nobodyInStep: true,
  notFoundOut: true,
  calling: true,
  callEnded: true,
  passedOn: true,
  pausing: true,
  repeating: true,
  bundling: true,
  quietHours: true,
  halted: true,
  resumed: true,
  acknowledged: true,
  acknowledgeTimeout: true,
  resolved: true,
  cancelled: true,
  testOver: false,
  exhausted: false,
  told: true,
  notTold: true,
  appInstalled: true,
  cardNotDelivered: true,
  webhookGivenUp: true,
  alertsJoined: true,
  alertsResolved: true,
  alertAcknowledged: true,
  notCovered: true,
  overAlready: true,
};

export const escalationNoteTypes = Object.keys(needsData);

/** An entry from the database, if this version knows it. */
type KnownNote<T extends EscalationNoteType = EscalationNoteType> = {
  [P in T]: { type: P; data: DataOf<P> };
}[T];

/** Whether an entry from the database is one of ours. A newer version may have written types that this one does not know. */
function isEscalationNote(entry: { type: string; data: TimelineEntry['data'] }): entry is KnownNote {
  return Object.hasOwn(needsData, entry.type) && entry.data !== undefined;
}

/** Words for each type of entry. */
export type EscalationNoteWords = { [T in EscalationNoteType]: (data: DataOf<T>) => string };

/** @returns null for an entry that this version does not know */
export function inEscalationWords(
  words: EscalationNoteWords,
  { type, data }: Pick<TimelineEntry, 'type' | 'data'>,
): string | null {
  const entry = { type, data: data ?? (lookUp(needsData, type) ? undefined : {}) };
  return isEscalationNote(entry) ? say(words, entry) : null;
}

function say<T extends EscalationNoteType>(words: EscalationNoteWords, { type, data }: KnownNote<T>): string {
  return words[type](data);
}
