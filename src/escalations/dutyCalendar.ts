import { createHash } from 'node:crypto';
import type { Target } from '../calls/call.ts';
import { lookUp } from '../config/lookUp.ts';
import type { CoverChange } from '../schedules/coverStore.ts';
import type { CalendarBook } from '../schedules/calendarDuty.ts';
import type { CalendarRotation, Rotation, TurnRotation } from '../schedules/onDuty.ts';
import type { PlannedSpan } from './dutyPlan.ts';
import type { TargetSpec } from './escalation.ts';
import { rotationOf } from './policies.ts';

/** Which duties a calendar shows, and what they are. Pure. Times are epoch milliseconds. */

/** A range; `to` does not belong to it. */
export interface Range {
  from: number;
  to: number;
}

/** One duty: an event of a calendar. */
export interface Duty extends Range {
  /** The same duty keeps it each time the calendar is written. */
  uid: string;
  /** The policies for which it is the same, in the order of the file. */
  policies: readonly string[];
  /** Who would be called. Nobody: a gap. */
  people: readonly Target[];
  /** If it is a cover: who would be called without it. */
  instead: readonly Target[] | null;
  /** When a cover last changed it; null if none has. */
  changedAt: number | null;
}

const DAY_MS = 86_400_000;
/** A calendar shows the coming days, and some before them, so that a duty in progress is there. */
const SHOWN_DAYS = { back: 7, ahead: 90 } as const;
/**
 * A plan begins this much earlier, and ends this much later, so that it has the true begin and end of what is shown. Most
 * duties are shorter, and those of Shifts always.
 */
const MARGIN_DAYS = 21;
/** The same for turns of less than a day. */
const SHORT_MARGIN_DAYS = 2;
/** Longer turns than this are cut. */
const LONGEST_MARGIN_DAYS = 400;
/** Of turns of less than four hours fewer days are shown: more events would take long to plan, and nobody reads them. */
const MOST_TURNS = 700;

/** What to show and, with a margin, what to plan. */
export interface Ranges {
  shown: Range;
  planned: Range;
}

/**
 * The ranges for a target. They move once a day, at midnight in UTC, so that an unchanged calendar stays the same.
 *
 * @param rotations `every` in milliseconds
 */
export function rangesFor(
  now: number,
  spec: TargetSpec,
  rotations: Readonly<Record<string, Pick<TurnRotation, 'every'> | CalendarRotation>>,
): Ranges {
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  const shown = { from: today - SHOWN_DAYS.back * DAY_MS, to: today + (SHOWN_DAYS.ahead + 1) * DAY_MS };
  const every = shortestTurn(spec, rotations);
  const turnDays = Math.min(Math.ceil(every / DAY_MS) + 1, LONGEST_MARGIN_DAYS);
  const days = 'shifts' in spec || every === Infinity ? MARGIN_DAYS : Math.max(turnDays, MARGIN_DAYS);
  const margin = (every < DAY_MS ? SHORT_MARGIN_DAYS : days) * DAY_MS;
  const planned = { from: shown.from - margin, to: shown.to + margin };
  const last = planned.from + MOST_TURNS * every;
  if (planned.to <= last) return { shown, planned };
  return {
    shown: { from: Math.min(shown.from, last), to: Math.min(shown.to, last) },
    planned: { ...planned, to: last },
  };
}

/** The shortest turn of a target's rotation, in milliseconds; infinite without one, and for calendars. */
export function shortestTurn(
  spec: TargetSpec,
  rotations: Readonly<Record<string, Pick<TurnRotation, 'every'> | CalendarRotation>>,
): number {
  const rotation = lookUp(rotations, rotationOf(spec) ?? '');
  return rotation && 'every' in rotation ? rotation.every : Infinity;
}

/** The calendar of a target's rotation; null if it has none. */
export function calendarOf(
  spec: TargetSpec,
  rotations: Readonly<Record<string, Rotation>>,
): CalendarBook | null {
  const rotation = lookUp(rotations, rotationOf(spec) ?? '');
  return rotation && 'calendar' in rotation ? rotation.calendar : null;
}

