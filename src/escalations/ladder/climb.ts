import type { Escalation, Ladder } from '../escalation.ts';
import { actOf, type EscalationEntry } from '../timeline.ts';
import { isWorse, sameWords, type Words } from '../words.ts';
import { advance } from './advance.ts';
import { acknowledged, close, isClosed, RINGDOWN, whileUnresolved } from './endings.ts';
import type { Climb, LadderEffect, LadderEvent, Out, Pausing, Refusal } from './events.ts';
import { later } from './later.ts';
import { callEnded, callPlaced, passedOn, rungsOf, stepResolved, withoutFreed } from './rungs.ts';
import { beginStep, restart } from './steps.ts';
import { wrongPin } from './wrongPins.ts';

/**
 * The ladder, pure: (escalation, event) -> {escalation, effects, timeline}. It decides who is called, when and how
 * often, and when the escalation ends. It places no calls itself: it asks for them, and hears how they ended.
 */

/** A ladder that calls nobody for longer than this is at rest. */
const REST_MS = 60_000;

/** Applies an event to an escalation. While all calls are paused, its ladder stands still. */
export function climb(escalation: Escalation, event: LadderEvent, pausing: Pausing): Climb {
  const timeline: EscalationEntry[] = [];
  const effects: LadderEffect[] = [];
  const note: Out['note'] = (entry) => void timeline.push({ at: event.at, ...entry });
  const out: Out = { at: event.at, note, effects };
  const moved = move(escalation, event, out);
  if (typeof moved === 'string') return { escalation, effects: [], timeline: [], refused: moved };
  const worded = 'words' in event ? { ...escalation, ...event.words } : escalation;
  const ladder = advance(worded, withoutFreed(meetPause(pausing, moved, out), event.at), out);
  const isChanged = timeline.length > 0 || effects.length > 0 || !sameWords(worded, escalation);
  const next = { ...worded, ladder, revision: escalation.revision + (isChanged ? 1 : 0) };
  return { escalation: next, effects, timeline, refused: null };
}

function move(escalation: Escalation, event: LadderEvent, out: Out): Ladder | Refusal {
  const { ladder } = escalation;
  switch (event.type) {
    case 'started':
      out.note({ type: 'opened', data: { by: escalation.startedBy.name, summary: escalation.summary } });
      return beginStep(ladder, 0, 0, out);
    case 'stepResolved':
      return stepResolved(ladder, event, out);
    case 'callPlaced':
      return callPlaced(ladder, event);
    case 'callEnded':
      return callEnded(escalation, event, out);
    case 'acknowledged':
      return acknowledged(ladder, event, out);
    case 'resolved':
      if (isClosed(ladder)) return 'wrong_state';
      out.note({ type: 'resolved', data: actOf(event.by, event.note) });
      return close(ladder, 'resolved', event.by, out);
    case 'cancelled':
      if (ladder.status !== 'open' && ladder.status !== 'acknowledged') return 'wrong_state';
      out.note({ type: 'cancelled', data: actOf(event.by, event.note) });
      return close(ladder, 'cancelled', event.by, out);
    case 'passedOn':
      return passedOn(ladder, event, out);
    case 'wrongPin':
      return wrongPin(ladder, event, out);
    case 'joined': {
      if (isClosed(ladder)) return 'wrong_state';
      out.note({ type: 'joined' });
      const worsens = becomesWorse(escalation, event.words, out);
      const restarts = event.again || ladder.status === 'exhausted' || (worsens && rests(ladder, out.at));
      return restarts ? restart(ladder, out) : ladder;
    }
    case 'reworded': {
      if (event.entry) out.note(event.entry);
      const worsens = becomesWorse(escalation, event.words, out);
      return worsens && ladder.status === 'open' && rests(ladder, out.at) ? restart(ladder, out) : ladder;
    }
    case 'bundled': {
      const seconds = Math.ceil((Date.parse(event.until) - Date.parse(event.at)) / 1000);
      out.note({ type: 'bundling', data: { seconds } });
      return { ...ladder, bundledUntil: event.until };
    }
    case 'noted':
      out.note(event.entry);
      return ladder;
    case 'wake':
      return ladder.status === 'acknowledged' ? whileUnresolved(escalation, out) : ladder;
  }
}

/** `halted` is not a copy of the pause: it remembers that the timeline says so. */
function meetPause({ paused, by }: Pausing, ladder: Ladder, out: Out): Ladder {
  const isOpen = ladder.status === 'open';
  const halted = paused && isOpen;
  if (halted === ladder.halted) return ladder;
  if (isOpen) out.note({ type: halted ? 'halted' : 'resumed', data: { by: by ?? RINGDOWN.name } });
  return { ...ladder, halted };
}

function becomesWorse({ severity: from }: Escalation, words: Words | undefined, out: Out): boolean {
  if (!words || !isWorse(words.severity, from)) return false;
  out.note({ type: 'worse', data: { from, to: words.severity } });
  return true;
}

/** Whether nobody is being called, and nobody will be within a minute. */
export function rests(ladder: Ladder, now: string): boolean {
  if (ladder.status !== 'open') return true;
  if (ladder.halted || ladder.phase.kind === 'resolving') return false;
  if (rungsOf(ladder).some(({ state }) => state === 'calling')) return false;
  // Without a time it waits for a call to end.
  return ladder.wakeAt !== null && ladder.wakeAt > later(now, REST_MS);
}
