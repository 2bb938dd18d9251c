import type { Link, Severity } from '../escalations/escalation.ts';
import { lookUp } from '../config/lookUp.ts';

/** What a sender reports about one alert or group, in Ringdown's terms. */
export type Signal =
  | {
      action: 'open';
      dedupKey: string;
      summary: string;
      details: string | null;
      severity: Severity;
      links: Link[];
      /** The sender's own group, if it groups alerts. */
      group: string | null;
      /** When the alert began, if the sender says so. ISO 8601 */
      startedAt?: string | null;
    }
  | { action: 'acknowledge'; dedupKey: string }
  /** When the resolved episode began and ended, if the sender says so. ISO 8601 */
  | { action: 'resolve'; dedupKey: string; startedAt?: string | null; endedAt?: string | null }
  /** Somebody pressed the sender's Test button: nothing is wrong, and nothing will resolve it. */
  | { action: 'test'; summary: string; details: string | null; links: Link[] }
  /** Resolves all alerts of a group, because the sender did not list each of them. */
  | { action: 'resolveGroup'; group: string };

/** `problem` tells the sender in one sentence what to fix. It repeats nothing from the payload. */
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

/** Maps the usual names of severities to Ringdown's four. A missing or unknown one counts as `critical`. */
export function severityOf(word: string | null | undefined): Severity {
  return lookUp(severities, word?.trim().toLowerCase()) ?? 'critical';
}

/** ISO 8601, UTC; null if the text is no time, or is Go's zero time, which means "not yet". */
export function timeOf(text: string | null | undefined): string | null {
  const time = text ? Date.parse(text) : Number.NaN;
  return time > 0 ? new Date(time).toISOString() : null;
}

/** The addresses that a person can open, without duplicates. */
export function linksOf(candidates: readonly { text: string; href: string | null | undefined }[]): Link[] {
  const links = new Map<string, Link>();
  for (const { text, href } of candidates) {
    const url = href ? URL.parse(href) : null;
    if (!url || !/^https?:$/.test(url.protocol) || url.href.length > 2_000) continue;
    if (!links.has(url.href)) links.set(url.href, { text: text.slice(0, 100), href: url.href });
  }
  return [...links.values()].slice(0, MAX_LINKS);
}

export function isLinked(address: string, links: readonly Link[]): boolean {
  const href = URL.parse(address)?.href;
  return links.some((link) => link.href === href);
}

/** The first candidate that says something, on one line; empty if none does. */
export function summaryOf(...candidates: readonly (string | null | undefined)[]): string {
  for (const candidate of candidates) {
    const line = withoutTemplateRemains(candidate ?? '');
    if (line) return cut(line, SUMMARY_LIMIT);
  }
  return '';
}

/**
 * What a failed template leaves behind: a missing label, an error instead of the text, an unexpanded expression, a verb
 * of Go's fmt without its value.
 */
const TEMPLATE_REMAINS =
  /<no value>|\[no value\]|<nil>|<error expanding template:.*|\{\{.*?\}\}|\$\{[^}]*\}|%!\w?\([A-Z]+[^)]*\)/g;

/** A sender's text on one line, without the remains of a failed template; empty if nothing else is left. */
export function withoutTemplateRemains(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const kept = line.replace(TEMPLATE_REMAINS, '');
  if (kept === line) return line;
  // Remove what surrounded it: empty brackets, a space before a comma.
  const tidy = kept
    .replace(/\(\s*\)|\[\s*\]|(["'])\s*\1/g, '')
    .replace(/\s+([,.;:!?)])/g, '$1')
    .replace(/\s+/g, ' ')
    .trim();
  return /[\p{L}\p{N}]/u.test(tidy) ? tidy : '';
}

/** The values that are non-blank text. */
export function textsOf(
  values: Readonly<Record<string, unknown>> | null | undefined,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values ?? {}).flatMap(([name, value]): [string, string][] =>
      typeof value === 'string' && value.trim() !== '' ? [[name, value]] : [],
    ),
  );
}

/** Joins paragraphs and drops blank ones; null if none is left. */
export function detailsOf(...paragraphs: readonly (string | null | undefined)[]): string | null {
  const kept = paragraphs.map((paragraph) => paragraph?.trim() ?? '').filter((paragraph) => paragraph !== '');
  return kept.length > 0 ? cut(kept.join('\n'), DETAILS_LIMIT) : null;
}

function cut(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1).toWellFormed()}…`;
}
