import type { Target } from '../calls/call.ts';
import { lookUp } from '../config/lookUp.ts';
import type { Shift } from '../directory/directory.ts';
import type { Cover } from '../schedules/coverStore.ts';
import { isFor } from '../schedules/covering.ts';
import type { Skipped, SkipReason, TargetSpec } from './escalation.ts';
import { peopleAt, peopleIn, spansOf, keysOf, type CalendarBook } from '../schedules/calendarDuty.ts';
import { onDuty, type Rotation, type TurnRotation } from '../schedules/onDuty.ts';

/** Who is called for some words of ringdown.yaml, and who is not, and why. */
export interface Reached {
  targets: readonly Target[];
  skipped: readonly Skipped[];
}

/** The words for one person or a group; a shift names its person by object id, a calendar by several words. */
export type Named =
  | Exclude<TargetSpec, { rotation: string } | { shifts: string }>
  | { userId: string }
  | { oneOf: readonly string[] };

/** What a plan follows from. */
export interface DutyFacts {
  rotations: Readonly<Record<string, Rotation>>;
  /** Of the policy, the one taken last first. */
  covers: readonly Cover[];
  /** The shifts of a team. */
  shiftsOf(team: string): readonly Shift[];
  /** Whom words mean; null for a shift of somebody whom the directory does not know. */
  reach(words: Named): Reached | null;
}

/** One span of a plan, in epoch milliseconds. `to` does not belong to it. If it has no targets, it is a gap. */
export interface PlannedSpan extends Reached {
  from: number;
  to: number;
  /** `fallback`: a person or group that the policy names in place of shifts. */
  kind: 'rotation' | 'cover' | 'shift' | 'fallback';
  /** Whether somebody hands over to somebody else as it begins. */
  handOver: boolean;
  /** The cover, and who would be on duty without it. */
  covered?: { cover: Cover; instead: Reached };
}

const DAY_MS = 86_400_000;

/** A plan may be this long. */
export const LONGEST_PLAN_MS = 100 * DAY_MS;

/** A plan of more turns is not drawn: nobody could read it. */
const MOST_TURNS = 5_000;

/** Whether a rotation changes too often for a plan of this length (milliseconds). */
export function isTooFine({ every }: Pick<TurnRotation, 'every'>, length: number): boolean {
  return length / every > MOST_TURNS;
}

/**
 * Who is on duty for a target of a policy, and when: what `Targets.ofStep` would answer at each instant. The spans are in
 * order and fill the range, without overlap.
 *
 * @param from epoch milliseconds
 * @param to epoch milliseconds, does not belong to the range
 */
export function dutyPlan(spec: TargetSpec, from: number, to: number, facts: DutyFacts): PlannedSpan[] {
  if (from >= to) return [];
  if ('rotation' in spec) return planOfRotation(spec.rotation, from, to, facts);
  if ('shifts' in spec) return planOfShifts(spec, from, to, facts);
  const { targets, skipped } = facts.reach(spec) ?? nobody;
  return [{ from, to, kind: 'fallback', handOver: false, targets, skipped }];
}

const nobody: Reached = { targets: [], skipped: [] };

function planOfRotation(name: string, from: number, to: number, facts: DutyFacts): PlannedSpan[] {
  const covers = facts.covers.filter((cover) => isFor(cover, name));
  return turnsOf(name, from, to, facts).flatMap((turn): PlannedSpan[] => {
    const { instead } = turn;
    const bounds = covers.flatMap((cover) => [cover.from, cover.until]);
    const coverAt = (at: number): Cover | null =>
      covers.find((one) => one.from <= at && at < one.until) ?? null;
    return piecesOf(turn.from, turn.to, bounds, coverAt).map(({ value: cover, ...piece }) => {
      const handOver = turn.handOver && piece.from === turn.from;
      return cover
        ? {
            ...piece,
            kind: 'cover',
            handOver,
            targets: [cover.person],
            skipped: [],
            covered: { cover, instead },
          }
        : { ...piece, kind: 'rotation', handOver, ...instead };
    });
  });
}

interface Turn {
  from: number;
  to: number;
  /** Who is on duty, unless somebody covers. */
  instead: Reached;
  handOver: boolean;
}

/** The turns of a rotation in a range. Turns of the same people in a row are one. */
function turnsOf(name: string, from: number, to: number, facts: DutyFacts): Turn[] {
  const rotation = lookUp(facts.rotations, name);
  if (!rotation) return [{ from, to, instead: skip(name, 'notInFile'), handOver: false }];
  if ('calendar' in rotation) return turnsByCalendar(name, rotation.calendar, { from, to, facts });
  const before = onDuty(rotation, from - 1).member;
  const turns: (Turn & { member: string })[] = [];
  for (let at = from; at < to;) {
    const { member, until } = onDuty(rotation, at);
    const end = Math.min(until, to);
    const last = turns.at(-1);
    if (last?.member === member) last.to = end;
    else {
      const instead = facts.reach({ user: member }) ?? nobody;
      turns.push({ from: at, to: end, member, instead, handOver: (last?.member ?? before) !== member });
    }
    at = end;
  }
  return turns;
}

