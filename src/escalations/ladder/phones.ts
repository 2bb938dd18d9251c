import type { Cause, Disposition, Target } from '../../calls/call.ts';
import { callAgain, type CallAgain } from '../../calls/callAgain.ts';
import type { Rung, RungPhone } from '../escalation.ts';

/** The phones of one person in a step: which of them is called next. */

/**
 * Whom the end of a call concerns, if the same phone is not called again by itself (`callAgain`).
 *
 * - `person`: a person has seen the call, or it was ended on purpose. Their other phones are left alone.
 * - `phone`: only this phone is of no use. They may not know of the call yet.
 */
const concerns: Readonly<Record<Disposition, 'person' | 'phone'>> = {
  answered: 'person',
  acknowledged: 'person',
  connected_to_caller: 'person',
  declined: 'person',
  cancelled: 'person',
  // These two are called again by themselves.
  no_answer: 'phone',
  busy: 'phone',
  unreachable: 'phone',
  // Such as a person without a Teams Phone licence.
  not_allowed: 'phone',
  failed: 'phone',
};

/** What follows from the end of a call for the person's phones. */
export interface AfterCall {
  /** The phone to call next; null if the person is not called again in this step. */
  next: Target | null;
  /** When to call it. */
  when: Exclude<CallAgain, 'onRequest' | 'never'>;
  /** Of several phones: what is known about each now. */
  phones?: readonly RungPhone[];
}

/**
 * Decides which phone of a person is called after a call to one of them has ended. Each phone is called once before the
 * next round through all of them begins. `tries` is the number of these rounds.
 *
 * Another phone is called at once, unless the service did not say whether it placed the call: then that one may still
 * ring. A new round waits as long as a second call to the same phone does.
 */
export function afterCall(
  rung: Pick<Rung, 'target' | 'tries' | 'phones'>,
  { cause, disposition }: { cause: Cause; disposition: Disposition },
  tries: number,
): AfterCall {
  const again = callAgain(cause);
  const isOver = again === 'onRequest' || again === 'never';
  const phones = phonesOf(rung).map((phone) =>
    isSamePhone(phone.target, rung.target)
      ? { ...phone, calls: phone.calls + 1, over: phone.over || isOver }
      : phone,
  );
  const known = rung.phones === undefined ? {} : { phones };
  if (isOver && concerns[disposition] === 'person') return { next: null, when: 'atOnce', ...known };
  const next = nextPhone(phones, tries);
  if (!next) return { next: null, when: 'atOnce', ...known };
  const round = phones.find(({ target }) => isSamePhone(target, rung.target))?.calls ?? 0;
  const isNewRound = next.calls >= round;
  const when = isOver || (again === 'afterPause' && !isNewRound) ? 'atOnce' : again;
  return { next: next.target, when, ...known };
}

/** The first of the phones that were called least often. */
function nextPhone(phones: readonly RungPhone[], tries: number): RungPhone | undefined {
  const left = phones.filter(({ calls, over }) => !over && calls < tries);
  const fewest = Math.min(...left.map(({ calls }) => calls));
  return left.find(({ calls }) => calls === fewest);
}

function phonesOf({
  target,
  tries,
  phones,
}: Pick<Rung, 'target' | 'tries' | 'phones'>): readonly RungPhone[] {
  // `tries` counts the call that has just ended.
  return phones ?? [{ target, calls: Math.max(0, tries - 1), over: false }];
}

/** Which call to this phone the next one is, from 1. */
export function nthCall({ target, tries, phones }: Pick<Rung, 'target' | 'tries' | 'phones'>): number {
  return (phones?.find((phone) => isSamePhone(phone.target, target))?.calls ?? tries) + 1;
}

function isSamePhone(one: Target, other: Target): boolean {
  return one.kind === other.kind && one.id === other.id;
}
