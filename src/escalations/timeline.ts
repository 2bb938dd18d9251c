import type { Cause, Disposition } from '../calls/call.ts';
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
  | { type: 'exhausted'; data?: { called: false } }
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

/** `at` is ISO 8601, UTC. */
export type EscalationEntry = EscalationNote & { at: string };

/** An act of a person, or of Ringdown, as the timeline shows it. */
export function actOf({ name, way }: Actor, note?: string): Act {
  return note ? { name, way, note } : { name, way };
}
