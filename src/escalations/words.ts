import type { Escalation, Severity } from './escalation.ts';

/** What people read and hear of an escalation, or of an alert that it stands for. */
export type Words = Pick<Escalation, 'summary' | 'details' | 'severity' | 'links'>;

export function wordsOf({ summary, details, severity, links }: Words): Words {
  return { summary, details, severity, links };
}

export function sameWords(one: Words, other: Words): boolean {
  return flat(one) === flat(other);
}

/** The order of an object's keys, which the database changes, means nothing. */
function flat({ summary, details, severity, links }: Words): string {
  return JSON.stringify([summary, details, severity, links.map(({ text, href }) => [text, href])]);
}

const RANKS: Readonly<Record<Severity, number>> = { critical: 3, error: 2, warning: 1, info: 0 };

/** The more severe, the higher. */
export function rankOf(severity: Severity): number {
  return RANKS[severity];
}

export function isWorse(severity: Severity, than: Severity): boolean {
  return rankOf(severity) > rankOf(than);
}
