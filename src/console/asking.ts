import type { Permissions } from '../permissions/permissions.ts';
import type { Reader } from './reader.ts';

/**
 * Like chat, the console answers questions about people only to those who may call: `permissions.callers`. Readers who see
 * all may ask, too.
 *
 * @throws NotPermitted
 */
export async function requireAsking(
  { requester, seesAll }: Reader,
  permissions: Pick<Permissions, 'checkAsker'>,
): Promise<void> {
  if (!seesAll) await permissions.checkAsker(requester, null);
}
