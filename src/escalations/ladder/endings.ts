import type { Actor, Escalation, Ladder } from '../escalation.ts';
import { actOf } from '../timeline.ts';
import type { LadderEvent, Out, Refusal } from './events.ts';
import { later } from './later.ts';
import { letGo, rungsOf } from './rungs.ts';
import { restart } from './steps.ts';

/** How an escalation is acknowledged and how it ends, by people or by time. */

/** An acknowledged test stays open this long, so that people see it on their cards. */
const TEST_OVER_MS = 30_000;

/** The actor if Ringdown closes an escalation itself, or if no person is known. */
export const RINGDOWN: Actor = { key: 'ringdown', name: 'Ringdown', way: 'auto' };

export function isClosed({ status }: Ladder): boolean {
  return status === 'resolved' || status === 'cancelled';
}

export function acknowledged(
  ladder: Ladder,
  { by, note, at }: Extract<LadderEvent, { type: 'acknowledged' }>,
  out: Out,
): Ladder | Refusal {
  switch (ladder.status) {
    case 'open':
    case 'exhausted':
      out.note({ type: 'acknowledged', data: actOf(by, note) });
      return over({ ...ladder, status: 'acknowledged', acknowledgedBy: { ...by, at }, endedAt: null }, out);
    case 'acknowledged':
      return ladder.acknowledgedBy && isSamePerson(ladder.acknowledgedBy, by)
        ? ladder
        : 'already_acknowledged';
    case 'resolved':
    case 'cancelled':
      return 'wrong_state';
  }
}

/** Also true if the directory did not answer when one of them was named, and only the words are the same. */
export function isSamePerson(one: Actor, other: Actor): boolean {
  const names = namesOf(one);
  return namesOf(other).some((name) => names.includes(name));
}

function namesOf({ key, named }: Actor): string[] {
  return named === undefined ? [key.toLowerCase()] : [key.toLowerCase(), named];
}

/** Closes it. */
export function close(ladder: Ladder, status: 'resolved' | 'cancelled', by: Actor, out: Out): Ladder {
  return over({ ...ladder, status, endedBy: { ...by, at: out.at }, endedAt: out.at }, out);
}

/** Somebody took it or stopped it: call nobody any more. */
function over(ladder: Ladder, out: Out): Ladder {
  out.effects.push({ kind: 'tellOver' });
  const left = letGo(ladder, new Set(rungsOf(ladder).map(({ key }) => key)));
  return { ...left, phase: { kind: 'over', rungs: rungsOf(left) } };
}

/** When an acknowledged escalation calls again or closes by itself, if nobody resolves it. */
export function unresolvedUntil(
  { acknowledgeTimeoutMs, autoResolveMs, test }: Escalation,
  { acknowledgedBy }: Ladder,
): { callsAgain: string | null; closes: string | null } {
  const after = (ms: number | null): string | null =>
    ms === null || acknowledgedBy === null ? null : later(acknowledgedBy.at, ms);
  if (test) return { callsAgain: null, closes: after(TEST_OVER_MS) };
  return { callsAgain: after(acknowledgeTimeoutMs), closes: after(autoResolveMs ?? null) };
}

/** Calls again or closes, if that is due. For an acknowledged escalation that nobody has resolved. */
export function whileUnresolved(escalation: Escalation, out: Out): Ladder {
  const { ladder } = escalation;
  const { callsAgain, closes } = unresolvedUntil(escalation, ladder);
  if (callsAgain !== null && callsAgain <= out.at) {
    out.note({ type: 'acknowledgeTimeout', data: { name: ladder.acknowledgedBy?.name ?? '' } });
    return restart(ladder, out);
  }
  if (closes === null || closes > out.at) return ladder;
  if (escalation.test) {
    // Nothing was wrong, so nobody will resolve it.
    out.note({ type: 'testOver' });
    out.note({ type: 'resolved', data: actOf(RINGDOWN) });
  } else {
    const seconds = (Date.parse(out.at) - Date.parse(ladder.acknowledgedBy?.at ?? out.at)) / 1000;
    out.note({ type: 'resolved', data: { ...actOf(RINGDOWN), seconds } });
  }
  return close(ladder, 'resolved', RINGDOWN, out);
}
