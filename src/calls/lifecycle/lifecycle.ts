import type { Call, CallEffect, CallEvent, CallView, EndedView, Facts } from '../call.ts';
import { newActs, type KeyAct } from '../purposes/escalateByPhone.ts';
import type { CallEntry, Note } from '../timeline.ts';
import { deadlineOf } from './deadlines.ts';
import { ending } from './endings.ts';
import { merge } from './merge.ts';
import { plan } from './plan.ts';

/**
 * The life of one call, pure: (call, event) -> {call, effects, timeline}.
 *
 * `merge` applies the event to the facts, `view` derives the status from the facts, and `plan` decides what to do next
 * that has not been requested yet.
 */

export interface Transition {
  call: Call;
  effects: CallEffect[];
  timeline: CallEntry[];
  /** Whether something changed that people see. */
  changed: boolean;
  /** Whether the call ended with this event. Once only, even if a later event makes the end more exact. */
  ended: boolean;
  /** When to look at the call again if nothing happens; null when it has ended. */
  wakeAt: string | null;
  /** Keys that arrived for the first time. */
  tones: string[];
  /** What the callee decided by keys on a phone. */
  acts: KeyAct[];
}

/** Derives status and end of a call from its facts. */
export function view(call: Call): CallView {
  const { ended, connectedAt = null, dialSentAt, dialAcceptedAt } = call.facts;
  const end = ending(call);
  if (end) {
    const { at: endedAt, disposition, cause } = end;
    const { code, subCode } = ended && ended.by !== 'gone' ? ended : { code: null, subCode: null };
    return { status: 'ended', disposition, cause, code, subCode, connectedAt, endedAt };
  }
  const isSent = Boolean(dialSentAt ?? dialAcceptedAt ?? call.callConnectionId);
  const status = connectedAt ? 'connected' : isSent ? 'dialing' : 'queued';
  return { status, disposition: null, cause: null, code: null, subCode: null, connectedAt, endedAt: null };
}

export function hasEnded(call: Call): boolean {
  return view(call).status === 'ended';
}

/** Whether to send `createCall`: for the first time, or again because it is not known to have arrived. */
export function mayDial(call: Call): boolean {
  if (call.purpose.kind === 'talk') return false;
  const { status } = view(call);
  if (status === 'queued') return true;
  return status === 'dialing' && !call.facts.dialAcceptedAt && !call.callConnectionId && !call.facts.hangUp;
}

/**
 * Applies an event to a call.
 *
 * @param now when Ringdown applies it. An event of the service may come late; the deadlines of the requests that it
 * causes count from now
 */
export function apply(call: Call, event: CallEvent, now: string = event.at): Transition {
  const before = view(call);
  const timeline: CallEntry[] = [];
  const noting =
    (at: string): Note =>
    (line) => {
      timeline.push({ at, ...line });
    };

  const merged = merge(call, event, noting(event.at));
  const tones = newTones(call.facts, merged.facts);
  const planned = plan(merged, event, noting(now), { before: call.facts, now });
  const after = view(planned.call);

  if (after.status === 'ended') {
    if (before.status !== 'ended') timeline.push({ at: after.endedAt, type: 'ended', data: endData(after) });
    else if (before.disposition !== after.disposition) {
      timeline.push({ at: event.at, type: 'corrected', data: endData(after) });
    }
  } else if (before.status === 'ended') timeline.push({ at: event.at, type: 'foundAgain' });

  const changed =
    timeline.length > 0 || before.status !== after.status || before.cause !== after.cause || tones.length > 0;
  const next: Call = {
    ...planned.call,
    revision: changed ? call.revision + 1 : call.revision,
  };
  return {
    call: next,
    effects: planned.effects,
    timeline,
    changed,
    ended: before.status !== 'ended' && after.status === 'ended',
    wakeAt: deadlineOf(next),
    tones,
    acts: newActs(call.facts, merged.facts),
  };
}

/** Applies several events to a call, one after the other. `now` is as in `apply`. */
export function applyAll(call: Call, events: readonly CallEvent[], now: string): Transition {
  const steps: Transition[] = [];
  let last = call;
  for (const event of events) {
    const step = apply(last, event, now);
    steps.push(step);
    last = step.call;
  }
  return {
    call: last,
    effects: steps.flatMap(({ effects }) => effects),
    timeline: steps.flatMap(({ timeline }) => timeline),
    changed: steps.some(({ changed }) => changed),
    ended: steps.some(({ ended }) => ended),
    wakeAt: deadlineOf(last),
    tones: steps.flatMap(({ tones }) => tones),
    acts: steps.flatMap(({ acts }) => acts),
  };
}

function endData({ disposition, cause, code, subCode }: EndedView): CallEntry<'ended'>['data'] {
  return { disposition, cause, code, subCode };
}

function newTones(before: Facts, after: Facts): string[] {
  const known = new Set((before.tones ?? []).map((tone) => tone.sequenceId));
  return (after.tones ?? []).filter((tone) => !known.has(tone.sequenceId)).map((tone) => tone.tone);
}
