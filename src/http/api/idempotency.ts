import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { sql as raw, type RawBuilder } from 'kysely';
import type { Clock } from '../../clock.ts';
import type { Sql } from '../../database/schema.ts';
import { storableJson } from '../../database/storable.ts';
import type { Alongside } from '../../calls/placeCall.ts';
import { LastRows, type Work } from '../../database/transaction.ts';
import { RingdownError } from '../../errors.ts';
import type { Reply } from '../route.ts';

const KEPT_MS = 24 * 60 * 60_000;
/** Each new key deletes up to this many expired ones, so that the table does not grow. */
const SWEPT = 10;
/** The stored answer of a request. */
const ACCEPTED = 202;

/** A request with an `Idempotency-Key`. */
export interface IdempotentRequest {
  /** Identifies the caller and the path. */
  scope: string;
  key: string;
  bodyHash: string;
}

/**
 * @returns null if the request has no `Idempotency-Key`
 * @throws RingdownError bad_request
 */
export function idempotentRequest(
  headers: IncomingHttpHeaders,
  scope: string,
  body: unknown,
): IdempotentRequest | null {
  const key = headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new RingdownError('bad_request', {
      detail: 'Idempotency-Key must be 1 to 255 visible ASCII characters, without spaces',
    });
  }
  return { scope, key, bodyHash: createHash('sha256').update(canonical(body)).digest('hex') };
}

/**
 * The work of a request, in a transaction that other requests share.
 *
 * @param answering stores the answer; null if the request has no key
 * @returns null if `answering` did not admit it
 */
export type Prepared<Answer> = (answering: Answering<Answer> | null) => Promise<Answer | null>;

/** What a request with a key adds to the transaction. */
export interface Answering<Answer> extends Required<Pick<Alongside, 'question' | 'admit'>> {
  store: (work: Work, answer: Answer) => void;
}

/** Answers a repeated request with the answer to the first one. */
export class Idempotency {
  readonly #sql: Sql;
  readonly #clock: Clock;

  constructor(parts: { sql: Sql; clock: Clock }) {
    this.#sql = parts.sql;
    this.#clock = parts.clock;
  }

  /**
   * Carries out a request, and stores its answer in the same transaction. A request that fails leaves nothing behind.
   * If two arrive at once, the second waits for the first.
   *
   * @param prepare does what needs no transaction, such as asking the directory, and returns the work for the
   *   transaction
   * @param complete adds to the answer after the commit, for what takes time
   * @throws RingdownError idempotency_key_reused
   */
  async once<Answer extends object>(
    request: IdempotentRequest | null,
    prepare: () => Promise<Prepared<Answer>>,
    complete?: (answer: Answer) => Promise<Answer>,
  ): Promise<Reply> {
    const earlier = request && (await this.#find(request));
    if (earlier) return earlier;
    try {
      return await this.#perform(request, await prepare(), complete);
    } catch (error) {
      if (!request || !(error instanceof RingdownError)) throw error;
      // The second may have failed because of what the first one did, such as using up a limit.
      const meanwhile = await this.#find(request);
      if (meanwhile) return meanwhile;
      throw error;
    }
  }

  async #perform<Answer extends object>(
    request: IdempotentRequest | null,
    prepared: Prepared<Answer>,
    complete: ((answer: Answer) => Promise<Answer>) | undefined,
  ): Promise<Reply> {
    const answer = await prepared(request && this.#answering(request));
    if (!answer) {
      // Another request with this key was answered meanwhile, or long ago.
      const reply = request && (await this.#find(request));
      if (reply) return reply;
      if (request) await this.#forget(request);
      return await this.#perform(request, prepared, complete);
    }
    if (!complete) return { status: ACCEPTED, body: answer };
    const body = await complete(answer);
    if (request) await store(this.#sql, request, body);
    return { status: ACCEPTED, body };
  }

  async #find({ scope, key, bodyHash }: IdempotentRequest): Promise<Reply | null> {
    const row = await this.#sql
      .selectFrom('idempotency')
      .select(['body_hash', 'status', 'answer'])
      .where('scope', '=', scope)
      .where('key', '=', key)
      .where('created_at', '>', this.#outOfDate())
      .executeTakeFirst();
    if (!row || row.status === null) return null;
    if (row.body_hash !== bodyHash) throw new RingdownError('idempotency_key_reused');
    return { status: row.status, body: row.answer, headers: { 'Idempotency-Replayed': 'true' } };
  }

  #answering({ scope, key, bodyHash }: IdempotentRequest): Answering<object> {
    return {
      question: { key: nameOf({ scope, key }), ask: keysQuestion },
      admit: async (_work, isUsed) => await Promise.resolve(isUsed === undefined),
      store: (work, answer) => {
        const created_at = this.#now();
        if (!answered.isUsedIn(work)) work.last('oldAnswers', this.#old(SWEPT));
        answered.add(work, [{ scope, key, body_hash: bodyHash, status: ACCEPTED, answer, created_at }]);
      },
    };
  }

  /** Forgets the answer to an expired key. */
  async #forget({ scope, key }: Key): Promise<void> {
    const expired = this.#sql.deleteFrom('idempotency').where('created_at', '<=', this.#outOfDate());
    await expired.where('scope', '=', scope).where('key', '=', key).execute();
  }

  #old(most: number): RawBuilder<unknown> {
    return raw`DELETE FROM idempotency WHERE (scope, key) IN (SELECT scope, key FROM idempotency
      WHERE created_at <= ${this.#outOfDate()} LIMIT ${most} FOR UPDATE SKIP LOCKED)`;
  }

  #now(): Date {
    return new Date(this.#clock.now());
  }

  #outOfDate(): Date {
    return new Date(this.#clock.now() - KEPT_MS);
  }
}

type Key = Pick<IdempotentRequest, 'scope' | 'key'>;

/** A key has no spaces. */
function nameOf({ scope, key }: Key): string {
  return `${scope} ${key}`;
}

/** Which of these keys are used, as an expression. */
function keysQuestion(names: readonly string[]): RawBuilder<unknown> {
  const spaces = names.map((name) => name.lastIndexOf(' '));
  const scopes = names.map((name, nth) => name.slice(0, spaces[nth]));
  const keys = names.map((name, nth) => name.slice((spaces[nth] ?? 0) + 1));
  return raw`(SELECT json_object_agg(scope || ' ' || key, true) FROM idempotency
    WHERE (scope, key) IN (SELECT * FROM unnest(${scopes}::text[], ${keys}::text[])))`;
}

/** Answers that are stored with the last statement of a transaction. A key that was used meanwhile is a conflict. */
const answered = new LastRows<Key & { body_hash: string; status: number; answer: object; created_at: Date }>(
  'answers',
  (rows) => raw`INSERT INTO idempotency (scope, key, body_hash, status, answer, created_at)
    SELECT scope, key, body_hash, status, answer, created_at
    FROM json_populate_recordset(NULL::idempotency, ${storableJson(rows)}::json)`,
);

async function store(sql: Sql, { scope, key }: IdempotentRequest, answer: object): Promise<void> {
  await sql
    .updateTable('idempotency')
    .set({ status: ACCEPTED, answer: storableJson(answer) })
    .where('scope', '=', scope)
    .where('key', '=', key)
    .execute();
}

/** Deletes up to `most` answers from before `before`. */
export function oldAnswers(before: Date, most: number): RawBuilder<unknown> {
  return raw`DELETE FROM idempotency WHERE (scope, key) IN
    (SELECT scope, key FROM idempotency WHERE created_at < ${before} LIMIT ${most})`;
}

/** The same text for equal values, whatever the order of their members. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
