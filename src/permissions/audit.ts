import { sql as raw, type RawBuilder } from 'kysely';
import type { Requester, Target } from '../calls/call.ts';
import { targetKey } from '../calls/callStore.ts';
import type { Clock } from '../clock.ts';
import type { Schema, Sql } from '../database/schema.ts';
import { storable } from '../database/storable.ts';
import type { Transact } from '../database/transaction.ts';
import { NotPermitted } from './refusal.ts';

type What = Schema['audit']['what'];

/** A record for questions that operators get later: who asked for what, whom it concerned, and why it was refused. */
export class Audit {
  readonly #sql: Sql;
  readonly #clock: Clock;
  readonly #refusing: (reason: string) => void;

  /** @param refusing is told the reason of each refusal */
  constructor(sql: Sql, clock: Clock, refusing: (reason: string) => void = () => undefined) {
    this.#refusing = refusing;
    this.#sql = sql;
    this.#clock = clock;
  }

  async refused({ asker, words, calleeKey }: NotPermitted): Promise<void> {
    this.#refusing(words.reason);
    await this.#add('refused', asker, calleeKey, words.callee, words.reason);
  }

  async record(what: Exclude<What, 'refused'>, who: Requester, whom?: Target, why?: string): Promise<void> {
    await this.#add(what, who, whom ? targetKey(whom) : null, whom?.displayName ?? null, why ?? null);
  }

  async #add(
    what: What,
    who: Requester,
    whom: string | null,
    whomName: string | null,
    why: string | null,
  ): Promise<void> {
    await this.#sql
      .insertInto('audit')
      .values({
        at: new Date(this.#clock.now()),
        who: storable(who.key),
        who_name: storable(who.name),
        what,
        whom,
        whom_name: whomName === null ? null : storable(whomName),
        why,
      })
      .execute();
  }
}

/** Records a refusal after its transaction, which would undo the record. */
export function recordingRefusals(transact: Transact, audit: Audit): Transact {
  return async (change) => {
    try {
      return await transact(change);
    } catch (error) {
      if (error instanceof NotPermitted) await audit.refused(error);
      throw error;
    }
  };
}

/** Deletes entries from before this time, at most `most` at once. */
export function oldAudit(before: Date, most: number): RawBuilder<unknown> {
  return raw`DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < ${before} LIMIT ${most})`;
}
