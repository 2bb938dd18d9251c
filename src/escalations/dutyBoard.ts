import type { RingdownYaml } from '../config/ringdownSchema.ts';
import type { Clock } from '../clock.ts';
import type { Sql } from '../database/schema.ts';
import { storableJson } from '../database/storable.ts';
import { AnswerCache } from '../directory/answerCache.ts';
import type { Directory, Shift } from '../directory/directory.ts';
import { GraphFault } from '../directory/graphFault.ts';
import { RingdownError } from '../errors.ts';
import { hoursOld } from '../schedules/calendarDuty.ts';
import { coversIn } from '../schedules/coverStore.ts';
import { calendarOf, shortestTurn } from './dutyCalendar.ts';
import {
  dutyPlan,
  isTooFine,
  namedIn,
  type DutyFacts,
  type Named,
  type PlannedSpan,
  type Reached,
} from './dutyPlan.ts';
import type { TargetSpec } from './escalation.ts';
import { isCovered } from './policies.ts';
import { callable, findNow, voiceAppOf } from './findNow.ts';
import type { DutyPlan } from './targets.ts';

/** Null if there are none, or no such team. */
type Shifts = readonly Shift[] | null | 'failed';

/** A row of the calendar, for all readers. Times are epoch milliseconds. */
export interface BoardRow {
  policy: string;
  spec: TargetSpec;
  /** From 1. */
  step: number;
  canCover: boolean;
  now: PlannedSpan | undefined;
  /** Until when that is so; null if that is far away. */
  nowUntil: number | null;
  spans: readonly PlannedSpan[];
  /** Why the plan is not complete. */
  lacks: 'directory' | 'shifts' | 'turns' | 'calendar' | { oldCalendar: number } | null;
}

/** A target of a policy, and the range to plan it for, in epoch milliseconds. */
export interface DutyUse {
  policy: string;
  spec: TargetSpec;
  from: number;
  to: number;
}

/** The plan of a target. */
export interface UsePlan extends DutyUse {
  /** Empty if the turns are too many. */
  spans: readonly PlannedSpan[];
  /** Whether the directory gave all answers. If not, names and shifts may be missing. */
  isAnswered: boolean;
}

interface Parts {
  sql: Sql;
  directory: Directory;
  clock: Clock;
  ringdown: () => RingdownYaml;
  /** What the file and the calendars say now. */
  plan: () => DutyPlan;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** How far the board looks ahead for the end of what is now. */
const AHEAD_MS = 15 * 24 * HOUR_MS;

/** The board is loaded again after each change of anything, so it remembers for a while what the directory said. */
const REMEMBERED = { most: 2_000, milliseconds: MINUTE_MS };

/** Collects who is on duty when, for all policies. */
export class DutyBoard {
  readonly #parts: Parts;
  readonly #people: AnswerCache<{ reached: Reached | null | 'failed' }>;
  readonly #shifts: AnswerCache<{ shifts: readonly Shift[] | null | 'failed' }>;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#people = new AnswerCache(parts.clock, REMEMBERED, ({ reached }) => reached === 'failed');
    this.#shifts = new AnswerCache(parts.clock, REMEMBERED, ({ shifts }) => shifts === 'failed');
  }

