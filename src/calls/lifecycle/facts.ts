import type { Call, Facts, HangUpBy, Play, PlayStep, Speech, Step } from '../call.ts';

/** Small parts of what is known about a call. Pure. Times are ISO 8601, UTC. */

export function withFacts(call: Call, change: Facts): Call {
  return { ...call, facts: { ...call.facts, ...change } };
}

export function earliest(a: string | undefined, b: string): string {
  return a && a < b ? a : b;
}

export function newest(a: string | undefined, b: string): string {
  return a && a > b ? a : b;
}

export function after(time: string, ms: number): string {
  return new Date(Date.parse(time) + ms).toISOString();
}

/** What is known about something that is said; undefined if it was never requested. */
export function playOf({ plays }: Facts, { context, nth }: Speech): Play | undefined {
  return plays?.find((play) => play.context === context && play.nth === nth);
}

/** Changes what is known about something that is said. */
export function withPlay(
  facts: Facts,
  speech: Speech,
  change: (step: PlayStep) => PlayStep,
): Pick<Facts, 'plays'> {
  const { plays = [] } = facts;
  const known = playOf(facts, speech);
  const changed = { ...speech, ...change(known ?? {}) };
  return { plays: known ? plays.map((play) => (play === known ? changed : play)) : [...plays, changed] };
}

/** Whether it failed, and no success was reported as well. */
export function isLost(step: Step | undefined): step is Step & Required<Pick<Step, 'failed'>> {
  return step?.failed !== undefined && !step.completedAt;
}

export function isOver(step: Step): boolean {
  return Boolean(step.completedAt ?? step.failed);
}

export function hangUpFact(requestedAt: string, by: HangUpBy, byName?: string): NonNullable<Facts['hangUp']> {
  return byName ? { requestedAt, by, byName } : { requestedAt, by };
}

/** Whether the service has given any sign that the call exists. */
export function isKnownToExist(call: Call): boolean {
  return Boolean(call.facts.dialAcceptedAt ?? call.facts.connectedAt ?? call.callConnectionId);
}

/** Whether the ring timeout has passed, and the service was asked whether somebody answered. */
export function isRingingOut({ facts }: Call): boolean {
  return Boolean(facts.ringOver) && !facts.connectedAt && !facts.hangUp;
}

/** Whether an escalation ends a call that is not its own, because it needs the phone. */
export function madeWay(call: Call, by: HangUpBy): boolean {
  return by === 'escalation' && call.purpose.kind !== 'escalate';
}
