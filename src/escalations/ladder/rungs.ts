import { callAgain } from '../../calls/callAgain.ts';
import { isMobile } from '../../calls/callee.ts';
import type { Engaged, Escalation, Ladder, Rung, RungState } from '../escalation.ts';
import { actOf } from '../timeline.ts';
import type { LadderEvent, Out, Refusal } from './events.ts';
import { later } from './later.ts';
import { afterCall } from './phones.ts';

/** The people of the current step: who is called, how their calls end, and who is called again. */

/** Somebody who is on the phone is called again after this. */
const BUSY_PAUSE_MS = 15_000;
/**
 * The service did not say what became of a call, so the phone may still be called. The person is not called again
 * until this long after the ring timeout.
 */
const UNKNOWN_PAUSE_MS = 30_000;

/** The people of the current step; nobody while it is not known whom the step means. */
export function rungsOf({ phase }: Pick<Ladder, 'phase'>): readonly Rung[] {
  return phase.kind === 'resolving' ? [] : phase.rungs;
}

function withRungs(ladder: Ladder, change: (rung: Rung) => Rung): Ladder {
  const { phase } = ladder;
  if (phase.kind === 'resolving') return ladder;
  return { ...ladder, phase: { ...phase, rungs: phase.rungs.map(change) } };
}

export function inState({ key, target, tries, phones, unread }: Rung, state: RungState): Rung {
  return { key, target, tries, ...(phones && { phones }), ...(unread && { unread }), ...state };
}

type Event<Type extends LadderEvent['type']> = Extract<LadderEvent, { type: Type }>;

export function stepResolved(ladder: Ladder, event: Event<'stepResolved'>, out: Out): Ladder {
  const isExpected =
    ladder.status === 'open' &&
    ladder.phase.kind === 'resolving' &&
    ladder.runs === event.run &&
    ladder.round === event.round &&
    ladder.step === event.step;
  if (!isExpected) return ladder;
  for (const name of event.remembered) out.note({ type: 'remembered', data: { name } });
  for (const { name, reason } of event.skipped) out.note({ type: 'skipped', data: { name, reason } });
  // In the later rounds everybody knows.
  for (const { name, way, reason } of event.round === 0 ? (event.without ?? []) : [])
    out.note({ type: 'withoutWay', data: { name, way, reason } });
  const rungs = new Map<string, Rung>();
  for (const { key, target, phones = [] } of event.people) {
    if (rungs.has(key)) continue;
    const several = phones.length > 1 && {
      phones: phones.map((phone) => ({ target: phone, calls: 0, over: false })),
    };
    rungs.set(key, { key, target, tries: 0, ...several, state: 'waiting' });
  }
  if (rungs.size === 0) out.note({ type: 'nobodyInStep', data: { step: event.step + 1 } });
  return { ...ladder, phase: { kind: 'calling', rungs: [...rungs.values()] } };
}

export function callPlaced(ladder: Ladder, { key, callId }: Event<'callPlaced'>): Ladder {
  return withRungs(ladder, (rung) =>
    rung.key === key ? { ...inState(rung, { state: 'calling', callId }), tries: rung.tries + 1 } : rung,
  );
}

export function callEnded(escalation: Escalation, event: Event<'callEnded'>, out: Out): Ladder {
  const { ladder } = escalation;
  const { disposition, cause, code, subCode } = event.end;
  const isCalled = isOn(event.callId);
  const left = ladder.engaged.find((one) => 'callId' in one && one.callId === event.callId);
  const rung = rungsOf(ladder).find(isCalled);
  const person = left ?? (rung && personOf(rung));
  if (!person) return ladder;
  const { key, name, mobile } = person;
  const at = mobile && { mobile };
  out.note({ type: 'callEnded', data: { name, ...at, disposition, cause, code, subCode } });

  const freeAt = later(event.at, event.ringTimeoutSeconds * 1000 + UNKNOWN_PAUSE_MS);
  const stillEngaged: Engaged[] =
    callAgain(cause) === 'afterRinging' ? [{ key, name, ...at, until: freeAt }] : [];
  const others = ladder.engaged.filter((engaged) => engaged !== left);
  const ended = { ...ladder, engaged: [...others, ...stillEngaged] };
  if (left) return ended;
  return withRungs(ended, (own) => (isCalled(own) ? after(own) : own));

  function after(own: Rung): Rung {
    const { next, when, phones } = afterCall(own, event.end, escalation.steps[ladder.step]?.tries ?? 1);
    const called: Rung = { ...own, target: next ?? own.target, ...(phones && { phones }) };
    return inState(called, next ? again(when) : { state: 'done' });
  }

  function again(when: ReturnType<typeof afterCall>['when']): RungState {
    switch (when) {
      case 'atOnce':
        return { state: 'retry', retryAt: event.at, holds: true };
      case 'afterPause':
        return { state: 'retry', retryAt: later(event.at, BUSY_PAUSE_MS), holds: true };
      case 'afterRinging':
        return { state: 'retry', retryAt: freeAt, holds: false };
    }
  }
}

/** Whether this call is at the phone of a rung. */
export function isOn(callId: string): (rung: Rung) => boolean {
  return (rung) => rung.state === 'calling' && rung.callId === callId;
}

export function passedOn(ladder: Ladder, event: Event<'passedOn'>, out: Out): Ladder | Refusal {
  if (ladder.status !== 'open') return 'wrong_state';
  const { phase } = ladder;
  if (event.key === null && phase.kind === 'pausing') {
    out.note({ type: 'passedOn', data: actOf(event.by) });
    return { ...ladder, phase: { ...phase, until: event.at } };
  }
  const passing = rungsOf(ladder).filter(
    ({ key, state }) => state !== 'done' && (event.key === null ? state !== 'waiting' : key === event.key),
  );
  if (passing.length === 0) return ladder;
  out.note({ type: 'passedOn', data: actOf(event.by) });
  const callIds = passing.flatMap((rung) => callIdOf(rung) ?? []);
  if (callIds.length > 0) out.effects.push({ kind: 'hangUp', callIds });
  return letGo(ladder, new Set(passing.map(({ key }) => key)));
}

/** These people are not called again in this step. They stay engaged until their calls have ended. */
export function letGo(ladder: Ladder, keys: ReadonlySet<string>): Ladder {
  const engaged = rungsOf(ladder).flatMap((rung): Engaged[] => {
    const callId = keys.has(rung.key) ? callIdOf(rung) : null;
    return callId === null ? [] : [{ ...personOf(rung), callId }];
  });
  const left = withRungs(ladder, (rung) => (keys.has(rung.key) ? inState(rung, { state: 'done' }) : rung));
  return { ...left, engaged: [...ladder.engaged, ...engaged] };
}

/** Who is called, and on which phone. */
function personOf({ key, target }: Rung): { key: string; name: string; mobile?: true } {
  return { key, name: target.displayName, ...(isMobile(target) && { mobile: true }) };
}

function callIdOf(rung: Rung): string | null {
  return rung.state === 'calling' ? rung.callId : null;
}

/** Drops the people whose phones cannot be called any more. */
export function withoutFreed(ladder: Ladder, now: string): Ladder {
  const engaged = ladder.engaged.filter((one) => 'callId' in one || one.until > now);
  return engaged.length === ladder.engaged.length ? ladder : { ...ladder, engaged };
}
