import type { Call, Disposition, EndedView, RunningView } from '../calls/call.ts';
import { view } from '../calls/lifecycle/lifecycle.ts';
import type { Texts } from './texts.ts';

/** A state for people. */
export interface StatusWords {
  text: string;
  color: 'good' | 'warning' | 'attention' | 'default';
}

export type RunningState =
  'queued' | 'waiting' | 'invited' | 'dialing' | 'connected' | 'speaking' | 'transferring' | 'hangingUp';

export type ShownState =
  | { running: RunningState; since: string; view: RunningView }
  | { running: null; since: string; view: EndedView };

/** The state of a call as people see it: more detailed than its status while it runs, and its end afterwards. */
export function shownState(call: Call): ShownState {
  const seen = view(call);
  const { facts, createdAt } = call;
  if (seen.status === 'ended') return { running: null, since: seen.endedAt, view: seen };
  const running = (state: RunningState, since: string | undefined): ShownState => ({
    running: state,
    since: since ?? createdAt,
    view: seen,
  });
  if (facts.hangUp) return running('hangingUp', facts.hangUp.requestedAt);
  if (seen.status === 'queued') {
    if (call.purpose.kind === 'talk') return running('invited', facts.talk?.linkedAt);
    const { deferred } = facts;
    // The rate limit delays a call by seconds only, so people need not read about it.
    return deferred && deferred.reason !== 'rateLimit'
      ? running('waiting', deferred.since)
      : running('queued', createdAt);
  }
  if (seen.status === 'dialing') return running('dialing', facts.dialSentAt ?? facts.dialAcceptedAt);
  if (call.purpose.kind === 'connect') {
    return facts.transfer?.failed
      ? running('connected', facts.connectedAt)
      : running('transferring', facts.connectedAt);
  }
  const speaking = (facts.plays ?? []).some((step) => step.requestedAt && !step.completedAt && !step.failed);
  return running(speaking ? 'speaking' : 'connected', facts.connectedAt);
}

const runningColors: Record<RunningState, StatusWords['color']> = {
  queued: 'default',
  waiting: 'warning',
  invited: 'warning',
  dialing: 'default',
  connected: 'good',
  speaking: 'good',
  transferring: 'good',
  hangingUp: 'default',
};
const endedColors: Record<Disposition, StatusWords['color']> = {
  answered: 'good',
  acknowledged: 'good',
  connected_to_caller: 'good',
  declined: 'warning',
  no_answer: 'warning',
  busy: 'warning',
  unreachable: 'warning',
  not_allowed: 'attention',
  cancelled: 'default',
  failed: 'attention',
};

/** The state in a word or two. */
export function callStateWords({ running, view: seen }: ShownState, { cards }: Texts): StatusWords {
  const { status } = cards;
  return running
    ? { text: status.running[running], color: runningColors[running] }
    : { text: status.ended[seen.disposition], color: endedColors[seen.disposition] };
}
