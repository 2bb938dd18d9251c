import { z } from 'zod';
import { guidPattern } from './guids.ts';
import { isLoopbackHost } from './loopback.ts';

/*
 * Rules that the environment and ringdown.yaml share. Each message says in one sentence what a value must be, and
 * never repeats the value, which may be a secret.
 */

/** For a schema's `error`: distinguishes a missing value from a wrong one. */
export const missingOr = (problem: string) => (issue: { input?: unknown }) => {
  if (issue.input === undefined) return 'is missing';
  return issue.input === null ? `has no value; ${problem}` : problem;
};

/** Text that matches a pattern. YAML numbers and booleans are not text. */
export const text = (problem: string, pattern = /\S/) =>
  z.string({ error: missingOr(problem) }).regex(pattern, { error: problem });

/** A whole number within inclusive bounds. */
export const wholeNumber = (minimum: number, maximum: number) => {
  const error = missingOr(`must be a whole number from ${minimum} to ${maximum}`);
  return z.int({ error }).min(minimum, { error }).max(maximum, { error });
};

/** A GUID, converted to lower case. */
export const guid = () => text('must be a GUID', guidPattern).toLowerCase();

/** The SHA-256 of a key in hex, converted to lower case. */
export const sha256Hex = () =>
  text(
    'must be the SHA-256 of the key: 64 hex digits, not the key itself; `npm run key` makes both',
    /^[0-9a-f]{64}$/i,
  ).toLowerCase();

/** An address that secrets may be sent to: https, or http to loopback. Output: unchanged. */
export const safeUrl = () =>
  z.string({ error: missingOr('must be an https address') }).superRefine((value, context) => {
    const message = urlProblem(parseUrl(value));
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });

/**
 * Where a calendar is: an https address, or a file. Output: with `https:` for `webcal:`, which other systems write
 * because it makes calendar programs open.
 */
export const calendarPlace = () =>
  text('must be an https address or a file').transform((value, context) => {
    const place = value.trim();
    if (!isAddress(place)) return place;
    const url = place.replace(/^webcals?:/i, 'https:');
    const message = urlProblem(parseUrl(url));
    if (message !== undefined) context.addIssue({ code: 'custom', message });
    return url;
  });

/** Whether a place is an address and not a file. */
export function isAddress(place: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(place);
}

/** Like `safeUrl`, but only scheme, host and port. Output: without a trailing slash. */
export const safeOrigin = () =>
  z.string({ error: missingOr('must be an https address') }).transform((value, context) => {
    const url = parseUrl(value);
    const message = originProblem(url);
    if (url === undefined || message !== undefined) {
      context.addIssue({ code: 'custom', message: message ?? '' });
      return z.NEVER;
    }
    return url.origin;
  });

export function parseUrl(value: string): URL | undefined {
  return URL.parse(value) ?? undefined;
}

/** Why a secret must not be sent to an address; undefined if it may. */
function urlProblem(url: URL | undefined): string | undefined {
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return 'must be an https address';
  }
  if (url.username !== '' || url.password !== '') return 'must not contain a user name or password';
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
    return 'must be https; plain http is accepted on loopback (127.0.0.1, ::1, localhost) only';
  }
  return undefined;
}

export function originProblem(url: URL | undefined): string | undefined {
  const problem = urlProblem(url);
  if (problem !== undefined || url === undefined) return problem;
  return url.href === `${url.origin}/` ? undefined : 'must have nothing after the host: no path, no query';
}
