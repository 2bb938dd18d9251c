import type { Kysely } from 'kysely';
import type { Requester } from '../calls/call.ts';
import type { Clock } from '../clock.ts';
import type { Schema } from '../database/schema.ts';

/** Those who do not want to be called from chats. An object id is unique across tenants. */
export class OptOuts {
  readonly #sql: Kysely<Schema>;
  readonly #clock: Clock;

  constructor(sql: Kysely<Schema>, clock: Clock) {
    this.#sql = sql;
    this.#clock = clock;
  }

  /** @returns false if it was so already */
  async stop({ objectId, tenantId = '' }: Requester & { objectId: string }): Promise<boolean> {
    const result = await this.#sql
      .insertInto('opt_outs')
      .values({ object_id: objectId, tenant_id: tenantId, at: new Date(this.#clock.now()) })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
  }

  /** @returns false if it was so already */
  async allow({ objectId }: Requester & { objectId: string }): Promise<boolean> {
    const result = await this.#sql
      .deleteFrom('opt_outs')
      .where('object_id', '=', objectId)
      .executeTakeFirst();
    return result.numDeletedRows > 0n;
  }

  /** Those of these object ids who do not want to be called. */
  async among(ids: readonly string[]): Promise<ReadonlySet<string>> {
    if (ids.length === 0) return new Set();
    const rows = await this.#sql
      .selectFrom('opt_outs')
      .select('object_id')
      .where(
        'object_id',
        'in',
        ids.map((id) => id.toLowerCase()),
      )
      .execute();
    return new Set(rows.map(({ object_id }) => object_id));
  }
}
