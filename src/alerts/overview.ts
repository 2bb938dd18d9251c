import type { Escalation } from '../escalations/escalation.ts';
import { rankOf, wordsOf, type Words } from '../escalations/words.ts';
import { textsFor } from '../texts/texts.ts';

/** The alerts of an escalation at a glance. */
export interface Overview {
  firing: number;
  resolved: number;
  /** At most `MAX_LISTED` firing alerts: the most severe first, then the oldest. */
  listed: Words[];
}

/** A card names at most this many alerts. */
export const MAX_LISTED = 25;

export const NO_ALERTS: Overview = { firing: 0, resolved: 0, listed: [] };

/** Adds alerts that fire and are newer than the others. */
export function withNewer({ firing, resolved, listed }: Overview, newer: readonly Words[]): Overview {
  const all = [...listed, ...newer.map(wordsOf)];
  return {
    firing: firing + newer.length,
    resolved,
    listed: all.toSorted((one, other) => rankOf(other.severity) - rankOf(one.severity)).slice(0, MAX_LISTED),
  };
}

/** What people read and hear about the alerts of an escalation. If none fires, its words stay as they are. */
export function wordsFor(
  escalation: Words & Pick<Escalation, 'language'>,
  { firing, resolved, listed }: Overview,
): Words {
  const [first] = listed;
  if (!first) return wordsOf(escalation);
  if (firing + resolved === 1) return first;
  const texts = textsFor(escalation.language);
  const words = texts.alerts;
  const alerts = { firing, first: first.summary };
  const lines = listed.map(({ summary, severity }) => {
    const shown = texts.cards.escalation.severityInside[severity];
    return `- ${words.listed({ summary, severity: shown })}`;
  });
  const more = firing - listed.length;
  if (more > 0) lines.push(words.more({ count: more }));
  return {
    severity: first.severity,
    links: first.links,
    summary: resolved > 0 ? words.severalSomeResolved({ ...alerts, resolved }) : words.several(alerts),
    details: lines.join('\n'),
  };
}
