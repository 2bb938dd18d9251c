import { DateTime } from 'luxon';
import { z } from 'zod';
import { isStorableTime } from '../database/storable.ts';

/** Dates and spans in a reader's time zone. Pure. */

/** A day without a time. */
export const day = () =>
  z
    .string()
    .refine((text) => isStorableTime(DateTime.fromFormat(text, 'yyyy-MM-dd').toMillis()), {
      error: 'must be a day like 2026-11-30',
    })
    .meta({ format: 'date' });

export function startOfDay(date: string, zone: string): Date {
  return DateTime.fromISO(date, { zone }).startOf('day').toJSDate();
}

/** Where the next day begins. A day has 23 to 25 hours. */
export function endOfDay(date: string, zone: string): Date {
  return DateTime.fromISO(date, { zone }).startOf('day').plus({ days: 1 }).toJSDate();
}

export interface Weeks {
  /** Their Mondays, ascending. */
  names: string[];
  /** Where each begins, and where the last one ends. */
  boundaries: Date[];
}

/** The weeks from that of one day to that of another, both included. */
export function weeksOf(from: string, to: string, zone: string): Weeks {
  const last = DateTime.fromISO(to, { zone }).startOf('week');
  const names: string[] = [];
  const boundaries: Date[] = [];
  let week = DateTime.fromISO(from, { zone }).startOf('week');
  for (; week <= last; week = week.plus({ weeks: 1 })) {
    names.push(week.toFormat('yyyy-MM-dd'));
    boundaries.push(week.toJSDate());
  }
  return { names, boundaries: [...boundaries, week.toJSDate()] };
}

const NIGHT = { begins: 22, ends: 7 };

/** The nights from the first to the last of some times. Those at the ends are cut. */
export function nightsBetween(times: readonly Date[], zone: string): { begins: Date; ends: Date }[] {
  const [from = new Date(0), to = from] = [times[0], times.at(-1)];
  const nights: { begins: Date; ends: Date }[] = [];
  const last = DateTime.fromJSDate(to, { zone });
  let date = DateTime.fromJSDate(from, { zone }).startOf('day').minus({ days: 1 });
  for (; date <= last; date = date.plus({ days: 1 })) {
    const begins = Math.max(date.set({ hour: NIGHT.begins }).toMillis(), from.getTime());
    const ends = Math.min(date.plus({ days: 1 }).set({ hour: NIGHT.ends }).toMillis(), to.getTime());
    if (begins < ends) nights.push({ begins: new Date(begins), ends: new Date(ends) });
  }
  return nights;
}
