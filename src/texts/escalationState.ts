import type { Call } from '../calls/call.ts';
import { view } from '../calls/lifecycle/lifecycle.ts';
import type { Actor, Escalation, EscalationStatus } from '../escalations/escalation.ts';
import type { Texts } from './texts.ts';
import type { StatusWords } from './callState.ts';

/** What is going on in an open escalation. */
type Stage = 'findingOut' | 'calling' | 'talking' | 'pausing' | 'waiting' | 'paused';

/** The state of an escalation as people see it: more detailed than its status while it is open. */
export type EscalationState = Stage | Exclude<EscalationStatus, 'open'>;

export interface StateShown {
  state: EscalationState;
  /** The people who are being called or are on the phone. */
  names: string[];
  /** Since when, ISO 8601. */
  since: string;
}

export function stateOf({ ladder, createdAt }: Escalation, calls: readonly Call[]): StateShown {
  const { status, acknowledgedBy, endedAt } = ladder;
  const without = (state: EscalationState, since: string | null): StateShown => ({
    state,
    names: [],
    since: since ?? createdAt,
  });
  if (status === 'acknowledged') return without('acknowledged', acknowledgedBy?.at ?? null);
  if (status !== 'open') return without(status, endedAt);
  const running = calls.filter((call) => view(call).status !== 'ended');
  const talking = running.filter((call) => view(call).status === 'connected');
  const named = (state: Stage, some: readonly Call[]): StateShown => ({
    state,
    names: [...new Set(some.map(({ target }) => target.displayName))],
    since: createdAt,
  });
  if (talking.length > 0) return named('talking', talking);
  // Calls that are being hung up were passed on. While calls are paused, unsent calls wait.
  const wanted = running.filter(({ facts }) => !facts.hangUp && (facts.dialSentAt ?? !ladder.halted));
  if (wanted.length > 0) return named('calling', wanted);
  if (ladder.halted) return without('paused', null);
  if (ladder.phase.kind === 'resolving') return without('findingOut', null);
  return without(ladder.phase.kind === 'pausing' ? 'pausing' : 'waiting', null);
}

const colors: Readonly<Record<EscalationState, StatusWords['color']>> = {
  findingOut: 'attention',
  calling: 'attention',
  talking: 'warning',
  pausing: 'attention',
  waiting: 'attention',
  paused: 'warning',
  acknowledged: 'good',
  resolved: 'good',
  exhausted: 'attention',
  cancelled: 'default',
};

export function stateWords(state: EscalationState, texts: Texts): StatusWords {
  return { text: texts.cards.escalation.state[state], color: colors[state] };
}

/** The state in a few words, with the person it depends on: for lists and notifications. */
export function inShort(escalation: Escalation, calls: readonly Call[], texts: Texts): string {
  const { state, names } = stateOf(escalation, calls);
  const { inShort: words, state: states } = texts.cards.escalation;
  const by: Actor | null =
    state === 'acknowledged' ? escalation.ladder.acknowledgedBy : escalation.ladder.endedBy;
  if (names.length > 0) return words.people({ people: texts.format.allOf(names), state: states[state] });
  return by && state !== 'exhausted' ? words.by({ state: states[state], by: by.name }) : states[state];
}
