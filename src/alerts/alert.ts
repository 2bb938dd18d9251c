import { createHash } from 'node:crypto';
import { storable } from '../database/storable.ts';
import type { Words } from '../escalations/words.ts';

/** The part of a stored alert that decisions need. */
export interface NewAlert extends Words {
  source: string;
  dedupKey: string;
  group: string | null;
  /** ISO 8601; null if the sender does not say. */
  startedAt: string | null;
}

export interface FiringAlert extends NewAlert {
  id: number;
  policy: string;
  escalationId: string;
}

/** An alert that its sender resolved a while ago. */
export interface ResolvedAlert {
  id: number;
  source: string;
  policy: string;
  dedupKey: string;
  escalationId: string;
  /** When the resolved episode began. ISO 8601 */
  startedAt: string;
  /** Whether the sender has repeated it since. */
  cameAgain: boolean;
}

/** Longer keys do not fit into an index. Characters. */
const MAX_KEY_LENGTH = 300;

/** The form in which the database keeps a sender's key. */
export function storedKey(key: string): string {
  const text = storable(key);
  return text.length <= MAX_KEY_LENGTH ? text : `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/** The form in which the database keeps a sender's words. */
export function storedWords({ summary, details, severity, links }: Words): Words {
  return {
    summary: storable(summary),
    details: details === null ? null : storable(details),
    severity,
    links: links.map(({ text, href }) => ({ text: storable(text), href: storable(href) })),
  };
}
