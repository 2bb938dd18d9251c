import type { Clock } from '../clock.ts';
import type { RingdownYaml } from '../config/ringdownSchema.ts';
import { lookUp } from '../config/lookUp.ts';
import { storableJson } from '../database/storable.ts';
import type { Directory } from '../directory/directory.ts';
import type { Cover } from '../schedules/coverStore.ts';
import { calendarOf, shortestTurn } from './dutyCalendar.ts';
import { dutyPlan, isTooFine, namedIn, type DutyFacts, type PlannedSpan, type Reached } from './dutyPlan.ts';
import { findNow } from './findNow.ts';
import type { DutyPlan } from './targets.ts';

interface Parts {
  directory: Directory;
  clock: Pick<Clock, 'now'>;
  /** ringdown.yaml as it is now. */
  ringdown: () => Pick<RingdownYaml, 'policies'>;
  /** Who is on duty by that file, and by its calendars. */
  plan: () => DutyPlan;
}

const DAY_MS = 86_400_000;
/** A turn that runs now is seen from its beginning, if it has at most a day. */
const BACK_MS = 26 * 3_600_000;
const AHEAD_MS = 91 * DAY_MS;
/** Of a rotation that changes every few minutes. */
const SHORT_AHEAD_MS = 7 * DAY_MS;

/** The plans of a policy's rotations, for the covers that the caller has read. */
export interface PolicyDuty {
  /** @param covers of the policy, the one taken last first */
  plans(covers: readonly Cover[]): ReadonlyMap<string, PlannedSpan[]>;
  /** The rotations of which nothing is known, because their calendar was never read. Their plans are empty. */
  unread: readonly string[];
  /** The range of the plans, in epoch milliseconds. */
  range: { from: number; to: number };
}

/** Reads who is on duty for the rotations of a policy in the coming weeks. */
export class RotationDuty {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Looks up the people of the policy's rotations. The plans follow from the file as it is now.
   *
   * @returns null if the file has no such policy, or it has no rotation
   * @throws RingdownError directory_unavailable
   */
  async of(policy: string): Promise<PolicyDuty | null> {
    const { clock, ringdown, plan } = this.#parts;
    const targets = lookUp(ringdown().policies, policy)?.steps.flatMap((step) => step.targets) ?? [];
    const names = [...new Set(targets.flatMap((target) => ('rotation' in target ? [target.rotation] : [])))];
    if (names.length === 0) return null;
    const { rotations } = plan();
    const read = { rotations, shiftsOf: () => [] };
    const now = clock.now();
    const words = names.flatMap((rotation) =>
      namedIn({ rotation }, read, { from: now - BACK_MS, to: now + AHEAD_MS }),
    );
    const found = new Map<string, Reached>();
    await Promise.all(
      words.map(async (one) => {
        // A rotation names nothing else.
        if (!('user' in one || 'oneOf' in one)) return;
        found.set(storableJson(one), await findNow(one, this.#parts.directory, now));
      }),
    );
    const shortest = Math.min(...names.map((rotation) => shortestTurn({ rotation }, rotations)));
    const ahead = isTooFine({ every: shortest }, BACK_MS + AHEAD_MS) ? SHORT_AHEAD_MS : AHEAD_MS;
    const range = { from: now - BACK_MS, to: now + ahead };
    const isUnread = (rotation: string): boolean => calendarOf({ rotation }, rotations)?.kind === 'unknown';
    return {
      range,
      unread: names.filter(isUnread),
      plans(covers) {
        const facts: DutyFacts = { ...read, covers, reach: (one) => found.get(storableJson(one)) ?? null };
        return new Map(
          names.map((rotation) => [rotation, dutyPlan({ rotation }, range.from, range.to, facts)]),
        );
      },
    };
  }
}
