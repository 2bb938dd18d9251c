import { sql as raw, type Kysely, type RawBuilder } from 'kysely';
import type { Target } from '../calls/call.ts';
import type { Schema } from '../database/schema.ts';
import { storableJson } from '../database/storable.ts';

/** A person who is on duty instead of a policy's rotations. */
export interface Cover {
  person: Target;
  /** Epoch milliseconds. */
  until: number;
}

/** Who covers. @param at epoch milliseconds @returns null if nobody does */
export async function coverAt(sql: Kysely<Schema>, policy: string, at: number): Promise<Cover | null> {
  const row = await sql
    .selectFrom('covers')
    .select(['person', 'until'])
    .where('policy', '=', policy)
    .executeTakeFirst();
  return row && row.until.getTime() > at ? { person: row.person, until: row.until.getTime() } : null;
}

/** Replaces the cover before it. @param at epoch milliseconds */
export async function takeCover(
  sql: Kysely<Schema>,
  policy: string,
  cover: Cover,
  at: number,
): Promise<void> {
  const values = {
    person: storableJson(cover.person),
    until: new Date(cover.until),
    created_at: new Date(at),
  };
  await sql
    .insertInto('covers')
    .values({ policy, ...values })
    .onConflict((conflict) => conflict.column('policy').doUpdateSet(values))
    .execute();
}

/** An expression that differs when a cover has changed. */
export const coversToken: RawBuilder<unknown> = raw`(SELECT sum(hashtextextended(
  concat(policy, ' ', until, ' ', created_at), 0)) FROM covers)`;
