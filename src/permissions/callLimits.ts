import type { Requester, Target } from '../calls/call.ts';
import type { Wished } from '../calls/callListener.ts';
import { newestIn, newestOf, phoneCallsIn, phoneCallsSince, type NewestCalls } from '../calls/callQueries.ts';
import { calleeIdOf } from '../calls/callee.ts';
import { targetKey } from '../calls/callStore.ts';
import type { RingdownYaml } from '../config/ringdownSchema.ts';
import type { RawBuilder } from 'kysely';
import type { Answers, Questions } from '../database/ask.ts';
import type { Refusal } from './refusal.ts';

type CallLimits = Pick<RingdownYaml['limits'], 'perCaller' | 'perCallee' | 'phoneCallsPerHour'>;
type Limited = 'perCaller' | 'perCallee';

/** The key of the limit on calls to phone numbers, which all of them share. */
export const PHONE_CALLS = 'phone calls';
const PHONE_WINDOW_MS = 3_600_000;

/**
 * Keys of the limits of the caller and the callee, which the transaction that places the call locks. If two calls reach a
 * limit at the same time, the second one counts the first.
 */
export function limitsOf({ requestedBy, target }: Wished): string[] {
  return [
    // An API key has no limit of its own here, so its calls need not wait for each other.
    ...(hasOwnLimit(requestedBy) ? [`caller ${requestedBy.key}`] : []),
    `callee ${targetKey(target)}`,
    ...(target.kind === 'phone' ? [PHONE_CALLS] : []),
  ];
}

/**
 * Questions that tell whether more calls exceed a limit. They count the calls themselves, so that the window slides
 * exactly and all replicas agree. Calls of escalations do not count, and neither do calls to oneself.
 *
 * @param now epoch milliseconds
 * @returns expressions for `LimitJudge`, the same for any number of calls
 */
export function limitQuestions(limits: CallLimits, wished: readonly Wished[], now: number): Questions {
  const last = (limit: Limited): RawBuilder<unknown> => {
    const own = wished.filter(applies[limit]);
    const keys = Map.groupBy(own, keyOf[limit]);
    const most = Math.max(0, ...Array.from(keys.values(), ({ length }) => length));
    const { count, windowMs } = limits[limit];
    const newest = { since: new Date(now - windowMs), skip: Math.max(0, count - most), most };
    return newestOf(
      Array.from(keys, ([key, [one]]) => ({
        key,
        notBy: limit === 'perCallee' && one ? calleeIdOf(one.target) : null,
      })),
      limit === 'perCaller' ? 'requester' : 'target',
      newest,
    );
  };
  const areForPhones = wished.some(({ target }) => target.kind === 'phone');
  return {
    perCaller: last('perCaller'),
    perCallee: last('perCallee'),
    ...(areForPhones && { phoneCalls: phoneQuestion(limits, now, true) }),
  };
}

/** When the calls to phone numbers were sent that count for the limit. @param waiting as for `phoneCallsSince` */
export function phoneQuestion(
  { phoneCallsPerHour }: Pick<CallLimits, 'phoneCallsPerHour'>,
  now: number,
  waiting: boolean,
): RawBuilder<unknown> {
  return phoneCallsSince(new Date(now - PHONE_WINDOW_MS), phoneCallsPerHour, waiting);
}

/**
 * When another call to a phone number is allowed (epoch milliseconds); null if one is allowed now.
 *
 * @param sent when the newest calls were sent, newest first
 * @param granted more calls that are being placed now
 */
export function phoneLimitUntil(
  { phoneCallsPerHour }: Pick<CallLimits, 'phoneCallsPerHour'>,
  sent: readonly number[],
  granted: number,
  now: number,
): number | null {
  const left = phoneCallsPerHour - granted;
  if (left <= 0) return now + PHONE_WINDOW_MS;
  const oldest = sent[left - 1];
  return oldest === undefined ? null : oldest + PHONE_WINDOW_MS;
}

/** Decides on the calls of one transaction, one after another: each counts for the next. */
export class LimitJudge {
  readonly #limits: CallLimits;
  readonly #now: number;
  readonly #placed: Record<Limited, NewestCalls>;
  /** Calls that are placed now, by limit and key. */
  readonly #granted = { perCaller: new Map<string, number>(), perCallee: new Map<string, number>() };
  readonly #phoneCalls: readonly number[];
  #phonesGranted = 0;

  /**
   * @param answers to `limitQuestions`
   * @param now epoch milliseconds
   */
  constructor(limits: CallLimits, answers: Answers, now: number) {
    this.#limits = limits;
    this.#now = now;
    this.#placed = {
      perCaller: newestIn(answers['perCaller']),
      perCallee: newestIn(answers['perCallee']),
    };
    this.#phoneCalls = phoneCallsIn(answers['phoneCalls']);
  }

  /** A limit that is reached allows the next call when its oldest call leaves the window. */
  refusalOf(wished: Wished): Refusal | null {
    for (const reason of ['perCaller', 'perCallee'] as const) {
      const at = applies[reason](wished) ? this.#oldest(reason, keyOf[reason](wished)) : null;
      if (at !== null) return { reason, until: at + this.#limits[reason].windowMs };
    }
    if (wished.target.kind !== 'phone') return null;
    const until = phoneLimitUntil(this.#limits, this.#phoneCalls, this.#phonesGranted, this.#now);
    return until === null ? null : { reason: 'phoneCallsPerHour', until };
  }

  granted(wished: Wished): void {
    if (wished.target.kind === 'phone') this.#phonesGranted += 1;
    for (const reason of ['perCaller', 'perCallee'] as const) {
      const granted = this.#granted[reason];
      const key = keyOf[reason](wished);
      if (applies[reason](wished)) granted.set(key, (granted.get(key) ?? 0) + 1);
    }
  }

  /** When the oldest of the calls was placed that use the limit up (epoch milliseconds); null if another call fits. */
  #oldest(limit: Limited, key: string): number | null {
    const left = this.#limits[limit].count - (this.#granted[limit].get(key) ?? 0);
    if (left <= 0) return this.#now;
    const { skipped, placed } = this.#placed[limit];
    return placed[key]?.[left - 1 - skipped] ?? null;
  }
}
/** What each limit counts by. */
const keyOf: Record<Limited, (wished: Wished) => string> = {
  perCaller: ({ requestedBy }) => requestedBy.key,
  perCallee: ({ target }) => targetKey(target),
};

const applies: Record<Limited, (wished: Wished) => boolean> = {
  perCaller: ({ requestedBy }) => hasOwnLimit(requestedBy),
  perCallee: ({ requestedBy, target }) => !isOneself(requestedBy, target),
};

/** People have a limit: those in chats, and those for whom an application asks. */
function hasOwnLimit({ kind, objectId }: Requester): boolean {
  return kind === 'chat' || objectId !== undefined;
}

/** Whether somebody asks for a call to themselves. */
export function isOneself({ objectId }: Requester, { kind, id }: Target): boolean {
  return kind === 'teamsUser' && objectId !== undefined && id.toLowerCase() === objectId.toLowerCase();
}
