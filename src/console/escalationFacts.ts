import type { Call, TimelineEntry } from '../calls/call.ts';
import { callsOfEscalations } from '../calls/callLists.ts';
import { sentCardsTo } from '../chat/escalations/escalationCards.ts';
import type { Sql } from '../database/schema.ts';
import type { Escalation } from '../escalations/escalation.ts';
import { loadEscalation, loadEscalationTimelines } from '../escalations/escalationStore.ts';
import type { Round } from './view.ts';

/** An escalation with what its rows and the rights on it depend on. */
export interface EscalationFacts {
  escalation: Escalation;
  /** The oldest first. */
  calls: readonly Call[];
  timeline: readonly TimelineEntry[];
  /** Object ids of the people who got its card unasked. */
  sentTo: ReadonlySet<string>;
}

/** Three statements, however many escalations. */
export async function factsOf(sql: Sql, escalations: readonly Escalation[]): Promise<EscalationFacts[]> {
  const ids = escalations.map(({ id }) => id);
  const [calls, timelines, sent] = await Promise.all([
    callsOfEscalations(sql, ids),
    loadEscalationTimelines(sql, ids),
    sentCardsTo(sql, ids),
  ]);
  const byEscalation = Map.groupBy(calls, ({ purpose }) =>
    purpose.kind === 'escalate' ? purpose.escalationId : null,
  );
  return escalations.map((escalation) => ({
    escalation,
    calls: byEscalation.get(escalation.id) ?? [],
    timeline: timelines.get(escalation.id) ?? [],
    sentTo: sent.get(escalation.id) ?? new Set(),
  }));
}

/** The same for one escalation, once in a round; null if there is none. */
export async function factsOfOne(sql: Sql, id: string, round: Round): Promise<EscalationFacts | null> {
  return await round.once(`escalation ${id}`, async () => {
    const escalation = await loadEscalation(sql, id);
    return (escalation && (await factsOf(sql, [escalation]))[0]) ?? null;
  });
}
