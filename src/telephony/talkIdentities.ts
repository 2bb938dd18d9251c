import type { CommunicationAccessToken } from '@azure/communication-identity';
import { sql as raw, type RawBuilder } from 'kysely';
import type { Logger } from 'pino';
import { idsAskedForBy } from '../calls/callQueries.ts';
import type { CallService } from '../calls/callService.ts';
import type { Clock } from '../clock.ts';
import type { JobHandler, Jobs } from '../database/jobs.ts';
import { TryAgainLater } from '../database/tryAgain.ts';
import type { Sql } from '../database/schema.ts';
import type { Transact, Work } from '../database/work.ts';
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

/** What a browser talks with: for one call, never logged, never stored. */
export interface VoipToken {
  /** `8:acs:…` */
  id: string;
  token: string;
}

/** Whether what the token is for is still wanted, asked in the transaction that keeps a new identity. */
type StillWanted = (work: Work) => Promise<boolean>;

/** The least that the service gives. */
const TOKEN_MINUTES = 60;
const DELETE = 'identity.delete';
/** How long tokens of the version before were valid. */
const OLD_KEPT_MS = TOKEN_MINUTES * 60_000;

/**
 * The identities of Communication Services that people talk from a browser with: one for each call, because a token for
 * calls can call anybody. When the call ends, however it ends, the same transaction enqueues the deletion of the identity
 * at the service, which revokes its tokens; the job is retried until it succeeds. Every such call ends (see `talkDeadline`).
 *
 * Creating has no idempotency: of two that are created for one call the second to be stored is deleted, before anybody
 * has got a token for it. One that was created by a process which died before it could store it stays at the service
 * without a token, and belongs to nobody.
 */
export class TalkIdentities {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { jobs, calls } = parts;
    const handler: JobHandler<typeof DELETE> = { run: async ({ acsId }) => await this.#delete(acsId) };
    jobs.handle(DELETE, handler);
    // The version before enqueued this.
    jobs.handle('identity.revoke', handler);
    calls.listen({
      ended: async (work, { id, purpose }) => {
        if (purpose.kind === 'talk') await this.#withdrawIn(work, raw`call_id = ${id}`);
      },
    });
  }

  /**
   * A token to make this call with, good for an hour or until the identity is withdrawn.
   *
   * @param isWanted a new identity is kept only if this says so, and is deleted at the service otherwise
   * @throws RingdownError wrong_state if it is not wanted any more, or was withdrawn meanwhile; unavailable if the
   *   service does not answer
   */
  async token(callId: string, isWanted: StillWanted): Promise<VoipToken> {
    const id = (await find(this.#parts.sql, callId)) ?? (await this.#create(callId, isWanted));
    const { token } = await this.#issue(id);
    // Nobody has seen this token yet.
    if ((await find(this.#parts.sql, callId)) !== id) throw new RingdownError('wrong_state');
    return { id, token };
  }

  /** A person is suspected: the identities of their calls are deleted at the service, as a job. @returns how many */
  async withdrawIn(work: Work, person: string): Promise<number> {
    return await this.#withdrawIn(work, isOf(person));
  }

  /** Deletes what is known of a person's identities: here at once, at the service as a job. @returns their ids */
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

  /** What is kept, as it is given to the person. */
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

  /** Deletes those that the version before has left. @returns how many */
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
      // Should it have been stored all the same, the call's end finds it gone.
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
        // `voip.join` begins no call, and Rooms have no Teams users: see docs/security.md.
        await client.getToken({ communicationUserId: acsId }, ['voip'], {
          tokenExpiresInMinutes: TOKEN_MINUTES,
        }),
    );
  }

  /** @throws RingdownError unavailable; what the SDK says is in the log, without whom it was about */
  async #asking<T>(what: string, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      const failure = readFailure(error, this.#parts.clock.now());
      const result = 'result' in failure ? failure.result : null;
      this.#parts.log.warn({ what, code: result?.code ?? null }, 'no identity or token from the service');
      throw new RingdownError('unavailable', { cause: error });
    }
  }

  /** Revokes first: should the deletion fail, the tokens end all the same. */
  async #delete(acsId: string): Promise<void> {
    const { client } = this.#parts;
    const user = { communicationUserId: acsId };
    await this.#insist('revokeTokens', async () => await client.revokeTokens(user));
    await this.#insist('deleteIdentity', async () => await client.deleteUser(user));
  }

  /** An identity that does not exist needs nothing more. After any other failure the job is retried, and reported as stuck. */
  async #insist(what: string, send: () => Promise<unknown>): Promise<void> {
    try {
      await send();
    } catch (error) {
      const failure = readFailure(error, this.#parts.clock.now());
      if (failure.kind === 'accepted' || failure.result.code === 404) return;
      this.#parts.log.warn({ what, code: failure.result.code }, 'the service is asked again later');
      if (failure.kind === 'retry' && failure.retryAfterMs !== null)
        throw new TryAgainLater(failure.retryAfterMs, { cause: error });
      throw new RingdownError('unavailable');
    }
  }
}

/** The identity that this call may still be made with. */
async function find(sql: Sql, callId: string): Promise<string | null> {
  const row = await sql
    .selectFrom('talk_identities')
    .select('acs_id')
    .where('call_id', '=', callId)
    .where('withdrawn_at', 'is', null)
    .executeTakeFirst();
  return row?.acs_id ?? null;
}

/** Those of the calls that a person has asked for; a person is named by their key, in whatever case, or by the identity. */
function isOf(person: string): RawBuilder<boolean> {
  return raw<boolean>`(acs_id = ${person}
    OR call_id IN ${idsAskedForBy(person)})`;
}
