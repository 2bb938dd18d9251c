import type { Work } from '../database/work.ts';
import type { Leaving } from '../privacy/person.ts';

/** Which alerts were spoken to the person. */
export async function forgetPerson({ sql }: Work, { key }: Leaving): Promise<void> {
  await sql.deleteFrom('spoken_alerts').where('callee_id', '=', key).execute();
}
