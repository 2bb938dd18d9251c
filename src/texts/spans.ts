/**
 * A span of time as people read it: "Fri, Dec 4, 00:00–24:00", "Fri, Dec 4, 18:00 – Sat, Dec 5, 08:00". Always 24 hours,
 * because "12:00 AM" is easily taken for noon.
 *
 * @param span epoch milliseconds
 * @param locale BCP 47
 */
export function spanWords(
  { from, to }: { from: number; to: number },
  timeZone: string,
  locale: string,
): string {
  const day = new Intl.DateTimeFormat(locale, { timeZone, weekday: 'short', day: 'numeric', month: 'short' });
  const clock = clockOf(timeZone);
  const endsAtMidnight = clock.format(to) === '00:00';
  // Midnight belongs to the day that it ends.
  const [first, last] = [day.format(from), day.format(endsAtMidnight ? to - 1 : to)];
  const end = endsAtMidnight ? '24:00' : clock.format(to);
  return first === last
    ? `${first}, ${clock.format(from)}–${end}`
    : `${first}, ${clock.format(from)} – ${last}, ${end}`;
}

/** "Fri, Dec 4, 18:00" @param at epoch milliseconds */
export function momentWords(at: number, timeZone: string, locale: string): string {
  const day = new Intl.DateTimeFormat(locale, { timeZone, weekday: 'short', day: 'numeric', month: 'short' });
  return `${day.format(at)}, ${clockOf(timeZone).format(at)}`;
}

function clockOf(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
}
