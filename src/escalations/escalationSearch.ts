import { sql as raw, type RawBuilder } from 'kysely';
import { hasCalledNamed } from '../calls/callQueries.ts';
import type { EscalationFilter } from '../calls/callSearch.ts';
import { hasWords, newestFirst, type Place } from '../database/newestFirst.ts';
import type { Sql } from '../database/schema.ts';
import { fewConcerning, isConcerned, type Concern } from './concerning.ts';
import type { Escalation, EscalationStatus } from './escalation.ts';
import { readEscalation } from './escalationStore.ts';

export interface EscalationFilters {
  /** Words of the name of a person whom it called, or who started, acknowledged or ended it. */
  person?: string | undefined;
  policy?: string | undefined;
  statuses?: readonly EscalationStatus[] | undefined;
  /** It began at this time or later, and before `until`. */
  from?: Date | undefined;
  until?: Date | undefined;
}

export interface EscalationSearch extends EscalationFilters {
  /** Only those that concern somebody. Null: all. */
  of: Concern | null;
  before?: Place | undefined;
  limit: number;
}

export interface FoundEscalations {
  /** Newest first. */
  escalations: Escalation[];
  /** See `FoundRows`. */
  next: Place | null;
  stopped: boolean;
}

/** Their rows are longer than those of calls. */
const MOST_READ = 2_500;
/** Of more, there are so many that a page is soon found among all escalations, in the order of time. */
const FEW = 2_000;
/** The same for the calls of a person. */
const FEW_CALLS = 3_000;

/** Finds a page of escalations. Its cost is bounded: see `newestFirst`. */
export async function searchEscalations(sql: Sql, search: EscalationSearch): Promise<FoundEscalations> {
  const { of, person, policy, statuses, before, from, until, limit } = search;
  const filters: RawBuilder<unknown>[] = [];
  const own = of && (await fewConcerning(sql, of, FEW_CALLS));
  if (of && !own) filters.push(isConcerned(of));
  const stream = own
    ? raw`id = ANY(${own}::text[])`
    : policy === undefined
      ? raw`TRUE`
      : raw`policy = ${policy}`;
  if (own && policy !== undefined) filters.push(raw`policy = ${policy}`);
  if (statuses) filters.push(raw`status = ANY(${[...statuses]}::text[])`);
  if (person !== undefined) filters.push(namesHave(person));
  const query = { table: 'escalations', streams: [stream], filters, before, from, until, limit } as const;
  const { ids, next, stopped } = await newestFirst(sql, query, MOST_READ);
  const rows = await sql
    .selectFrom('escalations')
    .selectAll()
    .where('id', '=', raw<string>`ANY(${ids}::text[])`)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
  return { escalations: rows.map(readEscalation), next, stopped };
}

function namesHave(words: string): RawBuilder<unknown> {
  const names = [
    raw`(alert -> 'startedBy' ->> 'name')`,
    raw`(ladder -> 'acknowledgedBy' ->> 'name')`,
    raw`(ladder -> 'endedBy' ->> 'name')`,
  ].map((name) => hasWords(name, words));
  return raw.join([...names, hasCalledNamed(raw.ref('candidate.id'), words)], raw` OR `);
}

/** How to find the calls of a policy's escalations. @param until leaves out escalations that began later */
export async function ofPolicy(sql: Sql, policy: string, until?: Date): Promise<EscalationFilter> {
  const { rows } = await raw<{ id: string }>`SELECT id FROM escalations
    WHERE policy = ${policy} AND created_at < ${until ?? raw`'infinity'`}::timestamptz LIMIT ${FEW + 1}`.execute(
    sql,
  );
  if (rows.length <= FEW) return { few: rows.map(({ id }) => id) };
  return { where: (id) => raw`(SELECT policy FROM escalations WHERE id = ${id}) = ${policy}` };
}

/** The policies of escalations by their ids; those without one are left out. */
export async function policiesOf(sql: Sql, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await sql
    .selectFrom('escalations')
    .select(['id', 'policy'])
    .where('id', '=', raw<string>`ANY(${[...ids]}::text[])`)
    .execute();
  return new Map(rows.flatMap(({ id, policy }) => (policy === null ? [] : [[id, policy]])));
}
