import type { CommunicationAccessToken } from '@azure/communication-identity';
import { sql as raw, type RawBuilder } from 'kysely';
import type { Logger } from 'pino';
import { idsAskedForBy } from '../calls/callQueries.ts';
import type { CallService } from '../calls/callService.ts';
import type { Clock } from '../clock.ts';
import type { JobHandler } from '../database/jobHandler.ts';
import type { Jobs } from '../database/jobRunner.ts';
import { TryAgainLater } from '../database/tryAgain.ts';
import type { Sql } from '../database/schema.ts';
import type { Transact, Work } from '../database/transaction.ts';
import { RingdownError } from '../errors.ts';
import type { IdentityClient } from './identityClient.ts';
import { readFailure } from './serviceErrors.ts';

interface Parts {
  sql: Sql;
  transact: Transact;
  jobs: Jobs;
  clock: Clock;
  log: Logger;
  client: IdentityClient;
  calls: Pick<CallService, 'listen'>;
}

/** Credentials for one call from a browser. Never logged, never stored. */
export interface VoipToken {
  /** `8:acs:…` */
  id: string;
  token: string;
}

/** Whether the call still needs a token. Asked in the transaction that stores a new identity. */
type StillWanted = (work: Work) => Promise<boolean>;

/** The shortest lifetime that the service accepts. */
const TOKEN_MINUTES = 60;
const DELETE = 'identity.delete';
/** How long a token of the previous version stays valid. */
const OLD_KEPT_MS = TOKEN_MINUTES * 60_000;

/**
 * The Communication Services identities for calls from a browser: one per call, because a VoIP token can call
 * anybody. When the call ends, for whatever reason, the same transaction enqueues a job that deletes the identity at
 * the service, which revokes its tokens. The job is retried until it succeeds. Every such call ends (see
 * `talkDeadline`).
 *
 * Creating is not idempotent: if two identities are created for one call, the second to be stored is deleted before a
 * token is issued for it. If a process dies between creating and storing, its identity stays at the service, without
 * a token.
 */
export class TalkIdentities {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { jobs, calls } = parts;
    const handler: JobHandler<typeof DELETE> = { run: async ({ acsId }) => await this.#delete(acsId) };
    jobs.handle(DELETE, handler);
    // Jobs of the previous version.
    jobs.handle('identity.revoke', handler);
    calls.listen({
      ended: async (work, { id, purpose }) => {
        if (purpose.kind === 'talk') await this.#withdrawIn(work, raw`call_id = ${id}`);
      },
    });
  }

