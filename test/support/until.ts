import { setTimeout as pause } from 'node:timers/promises';
import { isLong } from './long.ts';

/** Far longer than anything takes, even on a busy machine. In the long suite several tests run in parallel. */
const LIMIT_MS = isLong ? 300_000 : 120_000;
const POLL_MS = 5;

/** For checks that cause work, such as a request. */
export const ASKING_MS = 100;

/**
 * Waits until a condition holds, for things that happen in real time (a process, a socket, another connection).
 *
 * @param what the condition in words, for the failure message: "the call has ended"
 * @param everyMs how often to check
 * @throws if it does not hold within two minutes, or five in the long suite
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  everyMs = POLL_MS,
): Promise<void> {
  const end = performance.now() + LIMIT_MS;
  while (!(await condition())) {
    if (performance.now() > end)
      throw new Error(`timed out after ${LIMIT_MS / 1000} s waiting until ${what}`);
    await pause(everyMs);
  }
}
