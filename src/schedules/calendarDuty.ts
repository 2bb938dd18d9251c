import type { CalendarPerson } from './ical/people.ts';

/** A time on duty by a calendar. Epoch milliseconds; `to` does not belong to it. */
export interface CalendarDuty {
  from: number;
  to: number;
  people: readonly CalendarPerson[];
  /** 1 is the highest, 9 the lowest; 0 if the calendar does not say. */
  priority: number;
  /** Grafana OnCall's `[L1]`: the highest level of a time is on duty. */
  level: number;
}

/** What is known of a calendar. */
export type CalendarBook =
  | {
      kind: 'known';
      /** In the order in which they begin. */
      duties: readonly CalendarDuty[];
      /** The range that `duties` covers. */
      from: number;
      to: number;
      /** When the source last said that this is so. */
      asOf: number;
    }
  /** It was never read. */
  | { kind: 'unknown' };

const HOUR_MS = 3_600_000;
/** From this age on, people read how old a copy is. */
const OLD_MS = 3 * HOUR_MS;

/** How old a copy is that people should know to be old, in whole hours; otherwise null. @param now epoch milliseconds */
export function hoursOld(book: CalendarBook, now: number): number | null {
  return book.kind === 'known' && now - book.asOf >= OLD_MS ? Math.floor((now - book.asOf) / HOUR_MS) : null;
}

/** The priority of events that have none: after all others. */
const LAST = 10;

/** Who is on duty at a time (epoch milliseconds): the highest priority first, then who began first. */
export function peopleAt(duties: readonly CalendarDuty[], at: number): CalendarPerson[] {
  const now = duties.filter(({ from, to }) => from <= at && at < to);
  const level = Math.max(...now.map((duty) => duty.level));
  const order = (duty: CalendarDuty): number => duty.priority || LAST;
  const people = now
    .filter((duty) => duty.level === level)
    .toSorted((one, other) => order(one) - order(other) || one.from - other.from)
    .flatMap((duty) => duty.people);
  return distinct(people);
}

/** A span with the same people on duty; possibly nobody. */
export interface CalendarSpan {
  from: number;
  to: number;
  people: readonly CalendarPerson[];
}

/** Who is on duty when, in order and without gaps. @param from epoch milliseconds, as `to`, which does not belong to it */
export function spansOf(duties: readonly CalendarDuty[], from: number, to: number): CalendarSpan[] {
  const coming = duties.filter((duty) => duty.from < to && duty.to > from);
  const bounds = [...new Set(coming.flatMap((duty) => [duty.from, duty.to]))]
    .filter((bound) => bound > from && bound < to)
    .toSorted((one, other) => one - other);
  const spans: CalendarSpan[] = [];
  let active: CalendarDuty[] = [];
  let next = 0;
  for (const [index, start] of [from, ...bounds].entries()) {
    active = active.filter((duty) => duty.to > start);
    for (let duty = coming[next]; duty && duty.from <= start; duty = coming[next]) {
      active.push(duty);
      next += 1;
    }
    const people = peopleAt(active, start);
    const last = spans.at(-1);
    const end = bounds[index] ?? to;
    if (last && keysOf(last.people) === keysOf(people)) last.to = end;
    else spans.push({ from: start, to: end, people });
  }
  return spans;
}

/** Until when the same people stay on duty; null if that is after the end of what is known. */
export function untilWhen(duties: readonly CalendarDuty[], at: number, end: number): number | null {
  const [now] = spansOf(duties, at, end);
  return now && now.to < end ? now.to : null;
}

/** Everybody who is on duty at some time of a range, each once, those who begin first first. */
export function peopleIn(duties: readonly CalendarDuty[], from: number, to: number): CalendarPerson[] {
  const coming = duties.filter((duty) => duty.from < to && duty.to > from);
  return distinct(coming.flatMap(({ people }) => people));
}

/** Differs if other people are on duty, or in another order. */
export function keysOf(people: readonly CalendarPerson[]): string {
  return JSON.stringify(people.map(keyOf));
}

function distinct(people: readonly CalendarPerson[]): CalendarPerson[] {
  const found = new Map<string, CalendarPerson>();
  for (const person of people) if (!found.has(keyOf(person))) found.set(keyOf(person), person);
  return [...found.values()];
}

function keyOf({ words }: CalendarPerson): string {
  return JSON.stringify(words.map((word) => word.toLowerCase()));
}
