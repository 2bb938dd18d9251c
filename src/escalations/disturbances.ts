import { personIdOf } from '../calls/callee.ts';
import { asksFirst, type Presence } from '../directory/presence.ts';
import type { Escalation, Skipped, StepPeople } from './escalation.ts';

/** Whether the presence of people in Teams matters: the policy respects it, and the escalation is not critical. */
export function usesPresence({
  severity,
  stepOver = [],
}: Pick<Escalation, 'severity' | 'stepOver'>): boolean {
  return severity !== 'critical' && stepOver.some((reason) => reason !== 'optedOut');
}

/**
 * Skips people who are in a call, presenting, out of office or do not want to be disturbed, if the policy says so.
 * Critical escalations skip nobody, and an unknown presence is no reason to skip.
 *
 * @param presences by object id, in lower case; null if presence cannot be read
 */
export function applyPresence(
  escalation: Pick<Escalation, 'severity' | 'stepOver'>,
  found: StepPeople,
  presences: ReadonlyMap<string, Presence> | null,
): StepPeople {
  if (!usesPresence(escalation)) return found;
  const { stepOver = [] } = escalation;
  const people: StepPeople['people'] = [];
  const skipped: Skipped[] = [...found.skipped];
  for (const one of found.people) {
    const reason = asksFirst(presences?.get(personIdOf(one.target)?.toLowerCase() ?? ''));
    if (reason && stepOver.includes(reason)) skipped.push({ name: one.target.displayName, reason });
    else people.push(one);
  }
  return { ...found, people, skipped };
}
