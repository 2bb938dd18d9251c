import type { Kysely } from 'kysely';
import type { Target } from '../calls/call.ts';
import type { Schema } from '../database/schema.ts';
import { storableJson } from '../database/storable.ts';

/** Somebody who has taken over the duty of a policy's rotations. */
export interface Cover {
  person: Target;
  /** Epoch milliseconds. */
  until: number;
}

/** Who covers at a time (epoch milliseconds); null if nobody does. */
export async function coverAt(sql: Kysely<Schema>, policy: string, at: number): Promise<Cover | null> {
  const row = await sql
    .selectFrom('covers')
    .select(['person', 'until'])
    .where('policy', '=', policy)
    .executeTakeFirst();
  return row && row.until.getTime() > at ? { person: row.person, until: row.until.getTime() } : null;
}

/** The newest cover takes the place of the one before. */
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
