import { DateTime } from 'luxon';
import type { RingdownYaml } from '../config/ringdownSchema.ts';

type QuietHours = NonNullable<RingdownYaml['quietHours']>;

/**
 * The end of the quiet hours, or null if it is not quiet now. Wall-clock time counts, so that a night is an hour longer or
 * shorter when the clocks change. `from` is inclusive, `to` is exclusive.
 *
 * @param at epoch milliseconds
 * @returns epoch milliseconds
 */
export function quietUntil({ from, to }: QuietHours, timeZone: string, at: number): number | null {
  const here = DateTime.fromMillis(at, { zone: timeZone });
  const minutes = ({ hour, minute }: { hour: number; minute: number }): number => hour * 60 + minute;
  const [now, begins, ends] = [minutes(here), minutes(from), minutes(to)];
  const overMidnight = begins > ends;
  const isQuiet = overMidnight ? now >= begins || now < ends : now >= begins && now < ends;
  if (!isQuiet) return null;
  // When clocks go back, an hour occurs twice: quiet hours end at the first one that is still ahead.
  const candidates = [0, 1].flatMap((days) =>
    here
      .plus({ days })
      .set({ ...to, second: 0, millisecond: 0 })
      .getPossibleOffsets()
      .map((end) => end.toMillis()),
  );
  return Math.min(...candidates.filter((end) => end > at));
}
