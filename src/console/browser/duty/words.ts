import type { DutyPerson, DutyRow, DutySpan } from '../../model.ts';
import type { Words } from '../texts.ts';
import { addDays, localOf } from './calendar.ts';

/** Times of the calendar in words, in its time zone. */
export interface Times {
  zone: string;
  /** "09:00" */
  clock(at: number): string;
  /** "Mon, 2 Mar, 09:00" */
  moment(at: number): string;
  /** "09:00 – 24:00" on a day. */
  hours(from: number, to: number): string;
  /** "Mon 2" */
  shortDay(date: string): string;
  /** "Monday, 2 March" */
  longDay(date: string): string;
  /** "2 – 8 March 2026" */
  days(first: string, last: string): string;
  /** "March 2026" */
  month(date: string): string;
}

export function timesIn(zone: string, locale: string): Times {
  const format = (options: Intl.DateTimeFormatOptions, timeZone = zone): Intl.DateTimeFormat =>
    new Intl.DateTimeFormat(locale, { ...options, timeZone });
  const hour = { hour: 'numeric', minute: '2-digit' } as const;
  const clock = format(hour);
  const moment = format({ weekday: 'short', day: 'numeric', month: 'short', ...hour });
  const shortDay = format({ weekday: 'short', day: 'numeric' }, 'UTC');
  const longDay = format({ weekday: 'long', day: 'numeric', month: 'long' }, 'UTC');
  const days = format({ day: 'numeric', month: 'long', year: 'numeric' }, 'UTC');
  const month = format({ month: 'long', year: 'numeric' }, 'UTC');
  const ofDate = (date: string): number => Date.parse(`${date}T12:00Z`);
  return {
    zone,
    clock: (at) => clock.format(at),
    moment: (at) => moment.format(at),
    hours: (from, to) => `${clock.format(from)} – ${clock.format(to)}`,
    shortDay: (date) => shortDay.format(ofDate(date)),
    longDay: (date) => longDay.format(ofDate(date)),
    days: (first, last) => days.formatRange(ofDate(first), ofDate(last)),
    month: (date) => month.format(ofDate(date)),
  };
}

/** Who is on duty in a span, in words. */
export function whoIn(
  { people, cover }: Pick<DutySpan, 'people' | 'cover'>,
  { duty, locale }: Words,
): string {
  if (people.length === 0) return duty.nobody;
  const names = namesOf(people, { duty, locale });
  return cover ? duty.cover({ name: names, instead: cover.instead }) : names;
}

export function namesOf(
  people: readonly DutyPerson[],
  { duty, locale }: Pick<Words, 'duty' | 'locale'>,
): string {
  const names = people.map(({ name, me }) => (me ? duty.you({ name }) : name));
  return new Intl.ListFormat(locale, { type: 'conjunction' }).format(names);
}

/** What a row is about, below the name of its policy: "payments", "Shifts · Step 2". */
export function aboutRow({ policy, rotation, step }: DutyRow, { duty }: Words): string {
  const source = rotation ?? duty.shifts;
  const parts = [...(source === policy ? [] : [source]), ...(step > 1 ? [duty.step({ step })] : [])];
  return parts.join(' · ');
}

/** Today in a zone, as a date. */
export function todayIn(zone: string, now: number): string {
  return localOf(now, zone).date;
}

/** The title of a period. */
export function titleOf(period: 'week' | 'month', first: string, date: string, times: Times): string {
  return period === 'week' ? times.days(first, addDays(first, 6)) : times.month(date);
}
