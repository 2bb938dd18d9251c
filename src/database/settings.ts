import { sql as raw, type RawBuilder, type SqlBool } from 'kysely';
import type { Sql } from './schema.ts';
import { storableJson } from './storable.ts';

/** A condition on the present value of a setting, which is given as an expression. */
type When = (value: RawBuilder<unknown>) => RawBuilder<SqlBool>;

const storedValue = raw`settings.value`;

/** Reads a value that all replicas share: one row per name. @returns as it is stored; null if it is not set */
export async function readStoredSetting(sql: Sql, name: string, lock?: 'share' | 'update'): Promise<unknown> {
  let select = sql.selectFrom('settings').select('value').where('name', '=', name);
  if (lock === 'share') select = select.forShare();
  if (lock === 'update') select = select.forUpdate();
  const row = await select.executeTakeFirst();
  return row?.value ?? null;
}

/** Reads a value that is an object. @returns its members; null if it is not set */
export async function readSetting(
  ...args: Parameters<typeof readStoredSetting>
): Promise<Readonly<Record<string, unknown>> | null> {
  const value = await readStoredSetting(...args);
  return typeof value === 'object' && value !== null ? { ...value } : null;
}

/** The value of a setting as an expression; null if it is not set. */
export function settingValue(name: string): RawBuilder<unknown> {
  return raw`(SELECT value FROM settings WHERE name = ${raw.lit(name)})`;
}

/** Sets it unless it is set already. @returns false if it was */
export async function makeSetting(sql: Sql, name: string, value: object): Promise<boolean> {
  const made = await sql
    .insertInto('settings')
    .values({ name, value: storableJson(value) })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return (made.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** Sets it. @param when replaces an existing value only if this holds @returns false if it was not replaced */
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

/** A statement, or a part of one, that gives the setting a new `version` if the condition holds. */
export function newVersion(
  name: string,
  condition: RawBuilder<SqlBool> = raw<SqlBool>`TRUE`,
): RawBuilder<unknown> {
  return raw`INSERT INTO settings (name, value)
    SELECT ${raw.lit(name)}, jsonb_build_object('version', gen_random_uuid()) WHERE ${condition}
    ON CONFLICT (name) DO UPDATE SET value = excluded.value`;
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

/** Replaces an existing value if `when` holds. */
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

/** Deletes the settings with this prefix for which `when` holds. */
export async function dropSettings(sql: Sql, prefix: string, when: When): Promise<void> {
  await sql
    .deleteFrom('settings')
    .where(raw<SqlBool>`starts_with(name, ${prefix})`)
    .where((where) => where.or([when(storedValue), when(raw`settings.name`)]))
    .execute();
}
