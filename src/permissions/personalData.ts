import type { Sql } from '../database/schema.ts';
import type { Work } from '../database/transaction.ts';
import { FORGOTTEN, FORGOTTEN_NAME } from '../privacy/anonymise.ts';
import type { Leaving } from '../privacy/person.ts';
import type { OptOuts } from './optOuts.ts';

export async function exportPerson(
  sql: Sql,
  key: string,
  optOuts: Pick<OptOuts, 'among'>,
): Promise<{ optedOut: boolean; audit: object[] }> {
  const audit = await sql
    .selectFrom('audit')
    .select(['at', 'what', 'who_name', 'whom_name', 'why'])
    .where((where) => where.or([where('who', '=', key), where('whom', '=', `teamsUser:${key}`)]))
    .orderBy('at')
    .execute();
  return { optedOut: (await optOuts.among([key])).size > 0, audit };
}

/** @returns how many audit entries no longer name the person, and whether their opt-out stays as a keyed hash */
export async function forgetPerson(
  { sql }: Work,
  { key }: Leaving,
  optOuts: Pick<OptOuts, 'forgetIn'>,
): Promise<{ audit: number; optOutKept: boolean }> {
  const asked = await sql
    .updateTable('audit')
    .set({ who: FORGOTTEN, who_name: FORGOTTEN_NAME })
    .where('who', '=', key)
    .executeTakeFirst();
  const meant = await sql
    .updateTable('audit')
    .set({ whom: FORGOTTEN, whom_name: FORGOTTEN_NAME })
    .where('whom', 'in', [`teamsUser:${key}`, `communicationUser:${key.toLowerCase()}`])
    .executeTakeFirst();
  return {
    audit: Number(asked.numUpdatedRows) + Number(meant.numUpdatedRows),
    optOutKept: await optOuts.forgetIn(sql, key),
  };
}
