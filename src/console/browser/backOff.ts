/** The first pause before a connection is opened again. */
const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/**
 * How long to wait before the next attempt: it doubles with each failure, and chance spreads the readers of a server that
 * has restarted. Pure.
 *
 * @param failures how many attempts have failed in a row, from 1
 * @param chance from 0 to 1
 * @returns milliseconds
 */
export function pauseBefore(failures: number, chance: number): number {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(10, Math.max(0, failures - 1)));
  return Math.round(whole * (0.5 + chance / 2));
}
