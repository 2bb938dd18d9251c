import { createHash } from 'node:crypto';
import { sql as raw, type Kysely, type RawBuilder, type Selectable, type Transaction } from 'kysely';
import type { Target } from '../calls/call.ts';
import type { Schema } from '../database/schema.ts';
import { storableJson } from '../database/storable.ts';
import { isFor, onTop } from './covering.ts';

/**
 * A person who is on duty instead of a policy's rotations, or of one of them. Where covers overlap, the one taken last
 * wins. Times are epoch milliseconds.
 */
export interface Cover {
  id: string;
  policy: string;
  person: Target;
  from: number;
  until: number;
  takenAt: number;
  /** The only rotation that it is for; null for all rotations of the policy. */
  rotation: string | null;
}

/** For all rotations of the policy, unless it names one. */
export type NewCover = Pick<Cover, 'policy' | 'person' | 'from' | 'until'> & { rotation?: string };

/**
 * Who covers.
 *
 * @param at epoch milliseconds
 * @param rotation the one in question. If not given, covers of any rotation count
 * @returns null if nobody does
 */
export async function coverAt(
  sql: Kysely<Schema>,
  policy: string,
  at: number,
  rotation?: string,
): Promise<Cover | null> {
  const covers = await coversIn(sql, at, at + 1, policy);
  return covers.find((cover) => rotation === undefined || isFor(cover, rotation)) ?? null;
}

/**
 * The covers of a policy that count now, the one taken last first. With covers of single rotations these are several.
 *
 * @param at epoch milliseconds
 */
export async function coversNow(sql: Kysely<Schema>, policy: string, at: number): Promise<Cover[]> {
  return onTop(await coversIn(sql, at, at + 1, policy));
}

/**
 * The covers of a time range (epoch milliseconds, without its end), the one taken last first.
 *
 * @param policy only those of this policy
 */
export async function coversIn(
  sql: Kysely<Schema>,
  from: number,
  to: number,
  policy?: string,
): Promise<Cover[]> {
  const rows = await sql
    .selectFrom('all_covers')
    .selectAll()
    .where('starts_at', '<', new Date(to))
    .where('until', '>', new Date(from))
    // One that was ended before it began.
    .whereRef('until', '>', 'starts_at')
    .$if(policy !== undefined, (query) => query.where('policy', '=', policy ?? ''))
    .orderBy('taken_at', 'desc')
    .orderBy('id')
    .execute();
  return rows.map(coverOf);
}

/** That covers changed what a policy's duties say about a range of time. Epoch milliseconds; `to` belongs to the range. */
export interface CoverChange {
  policy: string;
  from: number;
  to: number;
  at: number;
}

/**
 * When covers last changed the duties from a time on (epoch milliseconds). A cover changes them when it is taken and when
 * it ends. One that was ended before it began counts too.
 *
 * @param now epoch milliseconds
 */
export async function coverChanges(sql: Kysely<Schema>, from: number, now: number): Promise<CoverChange[]> {
  const rows = await sql
    .selectFrom('all_covers')
    .select(['policy', 'starts_at', 'until', 'taken_at'])
    .where(raw<boolean>`greatest(until, starts_at) > ${new Date(from)}`)
    .execute();
  return rows.map(({ policy, starts_at, until, taken_at }) => {
    const end = until.getTime();
    const begin = starts_at.getTime();
    const at = end <= now ? Math.max(end, taken_at.getTime()) : taken_at.getTime();
    return { policy, from: begin, to: Math.max(begin, end), at };
  });
}

/** By id; null if there is none. */
export async function coverOfId(sql: Kysely<Schema>, id: string): Promise<Cover | null> {
  const row = await sql.selectFrom('all_covers').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? coverOf(row) : null;
}

/**
 * Covers from now on, in place of everybody who covers now. Their covers end; covers that begin later stay, and so do those
 * of one rotation, which two people have agreed on: they go on when this one has ended.
 *
 * @param cover `from` is now
 */
