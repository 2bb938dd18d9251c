import type { Work } from '../database/transaction.ts';
import { anyContains, orNone, type Leaving } from '../privacy/person.ts';
import type { TalkIdentities } from './talkIdentities.ts';

/**
 * Call this before the person's calls are forgotten: the calls tell which identities were theirs.
 *
 * @returns how many identities were deleted from the database; a job deletes them at Communication Services
 */
export async function forgetPerson(
  work: Work,
  { key, calls }: Leaving,
  identities: Pick<TalkIdentities, 'forgetIn'>,
): Promise<{ identities: number }> {
  const acsIds = await identities.forgetIn(work, key);
  await work.sql
    .updateTable('grid_events')
    .set({ body: JSON.stringify({}) })
    .where((where) =>
      where.or([
        where('call_id', 'in', orNone(calls)),
        ...[key, ...acsIds].map((id) => anyContains(id, 'body')),
      ]),
    )
    .execute();
  return { identities: acsIds.length };
}
