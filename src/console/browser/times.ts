/** Times in words, by Intl. Pure. */

const UNITS = [
  { unit: 'day', seconds: 86_400 },
  { unit: 'hour', seconds: 3_600 },
  { unit: 'minute', seconds: 60 },
] as const;

/** "5 minutes ago", "in 2 hours", "now". Less than a minute is `now`, because a page that counts seconds is restless. */
export function relativeTime(at: number, now: number, locale: string): string {
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const seconds = Math.round((at - now) / 1000);
  const found = UNITS.find((one) => Math.abs(seconds) >= one.seconds);
  return found ? format.format(Math.trunc(seconds / found.seconds), found.unit) : format.format(0, 'second');
}

/** "Tuesday, 3 March 2026 at 14:05:09 CET" in the reader's zone. */
export function exactTime(at: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'long' }).format(at);
}

/** "14:05", or with the day if it is not today. */
export function clockTime(at: number, now: number, locale: string): string {
  const isToday = new Date(at).toDateString() === new Date(now).toDateString();
  return new Intl.DateTimeFormat(
    locale,
    isToday ? { timeStyle: 'short' } : { dateStyle: 'short', timeStyle: 'short' },
  ).format(at);
}

/** "1:05" for 65 seconds, "1:02:03" for more than an hour. */
export function stopwatch(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** "2 min 5 sec": the two largest units. */
export function duration(seconds: number, locale: string): string {
  const whole = Math.max(0, Math.round(seconds));
  const counts = [
    { unit: 'day', count: Math.floor(whole / 86_400) },
    { unit: 'hour', count: Math.floor(whole / 3600) % 24 },
    { unit: 'minute', count: Math.floor(whole / 60) % 60 },
    { unit: 'second', count: whole % 60 },
  ];
  const first = counts.findIndex(({ count }) => count > 0);
  if (first === -1) counts.splice(0, 3);
  return counts
    .slice(Math.max(0, first), Math.max(0, first) + 2)
    .filter(({ count }, index) => count > 0 || index === 0)
    .map(({ unit, count }) =>
      new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short' }).format(count),
    )
    .join(' ');
}
