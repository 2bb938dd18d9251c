import { fork } from 'node:child_process';
import { once } from 'node:events';

/** Sends nothing; a slow body; 100 MB with and without a length; a zip bomb of 100 MB. */
export type Abuse = 'silent' | 'slow' | 'huge' | 'endless' | 'bomb';

/**
 * A separate process keeps this many connections to the server open, and replaces each that is closed. Resolves when
 * all have been opened once.
 *
 * @param key an API key; without one the senders are strangers
 * @returns a function that ends it
 */
export async function abuse(
  kind: Abuse,
  port: number,
  count: number,
  key = '',
): Promise<() => Promise<void>> {
  const attackers = fork(new URL('attackers.ts', import.meta.url), [kind, String(port), String(count), key]);
  const gone = once(attackers, 'exit');
  const opened = await Promise.race([once(attackers, 'message').then(() => true), gone.then(() => false)]);
  if (!opened) throw new Error(`the attackers ended with ${String(attackers.exitCode)}`);
  return async () => {
    if (attackers.connected) attackers.disconnect();
    await gone;
  };
}
