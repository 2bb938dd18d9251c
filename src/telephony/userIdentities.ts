import type { CommunicationAccessToken } from '@azure/communication-identity';
import { sql as raw, type Kysely, type RawBuilder } from 'kysely';
import type { Logger } from 'pino';
import type { Requester } from '../calls/call.ts';
import type { Clock } from '../clock.ts';
import { TryAgainLater, type Jobs } from '../database/jobs.ts';
import type { Schema } from '../database/schema.ts';
import { storable } from '../database/storable.ts';
import type { Transact, Work } from '../database/work.ts';
import { RingdownError } from '../errors.ts';
import type { IdentityClient } from './identityClient.ts';
import { readFailure } from './serviceErrors.ts';

interface Parts {
  sql: Kysely<Schema>;
  transact: Transact;
  jobs: Jobs;
  clock: Clock;
  log: Logger;
  client: IdentityClient;
}

/** Whose identity it is. A person is the same one only within their tenant. */
export type IdentityOwner = Pick<Requester, 'key' | 'tenantId'>;

/** What a browser talks with. The token is for its owner alone: never logged, never stored. */
export interface VoipToken {
  /** `8:acs:…` */
  id: string;
  token: string;
  expiresOn: Date;
}

/** Whether what the token is for is still wanted, asked in the transaction that keeps a new identity. */
type StillWanted = (work: Work) => Promise<boolean>;

/** The least that the service knows. Tokens cannot be called back one by one: so they are short. */
const TOKEN_MINUTES = 60;
/** Refusals that say nothing of the identity: a key that was changed, a network that is closed. */
const OF_THE_ACCESS = new Set([401, 403]);
const REFUSED_PAUSE_MS = 60_000;
const RETRY_PAUSE_MS = 5_000;

/**
 * The identities of Communication Services that chat users have: one for each person of a tenant, created when it is
 * needed first. Creating has no idempotency: of two processes that create one at the same time the second to store it
 * has its own deleted, before anybody has got a token for it. One that was created by a process which died before it
 * could store it stays at the service, and belongs to nobody.
 */
