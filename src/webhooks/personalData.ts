import { sql as raw } from 'kysely';
import type { Work } from '../database/transaction.ts';
import { orNone, type Leaving } from '../privacy/person.ts';

/** Removes the person from events that were sent. The receivers have their own copies. */
export async function forgetPerson({ sql }: Work, { escalations, without }: Leaving): Promise<void> {
  const sent = await sql
    .selectFrom('webhook_deliveries')
    .select(['seq', 'body'])
    .where('escalation_id', 'in', orNone(escalations))
    .where('status', '<>', raw.lit('waiting'))
    .execute();
  for (const { seq, body } of sent) {
    await sql
      .updateTable('webhook_deliveries')
      .set({ body: JSON.stringify(without(JSON.parse(body))) })
      .where('seq', '=', seq)
      .execute();
  }
}
