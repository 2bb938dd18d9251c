import type { Call, TimelineEntry } from '../calls/call.ts';
import { view } from '../calls/lifecycle/lifecycle.ts';
import { targetKey } from '../calls/callStore.ts';
import type { EscalationNoteType } from '../escalations/timeline.ts';
import type { Rung } from '../escalations/escalation.ts';
import { rungsOf } from '../escalations/ladder/rungs.ts';
import { callResult, nameOnPhone } from '../texts/escalationCalls.ts';
import { whyNot } from '../texts/escalationTimeline.ts';
import type { Texts } from '../texts/texts.ts';
import type { EscalationFacts } from './escalationFacts.ts';
import type { RungRow, StepRow } from './model.ts';

/** Entries with which the steps begin from the first. */
const begins: ReadonlySet<string> = new Set([
  'opened',
  'startedAgain',
  'acknowledgeTimeout',
  'repeating',
] satisfies EscalationNoteType[]);

/**
 * The ladder of this round: who was called in the steps that are over, who is called now, and whom later steps name.
 *
 * @param targets of each step in words
 */
export function stepRows(
  { escalation, calls, timeline }: EscalationFacts,
  targets: readonly (readonly string[])[],
  texts: Texts,
): StepRow[] {
  const { ladder, steps } = escalation;
  const since = timeline.findLast(({ type }) => begins.has(type))?.at ?? escalation.createdAt;
  const ofRound = calls.filter(({ createdAt }) => createdAt >= since);
  const skipped = skippedBySteps(
    timeline.filter(({ at }) => at >= since),
    ladder.step,
  );
  const rungs = rungsOf(ladder);
  return steps.map((_, index): StepRow => {
    const own = ofRound.filter(({ purpose }) => purpose.kind === 'escalate' && purpose.step === index);
    const isNow = index === ladder.step;
    const people =
      index > ladder.step
        ? []
        : [
            ...(isNow
              ? rungs.map((rung) => rungRow(rung, own, timeline, texts))
              : calledRows(own, timeline, texts)),
            ...(skipped.get(index) ?? []).map(({ name, reason }): RungRow => ({
              name,
              state: 'skipped',
              text: whyNot(reason, texts),
              callId: null,
            })),
          ];
    return {
      number: index + 1,
      state: index > ladder.step ? 'later' : isNow && ladder.status === 'open' ? 'now' : 'done',
      targets: people.length > 0 ? [] : [...(targets[index] ?? [])],
      people,
    };
  });
}

function rungRow(
  { key, target, state, callId }: Rung & { callId?: string | null },
  calls: readonly Call[],
  timeline: readonly TimelineEntry[],
  texts: Texts,
): RungRow {
  const own = calls.filter((call) => targetKey(call.target) === key);
  const call = own.find(({ id }) => id === callId) ?? own.at(-1);
  const words = texts.console.ladder;
  const row = { name: nameOnPhone(target, texts), callId: call?.id ?? null };
  if (state === 'waiting') return { ...row, state: 'next', text: words.next };
  if (state === 'retry') return { ...row, state: 'next', text: words.again };
  if (!call) return { ...row, state: state === 'done' ? 'done' : 'calling', text: '' };
  const { text } = callResult(call, timeline, texts);
  return { ...row, state: state === 'done' ? 'done' : callingState(call), text };
}

function callingState(call: Call): RungRow['state'] {
  switch (view(call).status) {
    case 'queued':
      return 'calling';
    case 'dialing':
      return call.facts.dialAcceptedAt === undefined ? 'calling' : 'dialing';
    case 'connected':
      return 'talking';
    case 'ended':
      return 'done';
  }
}

/** The people of a step that is over, each with the result of their last call. */
function calledRows(calls: readonly Call[], timeline: readonly TimelineEntry[], texts: Texts): RungRow[] {
  const last = new Map(calls.map((call) => [targetKey(call.target), call]));
  return [...last.values()].map((call): RungRow => ({
    name: nameOnPhone(call.target, texts),
    state: view(call).status === 'ended' ? 'done' : callingState(call),
    text: callResult(call, timeline, texts).text,
    callId: call.id,
  }));
}

interface SkippedPerson {
  name: string;
  reason: string;
}

/** An entry about a skipped person has no step: it stands before the first entry that has one. */
function skippedBySteps(timeline: readonly TimelineEntry[], current: number): Map<number, SkippedPerson[]> {
  const found = new Map<number, SkippedPerson[]>();
  let pending: SkippedPerson[] = [];
  const settle = (step: number): void => {
    found.set(step, [...(found.get(step) ?? []), ...pending]);
    pending = [];
  };
  for (const { type, data } of timeline) {
    const step = data?.['step'];
    if (type === 'skipped') {
      pending.push({ name: String(data?.['name'] ?? ''), reason: String(data?.['reason'] ?? '') });
    } else if (typeof step === 'number') settle(step - 1);
  }
  settle(current);
  return found;
}
