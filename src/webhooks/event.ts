import type { Escalation } from '../escalations/escalation.ts';
import type { EscalationEntry } from '../escalations/timeline.ts';
import type { RingdownYaml } from '../config/ringdownSchema.ts';

export type WebhookEventType = NonNullable<RingdownYaml['webhooks'][number]['events']>[number];

/** The type of an event with its own members of the body; `escalation` is in all of them. */
type Event = { type: WebhookEventType } & Record<string, unknown>;

/** What a webhook is sent for an entry of an escalation's timeline; null if nothing. */
export function webhookEvent(
  escalation: Escalation,
  entry: EscalationEntry,
): { type: WebhookEventType; at: string; body: object } | null {
  const event = eventOf(entry);
  if (!event) return null;
  const { id, policy, dedupKey, summary, severity, test, createdAt, ladder } = escalation;
  const { type, ...own } = event;
  const { status, acknowledgedBy } = ladder;
  return {
    type,
    at: entry.at,
    body: {
      escalation: {
        id,
        status,
        policy,
        dedupKey,
        summary,
        severity,
        test,
        createdAt,
        acknowledgedBy: acknowledgedBy && {
          name: acknowledgedBy.name,
          way: acknowledgedBy.way,
          at: acknowledgedBy.at,
        },
      },
      ...own,
    },
  };
}

function eventOf(entry: EscalationEntry): Event | null {
  switch (entry.type) {
    case 'opened':
      return { type: 'started' };
    case 'startedAgain':
      return { type: 'started', again: true };
    case 'calling':
      return { type: 'call_placed', call: entry.data };
    case 'callEnded': {
      const { name, disposition, code, subCode } = entry.data;
      return { type: 'call_ended', call: { name, disposition, code, subCode } };
    }
    case 'acknowledged':
    case 'resolved':
    case 'cancelled': {
      const { name, way, note } = entry.data;
      return { type: entry.type, by: { name, way }, ...(note === undefined ? {} : { note }) };
    }
    case 'exhausted':
      return { type: 'exhausted' };
    default:
      return null;
  }
}
