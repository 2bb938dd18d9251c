import type { Clock } from '../clock.ts';

const LOOK_EVERY_MS = 1_000;

/**
 * Calls `then` once the process that started this one is gone. npm passes SIGINT and SIGTERM on to what it started, and
 * dies of any other signal without a word to it.
 *
 * @param parent who it is just now: `process.ppid`
 */
export function whenOrphaned(
  parent: () => number,
  then: () => void,
  clock: Pick<Clock, 'setInterval' | 'clearInterval'>,
): void {
  const first = parent();
  const timer = clock.setInterval(() => {
    if (parent() === first) return;
    clock.clearInterval(timer);
    then();
  }, LOOK_EVERY_MS);
}
