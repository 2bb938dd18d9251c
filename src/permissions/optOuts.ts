import { createHmac, randomBytes } from 'node:crypto';
import { sql as raw, type RawBuilder } from 'kysely';
import * as z from 'zod';
import type { Requester } from '../calls/call.ts';
import type { Clock } from '../clock.ts';
import { ask } from '../database/ask.ts';
import { GroupCommit } from '../database/groupCommit.ts';
import type { Sql } from '../database/schema.ts';
import { makeSetting, readSetting } from '../database/settings.ts';

/** People who do not want calls from chats. An object id is unique across tenants. */
export class OptOuts {
  readonly #sql: Sql;
  readonly #clock: Clock;
  #key: string | null = null;
  readonly #asking = new GroupCommit<readonly string[], ReadonlySet<string>>({
    what: 'opt-outs',
    inOrder: true,
    commit: async (asked) => {
      const found = await this.#among([...new Set(asked.flat())]);
      return asked.map((ids) => new Set(ids.map((id) => id.toLowerCase()).filter((id) => found.has(id))));
    },
  });

  constructor(sql: Sql, clock: Clock) {
    this.#sql = sql;
    this.#clock = clock;
  }

  /** @returns false if calls were stopped already */
  async stop({ objectId, tenantId = '' }: Requester & { objectId: string }): Promise<boolean> {
    if ((await this.among([objectId])).size > 0) return false;
    const result = await this.#sql
      .insertInto('opt_outs')
      .values({ object_id: objectId, tenant_id: tenantId, at: new Date(this.#clock.now()) })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
  }

  /** @returns false if calls were allowed already */
  async allow({ objectId }: Requester & { objectId: string }): Promise<boolean> {
    const result = await this.#sql
      .deleteFrom('opt_outs')
      .where('object_id', 'in', [objectId, await this.#hashOf(this.#sql, objectId)])
      .executeTakeFirst();
    return result.numDeletedRows > 0n;
  }

  /** Which of these people (object ids) do not want calls. Concurrent callers share one statement. */
  async among(ids: readonly string[]): Promise<ReadonlySet<string>> {
    return ids.length === 0 ? new Set() : await this.#asking.take(ids);
  }

  async #among(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const answers = await ask(this.#sql, { stopped: await this.question(this.#sql, ids) });
    const isStopped = this.stoppedIn(answers['stopped']);
    return new Set(ids.map((id) => id.toLowerCase()).filter(isStopped));
  }

  /** An expression: which of these people (object ids) do not want calls. Pass its value to `stoppedIn`. */
  async question(sql: Sql, ids: readonly string[]): Promise<RawBuilder<unknown>> {
    const kept: string[] = [];
    for (const id of ids) kept.push(id.toLowerCase(), await this.#hashOf(sql, id));
    return raw`(SELECT json_agg(object_id) FROM opt_outs WHERE object_id = ANY(${kept}::text[]))`;
  }

  /** @param answer to `question` @returns whether a person of that question does not want calls */
  stoppedIn(answer: unknown): (objectId: string) => boolean {
    const kept = new Set(keptIds.safeParse(answer).data);
    // Nearly always; a hash costs more than all else here.
    if (kept.size === 0) return () => false;
    return (objectId) =>
      kept.has(objectId.toLowerCase()) || (this.#key !== null && kept.has(hashOf(this.#key, objectId)));
  }

  /**
   * Forgets the person but keeps the opt-out as a keyed hash.
   *
   * @returns whether there is an opt-out
   */
  async forgetIn(sql: Sql, objectId: string): Promise<boolean> {
    const id = objectId.toLowerCase();
    const hash = await this.#hashOf(sql, id);
    const own = await sql.deleteFrom('opt_outs').where('object_id', '=', id).executeTakeFirst();
    if (own.numDeletedRows > 0n) {
      await sql
        .insertInto('opt_outs')
        .values({ object_id: hash, tenant_id: '', at: new Date(this.#clock.now()) })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      return true;
    }
    const kept = await sql
      .selectFrom('opt_outs')
      .select('object_id')
      .where('object_id', '=', hash)
      .executeTakeFirst();
    return kept !== undefined;
  }

  /** The key is created on first use and never changes. Anyone who can read the whole database can compute hashes too. */
  async #hashOf(sql: Sql, objectId: string): Promise<string> {
    return hashOf(this.#key ?? (await this.#keyIn(sql)), objectId);
  }

  async #keyIn(sql: Sql): Promise<string> {
    const { key, isNew } = await keyIn(sql);
    // The transaction that creates it may be rolled back.
    if (!isNew || sql === this.#sql) this.#key = key;
    return key;
  }
}

const SETTING = 'optOutKey';
const keptIds = z.array(z.string());

function hashOf(key: string, objectId: string): string {
  return `hmac:${createHmac('sha256', key).update(objectId.toLowerCase()).digest('hex')}`;
}

async function keyIn(sql: Sql): Promise<{ key: string; isNew: boolean }> {
  const isNew = await makeSetting(sql, SETTING, { key: randomBytes(32).toString('base64url') });
  const key = (await readSetting(sql, SETTING))?.['key'];
  return { key: typeof key === 'string' ? key : '', isNew };
}