  /**
   * Issues a token for this call, valid for an hour or until the identity is withdrawn.
   *
   * @param isWanted a new identity is kept only if this returns true; otherwise it is deleted at the service
   * @throws RingdownError wrong_state if the call no longer needs a token, or the identity was withdrawn meanwhile;
   *   unavailable if the service does not answer
   */
  async token(callId: string, isWanted: StillWanted): Promise<VoipToken> {
    const id = (await find(this.#parts.sql, callId)) ?? (await this.#create(callId, isWanted));
    const { token } = await this.#issue(id);
    // Withdrawn meanwhile: discard the token, which nobody has seen yet.
    if ((await find(this.#parts.sql, callId)) !== id) throw new RingdownError('wrong_state');
    return { id, token };
  }

  /**
   * For an account that may be compromised: enqueues the deletion of the identities of the person's calls.
   *
   * @returns how many
   */
  async withdrawIn(work: Work, person: string): Promise<number> {
    return await this.#withdrawIn(work, isOf(person));
  }

  /** Deletes a person's identities: in the database now, at the service by a job. @returns their ids */
  async forgetIn(work: Work, person: string): Promise<string[]> {
    const gone = await work.sql
      .deleteFrom('talk_identities')
      .where(isOf(person))
      .returning(['acs_id', 'withdrawn_at'])
      .execute();
    const old = await work.sql
      .deleteFrom('user_identities')
      .where(raw<boolean>`(lower(person) = ${person.toLowerCase()} OR acs_id = ${person})`)
      .returning('acs_id')
      .execute();
    for (const { acs_id: acsId } of [...gone.filter((one) => one.withdrawn_at === null), ...old])
      work.enqueue({ name: DELETE, data: { acsId } });
    return [...gone, ...old].map((one) => one.acs_id);
  }

  /** The stored data, for the person's export. */
  async export(person: string): Promise<{ id: string; createdAt: string; withdrawnAt: string | null }[]> {
    const rows = await this.#parts.sql
      .selectFrom('talk_identities')
      .select(['acs_id', 'created_at', 'withdrawn_at'])
      .where(isOf(person))
      .orderBy('created_at')
      .execute();
    return rows.map((row) => ({
      id: row.acs_id,
      createdAt: row.created_at.toISOString(),
      withdrawnAt: row.withdrawn_at?.toISOString() ?? null,
    }));
  }

  /** Deletes identities that the previous version left. @returns how many */
  async sweep(): Promise<number> {
    const before = new Date(this.#parts.clock.now() - OLD_KEPT_MS);
    return await this.#parts.transact(async (work) => {
      const old = await work.sql
        .deleteFrom('user_identities')
        .where('used_at', '<', before)
        .returning('acs_id')
        .execute();
      for (const { acs_id: acsId } of old) work.enqueue({ name: DELETE, data: { acsId } });
      return old.length;
    });
  }

  async #withdrawIn(work: Work, which: RawBuilder<boolean>): Promise<number> {
    const withdrawn = await work.sql
      .updateTable('talk_identities')
      .set({ withdrawn_at: new Date(this.#parts.clock.now()) })
      .where('withdrawn_at', 'is', null)
      .where(which)
      .returning('acs_id')
      .execute();
    for (const { acs_id: acsId } of withdrawn) work.enqueue({ name: DELETE, data: { acsId } });
    return withdrawn.length;
  }

  async #create(callId: string, isWanted: StillWanted): Promise<string> {
    const { client, transact, clock } = this.#parts;
    const { communicationUserId: acsId } = await this.#asking(
      'createIdentity',
      async () => await client.createUser(),
    );
    const keeping = transact(async (work) => {
      if (await isWanted(work)) {
        await work.sql
          .insertInto('talk_identities')
          .values({ acs_id: acsId, call_id: callId, created_at: new Date(clock.now()) })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      }
      const kept = await find(work.sql, callId);
      if (kept !== acsId) work.enqueue({ name: DELETE, data: { acsId } });
      return kept;
    });
    const kept = await keeping.catch(async (error: unknown) => {
      // If it was stored after all, the end of the call finds it already deleted.
      await client.deleteUser({ communicationUserId: acsId }).catch(() => undefined);
      throw error;
    });
    if (kept === null) throw new RingdownError('wrong_state');
    return kept;
  }

  async #issue(acsId: string): Promise<CommunicationAccessToken> {
    const { client } = this.#parts;
    return await this.#asking(
      'issueToken',
      async () =>
        // `voip.join` cannot start a call, and Rooms do not take Teams users: see docs/security.md.
        await client.getToken({ communicationUserId: acsId }, ['voip'], {
          tokenExpiresInMinutes: TOKEN_MINUTES,
        }),
    );
  }

  /** @throws RingdownError unavailable. The log has the result, without the person */
  async #asking<T>(what: string, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      const failure = readFailure(error, this.#parts.clock.now());
      const result = 'result' in failure ? failure.result : null;
      this.#parts.log.warn({ what, code: result?.code ?? null }, 'cannot get an identity or token');
      throw new RingdownError('unavailable', { cause: error });
    }
  }

  /** Revokes first, so that the tokens become invalid even if the deletion fails. */
  async #delete(acsId: string): Promise<void> {
    const { client } = this.#parts;
    const user = { communicationUserId: acsId };
    await this.#insist('revokeTokens', async () => await client.revokeTokens(user));
    await this.#insist('deleteIdentity', async () => await client.deleteUser(user));
  }

  /**
   * If the identity no longer exists, there is nothing left to do. After any other failure the job is retried, and
   * reported if it stays stuck.
   */
  async #insist(what: string, send: () => Promise<unknown>): Promise<void> {
    try {
      await send();
    } catch (error) {
      const failure = readFailure(error, this.#parts.clock.now());
      if (failure.kind === 'accepted' || failure.result.code === 404) return;
      this.#parts.log.warn(
        { what, code: failure.result.code },
        'cannot withdraw an identity yet, will retry',
      );
      if (failure.kind === 'retry' && failure.retryAfterMs !== null)
        throw new TryAgainLater(failure.retryAfterMs, { cause: error });
      throw new RingdownError('unavailable');
    }
  }
}

/** The identity that this call may still use. */
async function find(sql: Sql, callId: string): Promise<string | null> {
  const row = await sql
    .selectFrom('talk_identities')
    .select('acs_id')
    .where('call_id', '=', callId)
    .where('withdrawn_at', 'is', null)
    .executeTakeFirst();
  return row?.acs_id ?? null;
}

/** The identities of calls that a person asked for. The person is given by key, in any case, or by identity. */
function isOf(person: string): RawBuilder<boolean> {
  return raw<boolean>`(acs_id = ${person}
    OR call_id IN ${idsAskedForBy(person)})`;
}
