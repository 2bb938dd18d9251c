import { sql as raw } from 'kysely';
import type { Sql } from '../database/schema.ts';
import { dropSettings } from '../database/settings.ts';
import { storableJson } from '../database/storable.ts';
import type { Work } from '../database/transaction.ts';
import {
  anyContains,
  contains,
  orNone,
  timelinesOf,
  withoutPerson,
  type Leaving,
} from '../privacy/person.ts';
import { exchangeSubject } from '../schedules/exchange.ts';
import { coversOf, exchangesOf, forgetCovers, forgetExchanges } from '../schedules/personalData.ts';

/** Whether the person is part of an escalation that is open or acknowledged. */
export async function isInEscalation(sql: Sql, key: string): Promise<boolean> {
  const escalation = await sql
    .selectFrom('escalations')
    .select('id')
    .where('status', 'in', [raw.lit('open'), raw.lit('acknowledged')])
    .where(anyContains(key, 'alert', 'ladder'))
    .executeTakeFirst();
  return escalation !== undefined;
}

/** The escalations that mention the person in any way. @param placed ids of escalations that called them */
export async function escalationsWith(sql: Sql, key: string, placed: readonly string[]): Promise<string[]> {
  const rows = await sql
    .selectFrom('escalations')
    .select('id')
    .where((where) =>
      where.or([
        anyContains(key, 'alert', 'ladder'),
        where('id', 'in', orNone(placed)),
        where(
          'id',
          'in',
          where.selectFrom('escalation_timeline').select('escalation_id').where(anyContains(key, 'data')),
        ),
      ]),
    )
    // Everything locks escalations in this order, to prevent deadlocks.
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => id);
}

export async function exportPerson(
  sql: Sql,
  key: string,
  ids: readonly string[],
): Promise<{ escalations: object[]; covers: object[]; exchanges: object[] }> {
  const escalations = await sql
    .selectFrom('escalations')
    .select(['id', 'status', 'policy', 'alert', 'created_at', 'ended_at'])
    .where('id', 'in', orNone(ids))
    .orderBy('created_at')
    .execute();
  const lines = await sql
    .selectFrom('escalation_timeline')
    .select(['escalation_id as of', 'at', 'type', 'data'])
    .where('escalation_id', 'in', orNone(ids))
    .orderBy('seq')
    .execute();
  const timelines = timelinesOf(lines);
  return {
    escalations: escalations.map((one) => ({ ...one, timeline: timelines.get(one.id) ?? [] })),
    covers: await coversOf(sql, key),
    exchanges: await exchangesOf(sql, key),
  };
}

/** @returns from how many escalations the person was removed, and how many of their covers were deleted */
export async function forgetPerson(
  work: Work,
  leaving: Leaving,
  now: number,
): Promise<{ escalations: number; covers: number }> {
  const { sql } = work;
  const { key, escalations: ids, without } = leaving;
  for (const id of ids) {
    const one = await sql
      .selectFrom('escalations')
      .select(['alert', 'ladder', 'revision'])
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (!one) continue;
    await sql
      .updateTable('escalations')
      .set({
        alert: storableJson(without(one.alert)),
        ladder: storableJson(without(one.ladder)),
        revision: one.revision + 1,
      })
      .where('id', '=', id)
      .execute();
  }
  const lines = await sql
    .selectFrom('escalation_timeline')
    .select(['seq', 'data'])
    .where('escalation_id', 'in', orNone(ids))
    .execute();
  for (const { seq, data } of withoutPerson(lines, leaving)) {
    await sql.updateTable('escalation_timeline').set({ data }).where('seq', '=', seq).execute();
  }
  // The last answers of the directory, which targets.ts keeps.
  await dropSettings(sql, 'target:', (value) => contains(key, value));
  // The other person's card shows that the offer ended.
  for (const id of await forgetExchanges(sql, key, now))
    work.enqueue({ name: 'card.show', data: { subject: exchangeSubject(id) } });
  return { escalations: ids.length, covers: await forgetCovers(sql, key) };
}
