import type { CommunicationIdentityClient } from '@azure/communication-identity';
import type { Sql } from '../database/schema.ts';
import { makeSetting, readSetting } from '../database/settings.ts';

const SETTING = 'sourceIdentity';

/**
 * The identity that places the calls. Without one the service refuses calls to Teams users (403/10391).
 *
 * Uses the configured identity if there is one. Otherwise creates one per database and keeps it. Creating is not
 * idempotent: if two replicas create one at the same time, the second to store it deletes its own.
 *
 * @returns the raw id `8:acs:…`
 */
export async function sourceIdentity(
  sql: Sql,
  client: Pick<CommunicationIdentityClient, 'createUser' | 'deleteUser'>,
  configured: string | null,
): Promise<string> {
  if (configured) return configured;
  const kept = await stored(sql);
  if (kept) return kept;
  const user = await client.createUser();
  await makeSetting(sql, SETTING, { id: user.communicationUserId });
  const winner = await stored(sql);
  if (winner && winner !== user.communicationUserId) {
    await client.deleteUser({ communicationUserId: user.communicationUserId }).catch(() => undefined);
    return winner;
  }
  return user.communicationUserId;
}

async function stored(sql: Sql): Promise<string | null> {
  const id = (await readSetting(sql, SETTING))?.['id'];
  return typeof id === 'string' ? id : null;
}
