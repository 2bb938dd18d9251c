import { asksFirst, type Presence } from '../directory/presence.ts';
import type { Escalation, Skipped, StepPeople } from './escalation.ts';

/**
 * Whether it matters what Teams shows of the people of this escalation: its policy heeds it, and it is not critical.
 */
export function heedsPresence({
  severity,
  stepOver = [],
}: Pick<Escalation, 'severity' | 'stepOver'>): boolean {
  return severity !== 'critical' && stepOver.some((reason) => reason !== 'optedOut');
}

/**
 * Steps over those who are in a call, presenting, out of office or do not want to be disturbed, as far as the policy
 * says so. Critical alerts disturb everybody. What cannot be read steps over nobody.
 *
 * @param presences by object id, in small letters; null if presence cannot be read
 */
export function heedPresence(
  escalation: Pick<Escalation, 'severity' | 'stepOver'>,
  found: StepPeople,
  presences: ReadonlyMap<string, Presence> | null,
): StepPeople {
  if (!heedsPresence(escalation)) return found;
  const { stepOver = [] } = escalation;
  const people: StepPeople['people'] = [];
  const skipped: Skipped[] = [...found.skipped];
  for (const one of found.people) {
    const { kind, id, displayName } = one.target;
    const reason = kind === 'teamsUser' ? asksFirst(presences?.get(id.toLowerCase())) : null;
    if (reason && stepOver.includes(reason)) skipped.push({ name: displayName, reason });
    else people.push(one);
  }
  return { ...found, people, skipped };
}
