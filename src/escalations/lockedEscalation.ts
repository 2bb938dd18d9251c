import { storable } from '../database/storable.ts';
import {
  addingEscalationLines,
  addingEscalations,
  savingEscalations,
  type DedupKey,
  type StoredEscalation,
} from './escalationStore.ts';
import type { EscalationEntry } from './timeline.ts';
import { sameWords } from './words.ts';

/** An escalation that a transaction has locked, as it is in memory. */
export interface Locked extends StoredEscalation {
  /** As it is in the database; null if it is new. */
  stored: StoredEscalation | null;
  timeline: EscalationEntry[];
}

/** Parts of a statement that write these escalations. */
export function partsOf(locked: Iterable<Locked>) {
  const changed = [...locked].filter(isChanged);
  const lines = changed.flatMap(({ escalation: { id }, timeline }) =>
    timeline.map((entry) => ({ ...entry, escalation_id: id })),
  );
  const fresh = changed.filter(({ stored }) => stored === null);
  const known = changed.flatMap(({ stored, escalation, alarmAt }) =>
    stored ? [{ escalation, alarmAt, isReworded: !sameWords(escalation, stored.escalation) }] : [],
  );
  return [
    ...(fresh.length > 0 ? [['begun', addingEscalations(fresh)] as const] : []),
    ...(known.length > 0 ? [['climbed', savingEscalations(known)] as const] : []),
    ...(lines.length > 0 ? [['steps', addingEscalationLines(lines)] as const] : []),
  ];
}

function isChanged({ stored, escalation, alarmAt, timeline }: Locked): boolean {
  return timeline.length > 0 || stored?.escalation !== escalation || stored.alarmAt !== alarmAt;
}

/** A dedup key as the database stores it, so that the same key compares equal in memory; null if there is none. */
export function nameOf({ source, policy, dedupKey }: DedupKey): string | null {
  return dedupKey === null ? null : JSON.stringify([storable(source), policy, storable(dedupKey)]);
}

export function hasKey(key: DedupKey, name: string | null): boolean {
  return name !== null && nameOf(key) === name;
}
