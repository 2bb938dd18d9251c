import type { Work } from '../database/transaction.ts';
import type { Leaving } from '../privacy/person.ts';

/** Forgets which alerts the person heard on the phone. */
export async function forgetPerson({ sql }: Work, { key }: Leaving): Promise<void> {
  await sql.deleteFrom('spoken_alerts').where('callee_id', '=', key).execute();
}
