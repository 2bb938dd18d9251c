import type { Work } from '../database/work.ts';
import { anyContains, orNone, type Leaving } from '../privacy/person.ts';
import type { TalkIdentities } from './talkIdentities.ts';

/**
 * Before their calls are forgotten: those tell whose the identities were.
 *
 * @returns how many identities of Communication Services were deleted; there too, as soon as it answers
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
