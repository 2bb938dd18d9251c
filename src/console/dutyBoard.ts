import type { RingdownYaml } from '../config/ringdownSchema.ts';
import type { Clock } from '../clock.ts';
import { lookUp } from '../config/lookUp.ts';
import type { Sql } from '../database/schema.ts';
import { storableJson } from '../database/storable.ts';
import { AnswerCache } from '../directory/answerCache.ts';
import type { Directory, Shift } from '../directory/directory.ts';
import { coversIn } from '../schedules/coverStore.ts';
import {
  dutyPlan,
  isTooFine,
  namedIn,
  type DutyFacts,
  type Named,
  type PlannedSpan,
  type Reached,
} from '../escalations/dutyPlan.ts';
import type { TargetSpec } from '../escalations/escalation.ts';
import { dutyPlanOf, isCovered } from '../escalations/policies.ts';
import { callable, findNow, voiceAppOf } from '../escalations/targets.ts';

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
  lacks: 'directory' | 'shifts' | 'turns' | null;
}

interface Parts {
  sql: Sql;
  directory: Directory;
  clock: Clock;
  ringdown: () => RingdownYaml;
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
    const { policies } = ringdown();
    const now = clock.now();
    const [inRange, ahead] = await Promise.all([coversIn(sql, from, to), coversIn(sql, now, now + AHEAD_MS)]);
    const covers = [...new Map([...inRange, ...ahead].map((cover) => [cover.id, cover])).values()].toSorted(
      (one, other) => other.takenAt - one.takenAt,
    );
    const rows = Object.entries(policies).flatMap(([policy, { steps }]) => {
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
    const { rotations } = dutyPlanOf(this.#parts.ringdown());
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
    const plan = async (
      shifts: readonly Shift[] | null | 'failed',
      begin: number,
      end: number,
    ): Promise<{ spans: PlannedSpan[]; isComplete: boolean }> => {
      const read = { rotations, shiftsOf: () => (shifts === 'failed' ? [] : (shifts ?? [])) };
      const known = await this.#reach(namedIn(spec, read));
      const facts: DutyFacts = {
        ...read,
        covers,
        reach: (words) => known.people.get(storableJson(words)) ?? null,
      };
      return { spans: dutyPlan(spec, begin, end, facts), isComplete: known.isComplete };
    };
    const [shown, soon] = await Promise.all([
      changesTooOften ? { spans: [], isComplete: true } : plan(planned, from, to),
      plan(coming, now, now + ahead),
    ]);
    const [first] = soon.spans;
    const areShiftsMissing = [planned, coming].some((shifts) => shifts === null || shifts === 'failed');
    const isComplete = shown.isComplete && soon.isComplete;
    return {
      now: first,
      nowUntil: first && soon.spans.length > 1 ? first.to : null,
      spans: shown.spans,
      lacks: changesTooOften ? 'turns' : areShiftsMissing ? 'shifts' : isComplete ? null : 'directory',
    };
  }

  async #shiftsOf(team: string, from: number, to: number): Promise<readonly Shift[] | null | 'failed'> {
    const { shifts } = await this.#shifts.getOr(`${team} ${from} ${to}`, async () => ({
      shifts: await this.#parts.directory.shifts(team, from, to).catch(() => 'failed' as const),
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

/** Only these change with time. */
function changes(spec: TargetSpec): boolean {
  return 'rotation' in spec || 'shifts' in spec;
}

function shortestTurn(spec: TargetSpec, rotations: DutyFacts['rotations']): number {
  if ('rotation' in spec) return lookUp(rotations, spec.rotation)?.every ?? Infinity;
  return 'shifts' in spec && spec.fallback ? shortestTurn(spec.fallback, rotations) : Infinity;
}

/** While the directory does not answer. A shift's person has no name then. */
function asWritten(words: Named): Reached | null {
  if ('userId' in words) return null;
  const displayName = Object.values(words)[0] ?? '';
  return { targets: [{ kind: 'teamsUser', id: '', displayName }], skipped: [] };
}
