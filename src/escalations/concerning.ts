import { sql as raw, type RawBuilder } from 'kysely';
import type { Requester } from '../calls/call.ts';
import type { Sql } from '../database/schema.ts';
import type { Escalation, EscalationStatus } from './escalation.ts';
import { readEscalation } from './escalationStore.ts';

/** How an escalation may concern somebody. What is not given does not count. */
export interface Concern {
  /** It was started by them. */
  starter?: Pick<Requester, 'kind' | 'key'>;
  /** It has called them, or is about to in its current step: an object id. */
  callee?: string | undefined;
  /** It is shown in one of these conversations. */
  conversations?: readonly string[];
}

export interface ConcernQuery {
  limit: number;
  statuses?: readonly EscalationStatus[];
  /** Those that are over or taken: only since then. */
  exhaustedSince?: Date;
  acknowledgedSince?: Date;
  /** The next page, for which the newest goes first; else those that call go before. */
  before?: { createdAt: string; id: string } | null;
}

export interface Concerning {
  escalation: Escalation;
  /** The phone of the callee, or of anybody where none is given, is being called for it, or they are on it. */
  rings: boolean;
}

/** The escalations that concern somebody, however many others there are. */
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
      raw`SELECT escalation_id FROM calls WHERE target_key = ${key} AND escalation_id IS NOT NULL`,
      raw`SELECT id FROM escalations
        WHERE status = 'open' AND ladder -> 'rungs' @> ${JSON.stringify([{ key }])}::jsonb`,
    );
  }
  if (conversations.length > 0) {
    ids.push(raw`SELECT substr(subject, length('escalation:') + 1) FROM cards
      WHERE conversation_key IN (${raw.join(conversations)}) AND subject LIKE 'escalation:%'`);
  }
  if (ids.length === 0) return [];
  const ofCallee = callee === undefined ? raw`TRUE` : raw`target_key = ${key}`;
  const rings = raw<boolean>`EXISTS (SELECT FROM calls WHERE escalation_id = escalations.id
    AND status IN ('dialing', 'connected') AND ${ofCallee})`;
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