  /** @param from epoch milliseconds, as `to`, which does not belong to the range */
  async rows(from: number, to: number): Promise<BoardRow[]> {
    const { sql, clock, ringdown } = this.#parts;
    const now = clock.now();
    const [inRange, ahead] = await Promise.all([coversIn(sql, from, to), coversIn(sql, now, now + AHEAD_MS)]);
    const covers = [...new Map([...inRange, ...ahead].map((cover) => [cover.id, cover])).values()].toSorted(
      (one, other) => other.takenAt - one.takenAt,
    );
    const rows = dutyRows(ringdown());
    return await Promise.all(
      rows.map(async (row) => {
        const own = covers.filter(({ policy }) => policy === row.policy);
        return { ...row, ...(await this.#plans(row.spec, own, { from, to, now })) };
      }),
    );
  }

  async #plans(
    spec: TargetSpec,
    covers: DutyFacts['covers'],
    { from, to, now }: { from: number; to: number; now: number },
  ): Promise<Pick<BoardRow, 'now' | 'nowUntil' | 'spans' | 'lacks'>> {
    const { rotations } = this.#parts.plan();
    const shortest = shortestTurn(spec, rotations);
    const changesTooOften = isTooFine({ every: shortest }, to - from);
    const ahead = isTooFine({ every: shortest }, AHEAD_MS) ? HOUR_MS : AHEAD_MS;
    const hour = Math.floor(now / HOUR_MS) * HOUR_MS;
    const team = 'shifts' in spec ? spec.shifts : null;
    const [planned, coming] =
      team === null
        ? [[], []]
        : await Promise.all([
            changesTooOften ? [] : this.#shiftsOf(team, from, to),
            this.#shiftsOf(team, hour, hour + AHEAD_MS + HOUR_MS),
          ]);
    const plan = async (found: Shifts, begin: number, end: number) =>
      await this.#plan({ spec, from: begin, to: end }, covers, found);
    const [shown, soon] = await Promise.all([
      changesTooOften ? { spans: [], isComplete: true } : plan(planned, from, to),
      plan(coming, now, now + ahead),
    ]);
    const [first] = soon.spans;
    const areShiftsMissing = [planned, coming].some((shifts) => shifts === null || shifts === 'failed');
    const isComplete = shown.isComplete && soon.isComplete;
    const calendar = calendarOf(spec, rotations);
    const hours = calendar && hoursOld(calendar, now);
    return {
      now: first,
      nowUntil: first && soon.spans.length > 1 ? first.to : null,
      spans: shown.spans,
      lacks: changesTooOften
        ? 'turns'
        : areShiftsMissing
          ? 'shifts'
          : shown.spans.some(isUnknown)
            ? 'calendar'
            : hours !== null
              ? { oldCalendar: hours }
              : isComplete
                ? null
                : 'directory',
    };
  }

  /** The plans of some targets. Those that are the same in several policies are made once. */
  async plansOf(uses: readonly DutyUse[]): Promise<UsePlan[]> {
    const from = Math.min(...uses.map((use) => use.from));
    const to = Math.max(...uses.map((use) => use.to));
    const covers = uses.length === 0 ? [] : await coversIn(this.#parts.sql, from, to);
    const plans = new Map<string, Promise<Pick<UsePlan, 'spans' | 'isAnswered'>>>();
    return await Promise.all(
      uses.map(async (use) => {
        const own = covers.filter(({ policy }) => policy === use.policy);
        const key = storableJson([use.spec, use.from, use.to, own.map(({ id }) => id)]);
        const plan = plans.get(key) ?? this.#planOf(use, own);
        plans.set(key, plan);
        return { ...use, ...(await plan) };
      }),
    );
  }

  async #planOf(use: DutyUse, covers: DutyFacts['covers']): Promise<Pick<UsePlan, 'spans' | 'isAnswered'>> {
    const { rotations } = this.#parts.plan();
    if (isTooFine({ every: shortestTurn(use.spec, rotations) }, use.to - use.from))
      return { spans: [], isAnswered: true };
    const shifts = 'shifts' in use.spec ? await this.#shiftsOf(use.spec.shifts, use.from, use.to) : [];
    const { spans, isComplete } = await this.#plan(use, covers, shifts);
    return { spans, isAnswered: isComplete && shifts !== 'failed' && !spans.some(isUnknown) };
  }

  async #plan(
    { spec, from, to }: Pick<DutyUse, 'spec' | 'from' | 'to'>,
    covers: DutyFacts['covers'],
    shifts: Shifts,
  ): Promise<{ spans: PlannedSpan[]; isComplete: boolean }> {
    const { rotations } = this.#parts.plan();
    const read = { rotations, shiftsOf: () => (shifts === 'failed' ? [] : (shifts ?? [])) };
    const known = await this.#reach(namedIn(spec, read, { from, to }));
    const facts: DutyFacts = {
      ...read,
      covers,
      reach: (words) => known.people.get(storableJson(words)) ?? null,
    };
    return { spans: dutyPlan(spec, from, to, facts), isComplete: known.isComplete };
  }

  async #shiftsOf(team: string, from: number, to: number): Promise<Shifts> {
    const { shifts } = await this.#shifts.getOr(`${team} ${from} ${to}`, async () => ({
      shifts: await this.#parts.directory.shifts(team, from, to).catch(whyNot),
    }));
    return shifts;
  }

  async #reach(all: readonly Named[]): Promise<{ people: Map<string, Reached | null>; isComplete: boolean }> {
    const people = new Map<string, Reached | null>();
    let isComplete = true;
    await Promise.all(
      all.map(async (words) => {
        const key = storableJson(words);
        const { reached } = await this.#people.getOr(key, async () => ({
          reached: await this.#lookUp(words).catch(() => 'failed' as const),
        }));
        if (reached === 'failed') isComplete = false;
        people.set(key, reached === 'failed' ? asWritten(words) : reached);
      }),
    );
    return { people, isComplete };
  }

  async #lookUp(words: Named): Promise<Reached | null> {
    const { directory, ringdown, clock } = this.#parts;
    if ('voiceApp' in words) return voiceAppOf(words.voiceApp, ringdown().voiceApps);
    // A phone number is the same at all times, so no row of the calendar asks.
    if ('phone' in words) return asWritten(words);
    if (!('userId' in words)) return await findNow(words, directory, clock.now());
    const person = await directory.get(words.userId);
    return person && callable([person]);
  }
}

/** Shifts that Graph refuses to show are as good as none: it will not answer soon, so nobody should wait for it. */
function whyNot(error: unknown): null | 'failed' {
  const cause = error instanceof RingdownError ? error.cause : null;
  return cause instanceof GraphFault && cause.status === 403 ? null : 'failed';
}

/** Whose duties the calendar shows: each target whose people change with time, once for each policy. */
export function dutyRows({
  policies,
}: Pick<RingdownYaml, 'policies'>): Pick<BoardRow, 'policy' | 'spec' | 'step' | 'canCover'>[] {
  return Object.entries(policies).flatMap(([policy, { steps }]) => {
    const seen = new Set<string>();
    return steps.flatMap(({ targets }, index) =>
      targets.filter(changes).flatMap((spec) => {
        const key = storableJson(spec);
        if (seen.has(key)) return [];
        seen.add(key);
        return [{ policy, spec, step: index + 1, canCover: isCovered(spec) }];
      }),
    );
  });
}

/** Only these change with time. */
function changes(spec: TargetSpec): boolean {
  return 'rotation' in spec || 'shifts' in spec;
}

/** The calendar that says who is on duty then was never read, or does not reach that far. */
function isUnknown({ skipped }: PlannedSpan): boolean {
  return skipped.some(({ reason }) => reason === 'calendarUnavailable');
}

/** While the directory does not answer. A shift's person has no name then. */
function asWritten(words: Named): Reached | null {
  if ('userId' in words) return null;
  const displayName = 'oneOf' in words ? (words.oneOf[0] ?? '') : (Object.values(words)[0] ?? '');
  return { targets: [{ kind: 'teamsUser', id: '', displayName }], skipped: [] };
}
