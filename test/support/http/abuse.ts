import { fork } from 'node:child_process';
import { once } from 'node:events';

/** Says nothing; sends a body slowly; 100 MB with and without a length; 100 MB that are packed into little. */
export type Abuse = 'silent' | 'slow' | 'huge' | 'endless' | 'bomb';

/**
 * A process of its own keeps so many connections to the server, and opens another for each that is closed. Resolves
 * when all have been opened once.
 *
 * @param key of the API; without one they are strangers'
 * @returns ends it
 */
export async function abuse(
  kind: Abuse,
  port: number,
  count: number,
  key = '',
): Promise<() => Promise<void>> {
  const attackers = fork(new URL('attackers.ts', import.meta.url), [kind, String(port), String(count), key]);
  const gone = once(attackers, 'exit');
  const first: unknown = await Promise.race([
    once(attackers, 'message'),
    gone.then(([code]): unknown => code),
  ]);
  if (!Array.isArray(first)) throw new Error(`the attackers ended with ${String(first)}`);
  return async () => {
    if (attackers.connected) attackers.disconnect();
    await gone;
  };
}
