import { sql as raw, type RawBuilder } from 'kysely';
import type { Requester } from '../calls/call.ts';
import { idsOfEscalationsCalling, ringsFor } from '../calls/callQueries.ts';
import type { Sql } from '../database/schema.ts';
import type { Escalation, EscalationStatus } from './escalation.ts';
import { readEscalation } from './escalationStore.ts';

/** How escalations may concern a person: in one of these ways. */
export interface Concern {
  /** They started it. */
  starter?: Pick<Requester, 'kind' | 'key'>;
  /** It has called them, or will in its current step: an object id. */
  callee?: string | undefined;
  /** It is shown in one of these conversations. */
  conversations?: readonly string[];
}

export interface ConcernQuery {
  limit: number;
  statuses?: readonly EscalationStatus[];
  /** Leaves out escalations that were exhausted before this. */
  exhaustedSince?: Date;
  /** Only those that were acknowledged since this. */
  acknowledgedSince?: Date;
  /** If given (null: the first page), the newest come first. Otherwise those that ring come first, then open ones. */
  before?: { createdAt: string; id: string } | null;
}

export interface Concerning {
  escalation: Escalation;
  /** One of its calls is at the callee's phone now. Without a callee: at any phone. */
  rings: boolean;
}

/** The escalations that concern a person. */
export async function concerning(sql: Sql, concern: Concern, query: ConcernQuery): Promise<Concerning[]> {
  const { starter, callee, conversations = [] } = concern;
  const key = `teamsUser:${callee?.toLowerCase() ?? ''}`;
  const ids: RawBuilder<unknown>[] = [];
  if (starter) {
    ids.push(raw`SELECT id FROM escalations
      WHERE alert -> 'startedBy' ->> 'key' = ${starter.key} AND alert -> 'startedBy' ->> 'kind' = ${starter.kind}`);
  }
  if (callee !== undefined) {
    ids.push(
      idsOfEscalationsCalling(key),
      raw`SELECT id FROM escalations
        WHERE status = 'open' AND ladder -> 'rungs' @> ${JSON.stringify([{ key }])}::jsonb`,
    );
  }
  if (conversations.length > 0) {
    ids.push(raw`SELECT substr(subject, length('escalation:') + 1) FROM cards
      WHERE conversation_key IN (${raw.join(conversations)}) AND subject LIKE 'escalation:%'`);
  }
  if (ids.length === 0) return [];
  const rings = ringsFor(raw.ref('escalations.id'), callee === undefined ? null : key);
  let select = sql
    .selectFrom('escalations')
    .selectAll()
    .select(rings.as('rings'))
    .where(raw<boolean>`id IN (${raw.join(ids, raw` UNION `)})`);
  const { limit, statuses, exhaustedSince, acknowledgedSince, before } = query;
  if (statuses) select = select.where('status', 'in', [...statuses]);
  if (exhaustedSince) {
    select = select.where((is) =>
      is.or([is('status', '<>', 'exhausted'), is('ended_at', '>=', exhaustedSince)]),
    );
  }
  if (acknowledgedSince) {
    select = select.where(
      raw<boolean>`ladder -> 'acknowledgedBy' ->> 'at' >= ${acknowledgedSince.toISOString()}`,
    );
  }
  if (before) {
    select = select.where(raw<boolean>`(created_at, id) < (${new Date(before.createdAt)}, ${before.id})`);
  }
  if (before === undefined) {
    select = select.orderBy(raw`rings DESC, CASE status WHEN 'open' THEN 0 ELSE 1 END`);
  }
  const rows = await select.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit).execute();
  return rows.map(({ rings: isRinging, ...row }) => ({ escalation: readEscalation(row), rings: isRinging }));
}
