import { sql as raw, type RawBuilder } from 'kysely';
import type { Requester } from '../calls/call.ts';
import { hasCalled, idsOfEscalationsCalling, ringsFor } from '../calls/callQueries.ts';
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
  const ids = idsConcerning(concern);
  if (ids.length === 0) return [];
  const { callee } = concern;
  const rings = ringsFor(raw.ref('escalations.id'), callee === undefined ? null : keyOf(callee));
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

/**
 * @param most bounds what is read: calls to the person, escalations that they started, cards
 * @returns the ids of the escalations that concern a person, in any order; null if that takes more
 */
export async function fewConcerning(sql: Sql, concern: Concern, most: number): Promise<string[] | null> {
  const queries = idsConcerning(concern);
  if (queries.length === 0) return [];
  const parts = queries.map((query) => raw`ARRAY(${query} ORDER BY created_at DESC LIMIT ${most + 1})`);
  const { rows } = await raw<{ ids: string[] }>`SELECT unnest(ARRAY[${raw.join(
    parts.map((part) => raw`to_json(${part})`),
  )}]) AS ids`.execute(sql);
  if (rows.some(({ ids }) => ids.length > most)) return null;
  return [...new Set(rows.flatMap(({ ids }) => ids))];
}

/** A condition on `candidate`, an escalation. Each part looks up one escalation, and never lists all of a person. */
export function isConcerned({ starter, callee, conversations = [] }: Concern): RawBuilder<unknown> {
  const key = keyOf(callee);
  return raw.join(
    [
      ...(starter ? [startedBy(starter)] : []),
      ...(callee === undefined ? [] : [hasCalled(raw.ref('candidate.id'), key), isInStep(key)]),
      ...(conversations.length === 0
        ? []
        : [
            raw`(SELECT TRUE FROM cards WHERE subject = 'escalation:' || candidate.id
              AND conversation_key IN (${raw.join(conversations)}) LIMIT 1)`,
          ]),
    ],
    raw` OR `,
  );
}

/** Queries for the ids of the escalations that concern a person. */
function idsConcerning({ starter, callee, conversations = [] }: Concern): RawBuilder<unknown>[] {
  const key = keyOf(callee);
  return [
    ...(starter ? [raw`SELECT id FROM escalations WHERE ${startedBy(starter)}`] : []),
    ...(callee === undefined
      ? []
      : [idsOfEscalationsCalling(key), raw`SELECT id FROM escalations WHERE ${isInStep(key)}`]),
    ...(conversations.length === 0
      ? []
      : [
          raw`SELECT substr(subject, length('escalation:') + 1) FROM cards
            WHERE conversation_key IN (${raw.join(conversations)}) AND subject LIKE 'escalation:%'`,
        ]),
  ];
}

function keyOf(callee: string | undefined): string {
  return `teamsUser:${callee?.toLowerCase() ?? ''}`;
}

function startedBy({ key, kind }: NonNullable<Concern['starter']>): RawBuilder<unknown> {
  return raw`alert -> 'startedBy' ->> 'key' = ${key} AND alert -> 'startedBy' ->> 'kind' = ${kind}`;
}

function isInStep(key: string): RawBuilder<unknown> {
  return raw`status = 'open' AND ladder -> 'rungs' @> ${JSON.stringify([{ key }])}::jsonb`;
}