/** Outside the range that was read, nobody knows. */
function turnsByCalendar(
  name: string,
  book: CalendarBook,
  { from, to, facts }: { from: number; to: number; facts: DutyFacts },
): Turn[] {
  const unknown = (begin: number, end: number): Turn[] =>
    begin < end
      ? [{ from: begin, to: end, instead: skip(name, 'calendarUnavailable'), handOver: false }]
      : [];
  if (book.kind === 'unknown') return unknown(from, to);
  const [begin, end] = [Math.max(from, book.from), Math.min(to, book.to)];
  if (begin >= end) return unknown(from, to);
  let before = keysOf(peopleAt(book.duties, begin - 1));
  const known = spansOf(book.duties, begin, end).map(({ people, ...span }): Turn => {
    const handOver = keysOf(people) !== before;
    before = keysOf(people);
    const reached = people.map(({ words }) => facts.reach({ oneOf: words }) ?? nobody);
    const instead =
      people.length === 0
        ? skip(name, 'nobodyOnDuty')
        : {
            targets: eachOnce(reached.flatMap(({ targets }) => targets)),
            skipped: reached.flatMap(({ skipped }) => skipped),
          };
    return { ...span, instead, handOver };
  });
  return [...unknown(from, begin), ...known, ...unknown(end, to)];
}

/** A calendar may name a person in several ways. Somebody whom the directory does not know has no id, only a name. */
function eachOnce(targets: readonly Target[]): Target[] {
  return [...new Map(targets.map((one) => [one.id === '' ? one.displayName : one.id, one])).values()];
}

function skip(name: string, reason: SkipReason): Reached {
  return { targets: [], skipped: [{ name, reason }] };
}

function planOfShifts(
  spec: Extract<TargetSpec, { shifts: string }>,
  from: number,
  to: number,
  facts: DutyFacts,
): PlannedSpan[] {
  const shifts = facts.shiftsOf(spec.shifts);
  const bounds = shifts.flatMap(({ startsAt, endsAt }) => [startsAt, endsAt]);
  const onShiftAt = (at: number): string =>
    [...new Set(shifts.flatMap((one) => (one.startsAt <= at && at < one.endsAt ? [one.userId] : [])))].join(
      ' ',
    );
  let before = onShiftAt(from - 1);
  return piecesOf(from, to, bounds, onShiftAt).flatMap(({ value, ...piece }): PlannedSpan[] => {
    const handOver = before !== value;
    before = value;
    const onShift = reachShift(spec.shifts, value === '' ? [] : value.split(' '), facts);
    if (onShift.targets.length > 0 || !spec.fallback)
      return [{ ...piece, kind: 'shift', handOver, ...onShift }];
    return dutyPlan(spec.fallback, piece.from, piece.to, facts).map((span) => ({
      ...span,
      handOver: span.handOver || (handOver && span.from === piece.from),
      skipped: [...onShift.skipped, ...span.skipped],
    }));
  });
}

function reachShift(team: string, ids: readonly string[], facts: DutyFacts): Reached {
  const known = ids.map((userId) => facts.reach({ userId })).filter((one) => one !== null);
  if (known.length === 0) return skip(team, 'nobodyOnDuty');
  return {
    targets: known.flatMap(({ targets }) => targets),
    skipped: known.flatMap(({ skipped }) => skipped),
  };
}

/** Cuts a range where a value changes, which it does only at some of the bounds. */
function piecesOf<Value>(
  from: number,
  to: number,
  bounds: readonly number[],
  valueAt: (at: number) => Value,
): { from: number; to: number; value: Value }[] {
  const inside = bounds.filter((bound) => bound > from && bound < to);
  const starts = [...new Set([from, ...inside])].toSorted((one, other) => one - other);
  const pieces: { from: number; to: number; value: Value }[] = [];
  for (const [index, start] of starts.entries()) {
    const value = valueAt(start);
    const end = starts[index + 1] ?? to;
    const last = pieces.at(-1);
    if (last && last.value === value) last.to = end;
    else pieces.push({ from: start, to: end, value });
  }
  return pieces;
}

/**
 * The words whose people a plan needs.
 *
 * @param shiftsOf the shifts of a team
 * @param range of the plan, which spares the people of other times in a calendar. Epoch milliseconds
 */
export function namedIn(
  spec: TargetSpec,
  { rotations, shiftsOf }: Pick<DutyFacts, 'rotations' | 'shiftsOf'>,
  range: { from: number; to: number } = { from: -Infinity, to: Infinity },
): Named[] {
  if ('rotation' in spec) {
    const rotation = lookUp(rotations, spec.rotation);
    if (!rotation) return [];
    if (!('calendar' in rotation)) return rotation.members.map((user): Named => ({ user }));
    const { calendar } = rotation;
    return calendar.kind === 'known'
      ? peopleIn(calendar.duties, range.from, range.to).map(({ words }): Named => ({ oneOf: words }))
      : [];
  }
  if ('shifts' in spec) {
    const ids = new Set(shiftsOf(spec.shifts).map(({ userId }) => userId));
    return [
      ...[...ids].map((userId): Named => ({ userId })),
      ...(spec.fallback ? namedIn(spec.fallback, { rotations, shiftsOf }, range) : []),
    ];
  }
  return [spec];
}
