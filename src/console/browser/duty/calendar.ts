/** Days and times of a time zone, by Intl. Pure. Days are ISO dates such as "2026-03-02". Times are epoch milliseconds. */

export type Period = 'week' | 'month';

/** A time range. `to` does not belong to it. */
export interface Range {
  from: number;
  to: number;
}

export interface Day extends Range {
  date: string;
}

const DAY_MS = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

function formatIn(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const parts = {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  } as const;
  const made = new Intl.DateTimeFormat('en-US', { ...parts, hourCycle: 'h23', timeZone: zone });
  formats.set(zone, made);
  return made;
}

/** The day and the time of day: "2026-03-02" and "09:30". */
export function localOf(at: number, zone: string): { date: string; time: string } {
  const parts = formatIn(zone).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes): string =>
    parts.find((one) => one.type === type)?.value ?? '';
  return {
    date: `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`,
    time: `${part('hour')}:${part('minute')}`,
  };
}

/**
 * The instant of a local time. A time that is skipped in spring becomes one after the change; of a time that occurs twice
 * in autumn it is the first.
 *
 * @returns NaN if it is not a date and a time
 */
export function instantOf(date: string, time: string, zone: string): number {
  const local = Date.parse(`${date}T${time}Z`);
  if (Number.isNaN(local)) return NaN;
  const offset = (at: number): number => {
    const found = localOf(at, zone);
    return Date.parse(`${found.date}T${found.time}Z`) - Math.floor(at / 60_000) * 60_000;
  };
  // The clocks change at most once within two days.
  const [before, after] = [local - offset(local - DAY_MS), local - offset(local + DAY_MS)];
  return before + offset(before) !== local && after + offset(after) === local ? after : before;
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Monday is 0. */
function weekday(date: string): number {
  return (new Date(`${date}T00:00Z`).getUTCDay() + 6) % 7;
}

/** The first day of the period that a day belongs to. Weeks begin on Monday. */
export function startOf(period: Period, date: string): string {
  return period === 'week' ? addDays(date, -weekday(date)) : `${date.slice(0, 7)}-01`;
}

/** A day of the next period, or of the previous one. */
export function turned(period: Period, date: string, by: 1 | -1): string {
  const first = startOf(period, date);
  if (period === 'week') return addDays(first, by * 7);
  return startOf('month', addDays(first, by === 1 ? 31 : -1));
}

/** The days of a period; of a month, with the rest of its first and its last week. */
export function daysOf(period: Period, date: string, zone: string): Day[] {
  const first = startOf('week', startOf(period, date));
  const end = period === 'week' ? addDays(first, 7) : turned('month', date, 1);
  const days: Day[] = [];
  for (let day = first; day < end || weekday(day) !== 0; day = addDays(day, 1)) {
    days.push({
      date: day,
      from: instantOf(day, '00:00', zone),
      to: instantOf(addDays(day, 1), '00:00', zone),
    });
  }
  return days;
}

/** Days in weeks. */
export function weeksOf(days: readonly Day[]): Day[][] {
  return Array.from({ length: Math.ceil(days.length / 7) }, (_, week) => days.slice(week * 7, week * 7 + 7));
}

/** From the first to the last day. */
export function rangeOf(days: readonly Day[]): Range {
  return { from: days[0]?.from ?? 0, to: days.at(-1)?.to ?? 0 };
}

/** The part of a span that lies in a range; null if none does. */
export function within(span: Range, range: Range): Range | null {
  const [from, to] = [Math.max(span.from, range.from), Math.min(span.to, range.to)];
  return from < to ? { from, to } : null;
}

/** Where a part lies in a range, in percent. */
export function placeOf(part: Range, { from, to }: Range): { left: string; width: string } {
  const percent = (ms: number): string => `${((ms / (to - from)) * 100).toFixed(4)}%`;
  return { left: percent(part.from - from), width: percent(part.to - part.from) };
}

/** The half hour of the day in which a time lies. */
export function snapped(at: number, days: readonly Day[]): number {
  const { from, to } = rangeOf(days);
  const inside = Math.min(Math.max(at, from), to);
  const day = days.find((one) => one.from <= inside && inside < one.to);
  return day ? day.from + Math.floor((inside - day.from) / STEP_MS) * STEP_MS : inside;
}

/** The step of selections. */
export const STEP_MS = 1_800_000;

/** A selection from one half hour to another, with both. */
export function selectionOf(one: number, other: number, { from, to }: Range): Range {
  const begin = Math.max(from, Math.min(one, other, to - STEP_MS));
  return { from: begin, to: Math.min(to, Math.max(one, other) + STEP_MS) };
}

/** How arrow keys change a selection: its start moves with the end, or with Shift the end alone. */
export function moved(selection: Range, key: string, withShift: boolean, bounds: Range): Range {
  const by = { ArrowLeft: -STEP_MS, ArrowRight: STEP_MS, ArrowUp: -DAY_MS, ArrowDown: DAY_MS }[key] ?? 0;
  const { from, to } = selection;
  if (withShift) return { from, to: Math.min(bounds.to, Math.max(from + STEP_MS, to + by)) };
  const shift = Math.min(bounds.to - to, Math.max(bounds.from - from, by));
  return { from: from + shift, to: to + shift };
}
