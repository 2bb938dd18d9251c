import type { Link, Severity } from '../escalations/escalation.ts';
import { lookUp } from '../config/lookUp.ts';

/** What a sender's payload says, in our words. */
export type Signal =
  | {
      action: 'open';
      dedupKey: string;
      summary: string;
      details: string | null;
      severity: Severity;
      links: Link[];
      /** The sender's group that it belongs to, if it has groups. */
      group: string | null;
      /** When it began, if the sender says so. ISO 8601 */
      startedAt?: string | null;
    }
  | { action: 'acknowledge'; dedupKey: string }
  /** Of which episode, if the sender says so: when that began, and ended. ISO 8601 */
  | { action: 'resolve'; dedupKey: string; startedAt?: string | null; endedAt?: string | null }
  /** Somebody pressed the sender's Test button: nothing is wrong, and nothing will resolve it. */
  | { action: 'test'; summary: string; details: string | null; links: Link[] }
  /** All of a group: its sender did not list them all. */
  | { action: 'resolveGroup'; group: string };

/** `problem` says in one sentence what the sender has to mend; it repeats nothing of the payload. */
export type Reading = { signals: Signal[] } | { problem: string };

export const SUMMARY_LIMIT = 500;
const DETAILS_LIMIT = 8_000;
const MAX_LINKS = 10;

const severities: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  crit: 'critical',
  fatal: 'critical',
  emergency: 'critical',
  disaster: 'critical',
  page: 'critical',
  p1: 'critical',
  error: 'error',
  err: 'error',
  high: 'error',
  major: 'error',
  p2: 'error',
  warning: 'warning',
  warn: 'warning',
  medium: 'warning',
  average: 'warning',
  minor: 'warning',
  p3: 'warning',
  info: 'info',
  information: 'info',
  informational: 'info',
  low: 'info',
  notice: 'info',
  none: 'info',
  p4: 'info',
  p5: 'info',
};

/** What teams call it, in our four words. What is missing or unknown is taken seriously: `critical`. */
export function severityOf(word: string | null | undefined): Severity {
  return lookUp(severities, word?.trim().toLowerCase()) ?? 'critical';
}

/** ISO 8601, UTC; null for what is no time, and for Go's zero time, which senders write for "not yet". */
export function timeOf(text: string | null | undefined): string | null {
  const time = text ? Date.parse(text) : Number.NaN;
  return time > 0 ? new Date(time).toISOString() : null;
}

/** Those of the addresses that a person can open, each once. */
export function linksOf(candidates: readonly { text: string; href: string | null | undefined }[]): Link[] {
  const links = new Map<string, Link>();
  for (const { text, href } of candidates) {
    const url = href ? URL.parse(href) : null;
    if (!url || !/^https?:$/.test(url.protocol) || url.href.length > 2_000) continue;
    if (!links.has(url.href)) links.set(url.href, { text: text.slice(0, 100), href: url.href });
  }
  return [...links.values()].slice(0, MAX_LINKS);
}

/** Whether this address is one of the links. */
export function isLinked(address: string, links: readonly Link[]): boolean {
  const href = URL.parse(address)?.href;
  return links.some((link) => link.href === href);
}

/** The first that says something, on one line. */
export function summaryOf(...candidates: readonly (string | null | undefined)[]): string {
  for (const candidate of candidates) {
    const line = withoutMishaps(candidate ?? '');
    if (line) return cut(line, SUMMARY_LIMIT);
  }
  return '';
}

/**
 * What templates leave behind when they go wrong: a label that is not there, an error in place of the text, an
 * expression that nobody has filled in, a verb of Go's fmt without its value.
 */
const MISHAPS =
  /<no value>|\[no value\]|<nil>|<error expanding template:.*|\{\{.*?\}\}|\$\{[^}]*\}|%!\w?\([A-Z]+[^)]*\)/g;

/** A sender's text on one line, without what went wrong in its template; empty if nothing else was in it. */
export function withoutMishaps(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const kept = line.replace(MISHAPS, '');
  if (kept === line) return line;
  // What stood around it says nothing alone: empty brackets, a blank before a comma.
  const tidy = kept
    .replace(/\(\s*\)|\[\s*\]|(["'])\s*\1/g, '')
    .replace(/\s+([,.;:!?)])/g, '$1')
    .replace(/\s+/g, ' ')
    .trim();
  return /[\p{L}\p{N}]/u.test(tidy) ? tidy : '';
}

/** Those that are text and say something. */
export function textsOf(
  values: Readonly<Record<string, unknown>> | null | undefined,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values ?? {}).flatMap(([name, value]): [string, string][] =>
      typeof value === 'string' && value.trim() !== '' ? [[name, value]] : [],
    ),
  );
}

/** Paragraphs, without those that say nothing; null if none does. */
export function detailsOf(...paragraphs: readonly (string | null | undefined)[]): string | null {
  const kept = paragraphs.map((paragraph) => paragraph?.trim() ?? '').filter((paragraph) => paragraph !== '');
  return kept.length > 0 ? cut(kept.join('\n'), DETAILS_LIMIT) : null;
}

function cut(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1).toWellFormed()}…`;
}