export async function replaceCover(sql: Kysely<Schema>, cover: NewCover): Promise<void> {
  const { policy, person } = cover;
  const now = new Date(cover.from);
  await raw`
    WITH ended AS (
      UPDATE cover_spans SET until = ${now}
      WHERE policy = ${policy} AND rotation IS NULL AND starts_at <= ${now} AND until > ${now}
    ), kept AS (
      INSERT INTO cover_spans (id, policy, person, starts_at, until, taken_at)
      SELECT id, policy, person, created_at, least(until, ${now}), created_at FROM covers WHERE policy = ${policy}
      ON CONFLICT (id) DO NOTHING
    )
    INSERT INTO covers (id, policy, person, until, created_at)
    VALUES (${idOf(cover)}, ${policy}, ${storableJson(person)}, ${new Date(cover.until)}, ${now})
    ON CONFLICT (policy) DO UPDATE SET
      id = excluded.id, person = excluded.person, until = excluded.until, created_at = excluded.created_at
  `.execute(sql);
}

/**
 * Waits until no other transaction changes the covers of a policy, and keeps others waiting until this one ends. So what it
 * has read is still true when it writes.
 */
export async function lockCovers(sql: Transaction<Schema>, policy: string): Promise<void> {
  await raw`SELECT pg_advisory_xact_lock(hashtextextended(${`covers ${policy}`}, 7465))`.execute(sql);
}

/** Plans read all covers, so a person can have at most this many of a policy that have not ended. */
export const MOST_COVERS = 100;

/** Whether the person has fewer than `MOST_COVERS` other covers of the policy. @param at epoch milliseconds */
export async function mayTakeCover(sql: Kysely<Schema>, cover: NewCover, at: number): Promise<boolean> {
  const others = await sql
    .selectFrom('cover_spans')
    .select('id')
    .where('policy', '=', cover.policy)
    .where('until', '>', new Date(at))
    .whereRef('until', '>', 'starts_at')
    .where(raw`person ->> 'id'`, '=', cover.person.id)
    .where('id', '<>', idOf(cover))
    .limit(MOST_COVERS)
    .execute();
  return others.length < MOST_COVERS;
}

/**
 * Covers a span, which begins now or later, on top of the covers that exist. The same person, policy and times make the
 * same cover: taking it again puts it on top again. If it was ended, it starts again, and what is past of it stays.
 *
 * @param at when it is taken, in epoch milliseconds
 * @returns its id
 */
export async function takeCover(sql: Kysely<Schema>, cover: NewCover, at: number): Promise<string> {
  const id = idOf(cover);
  const until = new Date(cover.until);
  const taken_at = new Date(at);
  await sql
    .updateTable('cover_spans')
    .set({ id: raw`md5(concat(id, ' ', until))` })
    .where('id', '=', id)
    .where('until', '<=', taken_at)
    .execute();
  await sql
    .insertInto('cover_spans')
    .values({
      id,
      policy: cover.policy,
      person: storableJson(cover.person),
      starts_at: new Date(Math.max(cover.from, at)),
      until,
      taken_at,
      rotation: cover.rotation ?? null,
    })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ until, taken_at }))
    .execute();
  return id;
}

/** Ends a cover that has not ended yet. What is past of it stays. @param at epoch milliseconds */
export async function endCover(sql: Kysely<Schema>, id: string, at: number): Promise<void> {
  const now = new Date(at);
  const ended = { until: now };
  await sql.updateTable('cover_spans').set(ended).where('id', '=', id).where('until', '>', now).execute();
  await sql.updateTable('covers').set(ended).where('id', '=', id).where('until', '>', now).execute();
}

function idOf({ policy, person, from, until, rotation }: NewCover): string {
  // Covers of all rotations keep the ids of the version before.
  const only = rotation === undefined ? [] : [rotation];
  const words = JSON.stringify([policy, person.kind, person.id, from, until, ...only]);
  return createHash('sha256').update(words).digest('hex').slice(0, 32);
}

function coverOf(row: Selectable<Schema['all_covers']>): Cover {
  const { id, policy, person, starts_at: from, until, taken_at: takenAt, rotation } = row;
  return {
    id,
    policy,
    person,
    from: from.getTime(),
    until: until.getTime(),
    takenAt: takenAt.getTime(),
    rotation,
  };
}

/** An expression that differs when a cover has changed. */
export const coversToken: RawBuilder<unknown> = raw`(SELECT sum(hashtextextended(
  concat(id, ' ', until, ' ', taken_at), 0)) FROM all_covers)`;
