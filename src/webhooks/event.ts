import type { TimelineEntry } from '../calls/call.ts';
import type { Escalation } from '../escalations/escalation.ts';
import type { RingdownYaml } from '../config/ringdownSchema.ts';
import { lookUp } from '../config/lookUp.ts';

export type WebhookEventType = NonNullable<RingdownYaml['webhooks'][number]['events']>[number];

const types: Readonly<Record<string, WebhookEventType>> = {
  opened: 'started',
  startedAgain: 'started',
  calling: 'call_placed',
  callEnded: 'call_ended',
  acknowledged: 'acknowledged',
  resolved: 'resolved',
  exhausted: 'exhausted',
  cancelled: 'cancelled',
};

/** What is told outside of an entry of an escalation's timeline; null if nothing. */
export function webhookEvent(
  escalation: Escalation,
  entry: TimelineEntry,
): { type: WebhookEventType; at: string; body: object } | null {
  const type = lookUp(types, entry.type);
  if (!type) return null;
  const { id, policy, dedupKey, summary, severity, test, createdAt, ladder } = escalation;
  const by = type === 'acknowledged' ? ladder.acknowledgedBy : ladder.endedBy;
  const { name, note, disposition, code, subCode, step, round, try: count } = entry.data ?? {};
  return {
    type,
    at: entry.at,
    body: {
      escalation: {
        id,
        status: ladder.status,
        policy,
        dedupKey,
        summary,
        severity,
        test,
        createdAt,
        acknowledgedBy: ladder.acknowledgedBy
          ? { name: ladder.acknowledgedBy.name, way: ladder.acknowledgedBy.way, at: ladder.acknowledgedBy.at }
          : null,
      },
      ...(type === 'started' && entry.type === 'startedAgain' ? { again: true } : {}),
      ...(type === 'call_placed' ? { call: { name, step, round, try: count } } : {}),
      ...(type === 'call_ended' ? { call: { name, disposition, code, subCode } } : {}),
      ...((type === 'acknowledged' || type === 'resolved' || type === 'cancelled') && by
        ? { by: { name: by.name, way: by.way }, ...(note === undefined ? {} : { note }) }
        : {}),
    },
  };
}