export class UserIdentities {
  readonly #parts: Parts;
  /** Those of this process who want the same identity wait for one. */
  readonly #creating = new Map<string, Promise<Row>>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Registers what is done at the service: again and again until it is done. */
  registerJobs(): void {
    const { jobs, client } = this.#parts;
    jobs.handle('identity.delete', {
      run: async ({ acsId }) =>
        await this.#insist('deleteIdentity', async () => {
          await client.deleteUser({ communicationUserId: String(acsId) });
        }),
    });
    jobs.handle('identity.revoke', {
      run: async ({ acsId }) =>
        await this.#insist('revokeTokens', async () => {
          await client.revokeTokens({ communicationUserId: String(acsId) });
        }),
    });
  }

  /**
   * A token for calls, good for an hour.
   *
   * @param isWanted a new identity is kept only if this says so, and is deleted at the service otherwise
   * @throws RingdownError wrong_state if it is not wanted any more, or was revoked meanwhile; unavailable if the
   *   service does not answer
   */
  async token(owner: IdentityOwner, isWanted: StillWanted = async () => true): Promise<VoipToken> {
    const known = await this.#find(owner);
    const kept = known ?? (await this.#create(owner, isWanted));
    const issued = await this.#issue(kept);
    if (issued) return await this.#handOut(owner, kept, issued);
    // Somebody deleted it at the service: the person gets another.
    await this.#parts.sql.deleteFrom('user_identities').where('acs_id', '=', kept.acs_id).execute();
    const next = await this.#create(owner, isWanted);
    const again = await this.#issue(next);
    if (!again) throw new RingdownError('unavailable');
    return await this.#handOut(owner, next, again);
  }

  /** Deletes a person's identities: here at once, at the service as a job. @returns their ids */
  async forgetIn(work: Work, person: string): Promise<string[]> {
    return await this.#deleteIn(work, isOf(person));
  }

  /**
   * An identity is suspected: every token that it has is made invalid at the service, as a job, and none that was asked
   * for before is handed out.
   *
   * @returns how many identities
   */
  async revokeIn(work: Work, person: string): Promise<number> {
    const revoked = await work.sql
      .updateTable('user_identities')
      .set({ revocations: raw<number>`revocations + 1` })
      .where(isOf(person))
      .returning('acs_id')
      .execute();
    for (const { acs_id: acsId } of revoked) work.enqueue({ name: 'identity.revoke', data: { acsId } });
    return revoked.length;
  }

  /** What is kept, as it is given to the person. */
  async export(person: string): Promise<{ id: string; createdAt: string; usedAt: string }[]> {
    const rows = await this.#parts.sql
      .selectFrom('user_identities')
      .select(['acs_id', 'created_at', 'used_at'])
      .where(isOf(person))
      .orderBy('created_at')
      .execute();
    return rows.map((row) => ({
      id: row.acs_id,
      createdAt: row.created_at.toISOString(),
      usedAt: row.used_at.toISOString(),
    }));
  }

  /** Deletes those that nobody has used since. @returns how many */
  async sweep(before: Date): Promise<number> {
    const unused = raw<boolean>`used_at < ${before}`;
    return (await this.#parts.transact(async (work) => await this.#deleteIn(work, unused))).length;
  }

  async #deleteIn(work: Work, which: RawBuilder<boolean>): Promise<string[]> {
    const gone = await work.sql.deleteFrom('user_identities').where(which).returning('acs_id').execute();
    for (const { acs_id: acsId } of gone) work.enqueue({ name: 'identity.delete', data: { acsId } });
    return gone.map(({ acs_id: acsId }) => acsId);
  }

  async #find(owner: IdentityOwner, sql: Kysely<Schema> = this.#parts.sql): Promise<Row | null> {
    const row = await sql
      .selectFrom('user_identities')
      .select(['acs_id', 'revocations'])
      .where('tenant_id', '=', owner.tenantId ?? '')
      .where('person', '=', storable(owner.key))
      .executeTakeFirst();
    return row ?? null;
  }

  async #create(owner: IdentityOwner, isWanted: StillWanted): Promise<Row> {
    const name = JSON.stringify([owner.tenantId ?? '', owner.key]);
    const running = this.#creating.get(name);
    if (running) return await running;
    const creating = this.#createOne(owner, isWanted).finally(() => this.#creating.delete(name));
    this.#creating.set(name, creating);
    return await creating;
  }

  async #createOne(owner: IdentityOwner, isWanted: StillWanted): Promise<Row> {
    const { client, transact, clock } = this.#parts;
    const { communicationUserId: acsId } = await this.#asking(
      'createIdentity',
      async () => await client.createUser(),
    );
    const now = new Date(clock.now());
    const keeping = transact(async (work) => {
      if (await isWanted(work)) {
        await work.sql
          .insertInto('user_identities')
          .values({
            tenant_id: owner.tenantId ?? '',
            person: storable(owner.key),
            acs_id: acsId,
            created_at: now,
            used_at: now,
          })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      }
      const row = await this.#find(owner, work.sql);
      if (row?.acs_id !== acsId) work.enqueue({ name: 'identity.delete', data: { acsId } });
      return row;
    });
    const kept = await keeping.catch(async (error: unknown) => {
      // Should it have been stored all the same, the next token finds it gone, and makes another.
      await client.deleteUser({ communicationUserId: acsId }).catch(() => undefined);
      throw error;
    });
    if (!kept) throw new RingdownError('wrong_state');
    return kept;
  }

  /** Null if the service does not know the identity. */
  async #issue({ acs_id: acsId }: Row): Promise<CommunicationAccessToken | null> {
    const { client } = this.#parts;
    return await this.#asking('issueToken', async () => {
      try {
        return await client.getToken({ communicationUserId: acsId }, ['voip'], {
          tokenExpiresInMinutes: TOKEN_MINUTES,
        });
      } catch (error) {
        const failure = readFailure(error, this.#parts.clock.now());
        if (failure.kind === 'refused' && failure.result.code === 404) return null;
        throw error;
      }
    });
  }

  /** Not if the identity was forgotten or revoked since it was read: nobody else has seen this token. */
  async #handOut(owner: IdentityOwner, asked: Row, issued: CommunicationAccessToken): Promise<VoipToken> {
    const { sql, clock } = this.#parts;
    const still = await sql
      .updateTable('user_identities')
      .set({ used_at: new Date(clock.now()) })
      .where('tenant_id', '=', owner.tenantId ?? '')
      .where('person', '=', storable(owner.key))
      .where('acs_id', '=', asked.acs_id)
      .where('revocations', '=', asked.revocations)
      .returning('acs_id')
      .executeTakeFirst();
    if (!still) throw new RingdownError('wrong_state');
    return { id: asked.acs_id, token: issued.token, expiresOn: issued.expiresOn };
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

  /** Until it is done. An identity that is not there is done with. */
  async #insist(what: string, send: () => Promise<void>): Promise<void> {
    try {
      await send();
    } catch (error) {
      const failure = readFailure(error, this.#parts.clock.now());
      if (failure.kind === 'accepted') return;
      const { code } = failure.result;
      if (failure.kind === 'refused' && !OF_THE_ACCESS.has(code)) {
        if (code !== 404) this.#parts.log.error({ what, code }, 'the service refuses it for good');
        return;
      }
      this.#parts.log.warn({ what, code }, 'it is asked of the service again');
      const later = failure.kind === 'retry' ? (failure.retryAfterMs ?? RETRY_PAUSE_MS) : REFUSED_PAUSE_MS;
      throw new TryAgainLater(later, { cause: error });
    }
  }
}

interface Row {
  acs_id: string;
  revocations: number;
}

/** A person is named by their key, in whatever case, or by the identity itself. */
function isOf(person: string) {
  return raw<boolean>`(lower(person) = ${person.toLowerCase()} OR acs_id = ${person})`;
}
