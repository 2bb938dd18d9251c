import { DateTime } from 'luxon';

/** In epoch milliseconds. `to` does not belong to it. */
export interface Span {
  from: number;
  to: number;
}

/** Who is on duty in a span of a plan. */
export interface DutySpan extends Span {
  targets: readonly { kind: string; id: string }[];
}

/** The time that the asker named: a day, a moment or a range. */
export type NamedTime =
  | { kind: 'day'; from: number; to: number }
  | { kind: 'moment'; at: number }
  | { kind: 'range'; from: number; to: number };

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A turn of up to a day is exchanged as a whole. A day has 25 hours when the clocks go back. */
const LONGEST_WHOLE_MS = 25 * HOUR_MS;
/** Of a duty that has begun, the asked person gets this long to answer before they take over. */
const NOTICE_MS = 30 * MINUTE_MS;
const QUARTER_MS = 15 * MINUTE_MS;
/** What comes back begins later than this, so that it does not shorten the time for the answer. */
const RETURN_NOTICE_MS = 24 * HOUR_MS;
/** How far ahead to look for a duty to take in return. */
export const RETURN_WEEKS = 8;

/** When a person alone is on duty, in order. Adjacent spans are one. Of a span of several people nobody can give a part. */
export function dutyOf(person: string, plan: readonly DutySpan[]): Span[] {
  const found: Span[] = [];
  for (const { from, to, targets } of plan) {
    const [only, ...more] = targets;
    if (only?.kind !== 'teamsUser' || more.length > 0 || !isSame(only.id, person)) continue;
    const last = found.at(-1);
    if (last && last.to === from) last.to = to;
    else found.push({ from, to });
  }
  return found;
}

/** When a person is on duty, alone or with others. */
export function busyWith(person: string, plan: readonly DutySpan[]): Span[] {
  return plan.flatMap(({ from, to, targets }) =>
    targets.some(({ id }) => isSame(id, person)) ? [{ from, to }] : [],
  );
}

const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/**
 * Which part of their duty the asker gives for the time they named. A turn of up to a day that begins on that day, or runs
 * at that moment, is given as a whole; of any other, the part on that day. If they named a range, only what is in it. A
 * duty that has begun is given from soon on.
 *
 * @param duty the asker's, in order
 * @param now epoch milliseconds
 * @param zone IANA time zone of the day
 * @returns null if they have none then
 */
export function spanToGive(duty: readonly Span[], named: NamedTime, now: number, zone: string): Span | null {
  const earliest = Math.ceil((now + NOTICE_MS) / QUARTER_MS) * QUARTER_MS;
  const left = (span: Span): Span[] => within(span, { from: earliest, to: Infinity });
  if (named.kind === 'range') return duty.flatMap((span) => within(span, named)).flatMap(left)[0] ?? null;
  const day = named.kind === 'day' ? named : dayOf(named.at, zone);
  const isMeant = (span: Span): boolean =>
    named.kind === 'day' ? overlap(span, day) : span.from <= named.at && named.at < span.to;
  const meant = duty.filter(isMeant).flatMap((span) => {
    const begins = day.from <= span.from;
    const isGivenWhole = isShort(span) && (begins || named.kind === 'moment');
    return (isGivenWhole ? [span] : within(span, day)).flatMap(left).map((part) => ({ begins, part }));
  });
  // "On Friday" is the night that begins on Friday rather than the one that ends then.
  const first = meant.find(({ begins }) => begins) ?? meant[0];
  return first?.part ?? null;
}

/**
 * What the asked person gives in return: the next part of their duty that is as long. If their turn is longer, the same
 * time of the same weekday if it has it.
 *
 * @param duty the asked person's, in order
 * @param gives what they get
 * @param options.busy when the asker cannot take over
 * @returns null if there is none in the coming weeks
 */
export function spanInReturn(
  duty: readonly Span[],
  gives: Span,
  { now, zone, busy }: { now: number; zone: string; busy: readonly Span[] },
): Span | null {
  const length = gives.to - gives.from;
  const range = { from: now + RETURN_NOTICE_MS, to: now + RETURN_WEEKS * 7 * 24 * HOUR_MS };
  const free = duty
    .flatMap((span) => within(span, range))
    .flatMap((span) => without(span, [gives, ...busy]))
    .filter(({ from, to }) => to - from >= length);
  const natural = free.flatMap((piece): Span[] => {
    if (piece.to - piece.from === length) return [piece];
    const same = sameWeekday(piece, gives, zone);
    if (same) return [same];
    return duty.some(({ from }) => from === piece.from) ? [firstOf(piece, length)] : [];
  });
  const [any] = free;
  return natural[0] ?? (any ? firstOf(any, length) : null);
}

/** Whether a duty has all of a span. */
export function holds(duty: readonly Span[], span: Span): boolean {
  return duty.some(({ from, to }) => from <= span.from && span.to <= to);
}

export function overlap(one: Span, other: Span): boolean {
  return one.from < other.to && other.from < one.to;
}

const isShort = ({ from, to }: Span): boolean => to - from <= LONGEST_WHOLE_MS;

const firstOf = ({ from }: Span, length: number): Span => ({ from, to: from + length });

/** The part of a span that is in a range: one or none. */
function within(span: Span, range: Span): Span[] {
  const from = Math.max(span.from, range.from);
  const to = Math.min(span.to, range.to);
  return from < to ? [{ from, to }] : [];
}

/** What is left of a span. */
function without(span: Span, taken: readonly Span[]): Span[] {
  return taken.reduce(
    (parts, one) =>
      parts.flatMap((part) => [
        ...within(part, { from: -Infinity, to: one.from }),
        ...within(part, { from: one.to, to: Infinity }),
      ]),
    [span],
  );
}

function dayOf(at: number, zone: string): Span {
  const day = DateTime.fromMillis(at, { zone }).startOf('day');
  return { from: day.toMillis(), to: day.plus({ days: 1 }).toMillis() };
}

/** The same time of the same weekday, as long, in a piece of duty; null if it has none. */
function sameWeekday(piece: Span, gives: Span, zone: string): Span | null {
  const wanted = DateTime.fromMillis(gives.from, { zone });
  const begin = DateTime.fromMillis(piece.from, { zone }).startOf('day');
  const ahead = (wanted.weekday - begin.weekday + 7) % 7;
  for (const days of [ahead, ahead + 7]) {
    const { hour, minute } = wanted;
    const found = firstOf(
      { from: begin.plus({ days }).set({ hour, minute }).toMillis(), to: 0 },
      gives.to - gives.from,
    );
    if (holds([piece], found)) return found;
  }
  return null;
}
