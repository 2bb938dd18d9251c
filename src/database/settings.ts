import { sql as raw, type RawBuilder, type SqlBool } from 'kysely';
import type { Sql } from './schema.ts';
import { storableJson } from './storable.ts';

/** Whether a setting's value, given as an expression, is one that may be changed. */
type When = (value: RawBuilder<unknown>) => RawBuilder<SqlBool>;

const storedValue = raw`settings.value`;

/** A value that the whole installation shares: one row each, by name. @returns null if there is none */
export async function readSetting(sql: Sql, name: string): Promise<Readonly<Record<string, unknown>> | null> {
  const row = await sql.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst();
  return row ? { ...row.value } : null;
}

/** Sets it unless it is set. @returns false if it was */
export async function makeSetting(sql: Sql, name: string, value: object): Promise<boolean> {
  const made = await sql
    .insertInto('settings')
    .values({ name, value: storableJson(value) })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return (made.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** Sets it. @param when what is set already is replaced only then @returns false if it was not replaced */
export async function putSetting(sql: Sql, name: string, value: object, when?: When): Promise<boolean> {
  const json = storableJson(value);
  const put = await sql
    .insertInto('settings')
    .values({ name, value: json })
    .onConflict((conflict) => {
      const replaced = conflict.column('name').doUpdateSet({ value: json });
      return when ? replaced.where(when(storedValue)) : replaced;
    })
    .executeTakeFirst();
  return (put.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** Sets several with one statement: names with their values. */
export async function putSettings(sql: Sql, settings: ReadonlyMap<string, object>): Promise<void> {
  const rows = [...settings].map(([name, value]) => ({ name, value: storableJson(value) }));
  await sql
    .insertInto('settings')
    // In the same order everywhere, so that two processes cannot block each other.
    .values(rows.toSorted((one, other) => (one.name < other.name ? -1 : 1)))
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet((excluded) => ({ value: excluded.ref('excluded.value') })),
    )
    .execute();
}

/** Replaces it if it is there, and `when` holds. */
export async function changeSetting(sql: Sql, name: string, value: object, when: When): Promise<void> {
  await sql
    .updateTable('settings')
    .set({ value: storableJson(value) })
    .where('name', '=', name)
    .where(when(storedValue))
    .execute();
}

/** Deletes it if `when` holds. */
export async function dropSetting(sql: Sql, name: string, when: When): Promise<void> {
  await sql.deleteFrom('settings').where('name', '=', name).where(when(storedValue)).execute();
}

/** Deletes those whose name begins so, if `when` holds of their value or their name. */
export async function dropSettings(sql: Sql, prefix: string, when: When): Promise<void> {
  await sql
    .deleteFrom('settings')
    .where(raw<SqlBool>`starts_with(name, ${prefix})`)
    .where((where) => where.or([when(storedValue), when(raw`settings.name`)]))
    .execute();
}
