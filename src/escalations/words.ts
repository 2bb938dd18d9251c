import type { Escalation, Severity } from './escalation.ts';

/** What people read and hear about an escalation or an alert. */
export type Words = Pick<Escalation, 'summary' | 'details' | 'severity' | 'links'>;

export function wordsOf({ summary, details, severity, links }: Words): Words {
  return { summary, details, severity, links };
}

export function sameWords(one: Words, other: Words): boolean {
  return flat(one) === flat(other);
}

/** Independent of the order of an object's keys, which the database changes. */
function flat({ summary, details, severity, links }: Words): string {
  return JSON.stringify([summary, details, severity, links.map(({ text, href }) => [text, href])]);
}

const RANKS: Readonly<Record<Severity, number>> = { critical: 3, error: 2, warning: 1, info: 0 };

/** Higher is more severe. */
export function rankOf(severity: Severity): number {
  return RANKS[severity];
}

export function isWorse(severity: Severity, than: Severity): boolean {
  return rankOf(severity) > rankOf(than);
}
