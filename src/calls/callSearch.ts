import { sql as raw, type RawBuilder } from 'kysely';
import { hasWords, newestFirst, type Place } from '../database/newestFirst.ts';
import type { Sql } from '../database/schema.ts';
import type { Call, Disposition } from './call.ts';
import { loadCalls } from './callLists.ts';

export interface CallFilters {
  /** Words of the callee's name, or of the name of the person who requested the call. */
  person?: string | undefined;
  /** Of the escalations that the calls belong to. */
  escalations?: EscalationFilter | undefined;
  dispositions?: readonly Disposition[] | undefined;
  /** The result of the service. */
  code?: number | undefined;
  subCode?: number | undefined;
  /** Calls were placed at this time or later, and before `until`. */
  from?: Date | undefined;
  until?: Date | undefined;
}

/** `few`: all their ids. `where`: a condition on an id, for escalations too many to list. */
export type EscalationFilter =
  { few: readonly string[] } | { where: (id: RawBuilder<unknown>) => RawBuilder<boolean> };

export interface CallSearch extends CallFilters {
  /** Only calls that this person requested, and calls of escalations to their phone. Null: all calls. */
  of: { key: string; objectId?: string | undefined } | null;
  before?: Place | undefined;
  limit: number;
}

export interface FoundCalls {
  /** Newest first. */
  calls: Call[];
  /** See `FoundRows`. */
  next: Place | null;
  stopped: boolean;
}

/** Words that fit more people than this are compared with the names of each call instead. */
const MOST_PEOPLE = 10;
/** If more people than this have calls, the same. */
const MOST_KNOWN = 2_500;

/** Finds a page of calls. Its cost is bounded: see `newestFirst`. */
export async function searchCalls(sql: Sql, search: CallSearch): Promise<FoundCalls> {
  const { before, from, until, limit } = search;
  const plan = await planOf(sql, search);
  if (plan.streams.length === 0) return { calls: [], next: null, stopped: false };
  const { ids, next, stopped } = await newestFirst(sql, {
    table: 'calls',
    ...plan,
    before,
    from,
    until,
    limit,
  });
  const calls = await loadCalls(sql, ids);
  return { calls: ids.flatMap((id) => calls.get(id) ?? []), next, stopped };
}

interface Plan {
  streams: RawBuilder<unknown>[];
  filters: RawBuilder<unknown>[];
}

/** Chooses the most selective filter that has an index; the others are compared with each candidate. */
async function planOf(
  sql: Sql,
  { of, person, escalations, dispositions, code, subCode }: CallSearch,
): Promise<Plan> {
  const filters: RawBuilder<unknown>[] = [];
  if (code !== undefined) filters.push(raw`facts #>> '{ended,code}' = ${String(code)}`);
  if (subCode !== undefined) filters.push(raw`facts #>> '{ended,subCode}' = ${String(subCode)}`);
  const people = person === undefined || of ? null : await peopleNamed(sql, person);
  const own = of ? ownStreams(of) : null;
  const few = escalations && 'few' in escalations ? escalations.few : null;
  const byPeople = people ? streamsOf(people) : null;
  const byEscalation = few ? [callsOf(few)] : null;
  const byDisposition = dispositions?.map((one) => raw`disposition = ${one}`) ?? null;
  const streams = own ?? byPeople ?? byEscalation ?? byDisposition ?? [raw`TRUE`];

  if (person !== undefined && streams !== byPeople) filters.push(namesHave(person));
  if (dispositions && streams !== byDisposition) {
    filters.push(raw`disposition = ANY(${[...dispositions]}::text[])`);
  }
  if (escalations && streams !== byEscalation) {
    filters.push(
      'few' in escalations
        ? raw`escalation_id = ANY(${[...escalations.few]}::text[])`
        : escalations.where(raw.ref('escalation_id')),
    );
  }
  return { streams, filters };
}

function ownStreams({ key, objectId }: NonNullable<CallSearch['of']>): RawBuilder<unknown>[] {
  return [
    raw`requester_key = ${key}`,
    ...(objectId === undefined
      ? []
      : [raw`target_key = ${`teamsUser:${objectId.toLowerCase()}`} AND escalation_id IS NOT NULL`]),
  ];
}

/** As an array, so that PostgreSQL reads these calls and sorts them, instead of all calls in the order of time. */
function callsOf(escalationIds: readonly string[]): RawBuilder<unknown> {
  return raw`id = ANY(ARRAY(SELECT id FROM calls WHERE escalation_id = ANY(${[...escalationIds]}::text[])))`;
}

interface People {
  callees: string[];
  requesters: string[];
}

function streamsOf({ callees, requesters }: People): RawBuilder<unknown>[] {
  return [
    ...callees.map((key) => raw`target_key = ${key}`),
    ...requesters.map(
      (key) =>
        raw`requester_key = ${key} AND escalation_id IS NULL AND target_key <> ALL(${callees}::text[])`,
    ),
  ];
}

function namesHave(words: string): RawBuilder<unknown> {
  return raw`${hasWords(raw`(target ->> 'displayName')`, words)}
    OR escalation_id IS NULL AND ${hasWords(raw`(requested_by ->> 'name')`, words)}`;
}

/**
 * People with calls whose newest name has all of these words. It jumps from person to person in an index.
 *
 * @returns null if there are more than MOST_PEOPLE, or more than MOST_KNOWN to compare
 */
async function peopleNamed(sql: Sql, words: string): Promise<People | null> {
  const callees = await keysNamed(sql, 'target_key', raw`target ->> 'displayName'`, words);
  const requesters = callees && (await keysNamed(sql, 'requester_key', raw`requested_by ->> 'name'`, words));
  if (!requesters || callees.length + requesters.length > MOST_PEOPLE) return null;
  return { callees, requesters };
}

async function keysNamed(
  sql: Sql,
  column: 'target_key' | 'requester_key',
  name: RawBuilder<unknown>,
  words: string,
): Promise<string[] | null> {
  const key = raw.ref(column);
  // The requester of an escalation's call is the escalation. There are many of these, with ids that begin alike.
  const after = raw`CASE WHEN person.key LIKE 'esc\\_%' THEN 'esc_zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz' ELSE person.key END`;
  const newest = raw`${key}, created_at DESC LIMIT 1`;
  const { rows } = await raw<{ known: number; keys: string[] }>`
    WITH RECURSIVE person (key, name) AS (
      (SELECT ${key}, ${name} FROM calls ORDER BY ${newest})
      UNION ALL
      SELECT following.* FROM person
        CROSS JOIN LATERAL (SELECT ${key}, ${name} FROM calls WHERE ${key} > ${after} ORDER BY ${newest}) AS following
    ), known AS MATERIALIZED (SELECT key, name FROM person LIMIT ${MOST_KNOWN + 1})
    SELECT (SELECT count(*)::integer FROM known) AS known, ARRAY(
      SELECT key FROM known WHERE key NOT LIKE 'esc\\_%' AND ${hasWords(raw.ref('name'), words)}
      LIMIT ${MOST_PEOPLE + 1}
    ) AS keys`.execute(sql);
  const [found] = rows;
  return found && found.known <= MOST_KNOWN ? found.keys : null;
}
