import type ICAL from 'ical.js';
import { localOf, timeOf } from './zones.ts';

/** A series recurs so often that following it would take too long. */
class RecursTooOften extends Error {
  constructor() {
    super('recurs too often');
    this.name = 'RecursTooOften';
  }
}

/** ical.js would follow this rule wrongly, or for ever. */
class RuleNotSupported extends Error {
  constructor() {
    super('has a rule that is not supported');
    this.name = 'RuleNotSupported';
  }
}

const UNIT_MS: Readonly<Record<string, number>> = {
  SECONDLY: 1000,
  MINUTELY: 60_000,
  HOURLY: 3_600_000,
  DAILY: 86_400_000,
  WEEKLY: 604_800_000,
};
/** Seventy years of days, before the range. */
const MOST_STEPS = 25_000;
/** In the range: each hour of two years. */
const MOST_STARTS = 17_500;

/**
 * When the occurrences of a rule in a range begin. All times are local, written as if they were UTC, in epoch
 * milliseconds: 09:00 stays 09:00 when the clocks change.
 *
 * @param start of the first occurrence
 * @param from of the range, which `to` does not belong to
 * @throws RecursTooOften; RuleNotSupported; an Error if the rule contradicts itself
 */
export function startsOf(rule: ICAL.Recur, start: number, from: number, to: number): number[] {
  if (!isSupported(rule)) throw new RuleNotSupported();
  if (rule.until && localOf(rule.until) < from) return [];
  const starts: number[] = [];
  const iterator = rule.iterator(timeOf(nearStart(rule, start, from)));
  for (let step = 0; ; step += 1) {
    if (step > MOST_STEPS + MOST_STARTS || starts.length > MOST_STARTS) throw new RecursTooOften();
    const next: ICAL.Time | null = iterator.next();
    if (next === null) return starts;
    const at = localOf(next);
    if (at >= to) return starts;
    if (at >= from && isMeant(rule, next)) starts.push(at);
  }
}

/**
 * A start of the same series shortly before the range, so that a rule from long ago takes no longer. Rules that count
 * must be counted. Of months and years there are few.
 */
function nearStart({ freq, interval, count }: ICAL.Recur, start: number, from: number): number {
  const period = (UNIT_MS[freq] ?? Infinity) * Math.max(interval, 1);
  // One period more, because the first one may be incomplete.
  const periods = Math.floor((from - start) / period) - 1;
  return count === null && Number.isFinite(period) && periods > 0 ? start + periods * period : start;
}

/** ical.js moves 30 February to March. Such a day does not exist, and does not count (RFC 5545, 3.3.10). */
function isMeant({ parts }: ICAL.Recur, { month, day }: ICAL.Time): boolean {
  const { BYMONTH: months, BYMONTHDAY: days } = parts;
  return (months?.includes(month) ?? true) && (days?.some((one) => one === day || one < 0) ?? true);
}

/** The largest number of a weekday within a month. */
const WEEKS_OF_MONTH = 5;

/**
 * What ical.js 2.2 does not know of RFC 5545, 3.3.10, found by comparison with another reader. Such a rule would put people
 * on duty at wrong times, so its event is left out. Calendar programs hardly write them.
 */
function isSupported({ freq, parts }: ICAL.Recur): boolean {
  const { BYWEEKNO, BYSETPOS, BYMONTH, BYMONTHDAY, BYDAY } = parts;
  if (BYWEEKNO) return false;
  if (BYSETPOS && freq !== 'MONTHLY' && !(freq === 'YEARLY' && BYMONTH?.length === 1)) return false;
  if (freq === 'DAILY') return !BYMONTHDAY?.some((day) => day < 0);
  if (freq !== 'YEARLY' || BYMONTH) return true;
  const isOfYear = (day: string | number): boolean =>
    Math.abs(Number.parseInt(String(day), 10)) > WEEKS_OF_MONTH;
  return !BYDAY?.some(isOfYear) && !(BYMONTHDAY && !BYDAY);
}
