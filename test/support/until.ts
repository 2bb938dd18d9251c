import { setTimeout as pause } from 'node:timers/promises';
import { isLong } from './long.ts';

/** Far more than anything takes, also on a machine that is busy with other things; the long suite runs beside itself too. */
const LIMIT_MS = isLong ? 300_000 : 120_000;
const POLL_MS = 5;

/** For what costs somebody work, as a request does. */
export const ASKING_MS = 100;

/**
 * Waits until something holds, for what happens in real time (a process, a socket, another connection).
 *
 * @param what in words, for the failure: "the call has ended"
 * @param everyMs how often it is looked at
 * @throws if it does not hold within two minutes, or five in the long suite
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  everyMs = POLL_MS,
): Promise<void> {
  const end = performance.now() + LIMIT_MS;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited ${LIMIT_MS / 1000} s in vain until ${what}`);
    await pause(everyMs);
  }
}