/**
 * The duties of one target of a policy, in order.
 *
 * A duty is known by its policy and target, its begin, and who has it by the file, so a cover that shortens it, or takes
 * all of it, changes the event that calendars have. One that began before the plan is known by its missing begin.
 *
 * @param installation what tells this Ringdown from others
 * @param changes those of the policy
 */
export function dutiesOf(
  {
    policy,
    spec,
    from,
    to,
    spans,
  }: Range & { policy: string; spec: TargetSpec; spans: readonly PlannedSpan[] },
  shown: Range,
  changes: readonly CoverChange[],
  installation: string,
): Duty[] {
  return wholeSpans(spans)
    .filter((span) => span.to > shown.from && span.from < shown.to)
    .map((span): Duty => {
      const planned = span.covered?.instead.targets ?? span.targets;
      const begin = span.from === from ? null : span.from;
      const identity = [installation, policy, spec, begin, planned.map(idOf)];
      const times = changes
        .filter((one) => one.policy === policy && one.from <= span.to && one.to >= span.from)
        .map(({ at }) => at);
      return {
        uid: createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 40),
        // What is not known is not claimed to be further away than what is shown.
        from: begin ?? shown.from,
        to: span.to === to ? shown.to : span.to,
        policies: [policy],
        people: span.targets,
        instead: span.covered ? span.covered.instead.targets : null,
        changedAt: times.length > 0 ? Math.max(...times) : null,
      };
    });
}

/** A cover that lasts over a hand-over is one duty, of two spans. */
function wholeSpans(spans: readonly PlannedSpan[]): PlannedSpan[] {
  const whole: PlannedSpan[] = [];
  for (const span of spans) {
    const last = whole.at(-1);
    if (last?.covered && last.covered.cover.id === span.covered?.cover.id && last.to === span.from) {
      const { instead } = last.covered;
      const targets = distinct([...instead.targets, ...span.covered.instead.targets]);
      whole.splice(-1, 1, {
        ...last,
        to: span.to,
        covered: { ...last.covered, instead: { ...instead, targets } },
      });
    } else whole.push(span);
  }
  return whole;
}

/** The duties of one person: their turns, shifts and covers. What others cover for them is not theirs. */
export function dutiesOfPerson(duties: readonly Duty[], objectId: string): Duty[] {
  return duties.filter(({ people }) =>
    people.some(({ kind, id }) => kind === 'teamsUser' && id.toLowerCase() === objectId),
  );
}

/** Makes one of the duties of several policies that are the same, in the order of their begin. */
export function sharedDuties(duties: readonly Duty[]): Duty[] {
  const shared = new Map<string, Duty>();
  for (const duty of duties) {
    const { from, to, people, instead } = duty;
    const key = JSON.stringify([from, to, people.map(idOf), instead?.map(idOf) ?? null]);
    const known = shared.get(key);
    shared.set(
      key,
      known
        ? {
            ...known,
            policies: [...new Set([...known.policies, ...duty.policies])],
            changedAt: latest(known.changedAt, duty.changedAt),
          }
        : duty,
    );
  }
  return [...shared.values()].toSorted(
    (one, other) => one.from - other.from || (one.uid < other.uid ? -1 : 1),
  );
}

/** SEQUENCE counts from here: in seconds, so it fits into its 31 bits for 68 years. */
const SEQUENCE_BEGINS = Date.UTC(2026, 0, 1);

/** A number that grows with each change, without being stored. */
export function sequenceOf({ changedAt }: Pick<Duty, 'changedAt'>): number {
  return changedAt === null ? 0 : Math.max(1, Math.ceil((changedAt - SEQUENCE_BEGINS) / 1000));
}

function latest(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.max(one, other);
}

function distinct(targets: readonly Target[]): Target[] {
  return [...new Map(targets.map((target) => [idOf(target), target])).values()];
}

/** Somebody whom the directory does not know has a name only. */
function idOf({ kind, id, displayName }: Target): string {
  return `${kind} ${id === '' ? displayName : id}`;
}
