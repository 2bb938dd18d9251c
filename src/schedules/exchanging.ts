import type { ExchangeFault, Exchange } from './exchange.ts';
import {
  busyWith,
  dutyOf,
  holds,
  overlap,
  spanInReturn,
  spanToGive,
  type DutySpan,
  type NamedTime,
  type Span,
} from './exchangedSpans.ts';

/** Who is on duty for each rotation of a policy. */
export type RotationPlans = ReadonlyMap<string, readonly DutySpan[]>;

/** The rotations of which somebody has a duty to give, with what they would give. */
export function givable(
  plans: RotationPlans,
  asker: string,
  { named, now, zone }: { named: NamedTime; now: number; zone: string },
): { rotation: string; gives: Span }[] {
  return [...plans].flatMap(([rotation, plan]) => {
    const gives = spanToGive(dutyOf(asker, plan), named, now, zone);
    return gives ? [{ rotation, gives }] : [];
  });
}

/** When somebody is next on duty; null if never in these plans. @param now epoch milliseconds */
export function nextDuty(plans: RotationPlans, person: string, now: number): Span | null {
  const coming = [...plans.values()].flatMap((plan) => dutyOf(person, plan)).filter(({ to }) => to > now);
  return coming.toSorted((one, other) => one.from - other.from)[0] ?? null;
}

/**
 * What the asker takes for what they give.
 *
 * @returns `takes` is null if there is nothing to take; `busy` if the asked person has another duty of the policy then
 */
export function inReturn(
  plans: RotationPlans,
  people: { asker: string; asked: string },
  { rotation, gives, now, zone }: { rotation: string; gives: Span; now: number; zone: string },
): { takes: Span | null } | 'busy' {
  const others = [...plans].flatMap(([name, plan]) => (name === rotation ? [] : [plan]));
  if (isBusy(people.asked, gives, others)) return 'busy';
  const busy = others.flatMap((plan) => busyWith(people.asker, plan));
  const duty = dutyOf(people.asked, plans.get(rotation) ?? []);
  return { takes: spanInReturn(duty, gives, { now, zone, busy }) };
}

/** Why two people can no longer exchange what they agreed on, as the plans are now; null if they can. */
export function faultOf(
  {
    rotation,
    asker,
    asked,
    gives,
    takes,
  }: Pick<Exchange, 'rotation' | 'asker' | 'asked' | 'gives' | 'takes'>,
  plans: RotationPlans,
): ExchangeFault | null {
  const plan = plans.get(rotation) ?? [];
  const others = [...plans].flatMap(([name, other]) => (name === rotation ? [] : [other]));
  if (!holds(dutyOf(asker.id, plan), gives)) return 'askerLacksDuty';
  if (takes && !holds(dutyOf(asked.id, plan), takes)) return 'askedLacksDuty';
  if (isBusy(asked.id, gives, others)) return 'askedIsBusy';
  return takes && isBusy(asker.id, takes, others) ? 'askerIsBusy' : null;
}

function isBusy(person: string, span: Span, plans: readonly (readonly DutySpan[])[]): boolean {
  return plans.some((plan) => busyWith(person, plan).some((one) => overlap(one, span)));
}
