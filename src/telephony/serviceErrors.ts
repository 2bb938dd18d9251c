import { isRestError, type RestError } from '@azure/core-rest-pipeline';
import type { ServiceResult } from '../calls/call.ts';
import { meaningOf } from '../calls/dispositions.ts';

/**
 * What a failed request means.
 *
 * - `refused`: not executed, and a retry will not help;
 * - `retry`: not executed, or safe to repeat under the same repeatability id; a retry may succeed;
 * - `accepted`: executed, but the answer could not be parsed (a 2xx that the SDK does not expect, or broken JSON).
 */
export type Failure =
  | { kind: 'refused'; result: HttpResult }
  | { kind: 'retry'; result: HttpResult; retryAfterMs: number | null }
  | { kind: 'accepted'; callConnectionId: string | null };

/** `code` is the HTTP status; 0 if no answer came. */
type HttpResult = ServiceResult & { code: number; subCode: number };

/** Statuses after which the same request may succeed: timeout, throttling, and faults of the service. */
const RETRIED = new Set([408, 429, 500, 502, 503, 504]);

/** Classifies what the SDK threw: a RestError, or a plain string if a 201 has no id (SDK 1.6). */
export function readFailure(error: unknown, now: number): Failure {
  if (typeof error === 'string') return { kind: 'accepted', callConnectionId: null };
  if (!isRestError(error)) {
    return { kind: 'retry', result: { code: 0, subCode: 0, message: 'no answer' }, retryAfterMs: null };
  }
  const status = error.statusCode ?? 0;
  if (status >= 200 && status < 300)
    return { kind: 'accepted', callConnectionId: connectionIdIn(error.details) };
  const result = { code: status, subCode: subCodeIn(error), message: error.message.slice(0, 300) };
  if (status === 0 || RETRIED.has(status)) {
    return { kind: 'retry', result, retryAfterMs: retryAfter(error.response?.headers, now) };
  }
  return { kind: 'refused', result };
}

/**
 * Whether a refusal only reports the state ("not found", "conflict") and does not judge the request itself. If the
 * request was sent before, the first attempt may have succeeded; if not, the call may just have ended.
 */
export function tellsOnlyState(result: ServiceResult): boolean {
  const { cause } = meaningOf(result, 'refused');
  return cause === 'notFound' || cause === 'conflict' || result.code === 410;
}

function connectionIdIn(details: unknown): string | null {
  if (typeof details !== 'object' || details === null || !('callConnectionId' in details)) return null;
  return typeof details.callConnectionId === 'string' ? details.callConnectionId : null;
}

/** The service puts its subcode into the error's `code`, as a number or a string. */
function subCodeIn(error: RestError): number {
  const details: unknown = error.details;
  const sub =
    typeof details === 'object' && details !== null && 'subCode' in details ? details.subCode : error.code;
  const number = Number(sub);
  return Number.isInteger(number) ? number : 0;
}

/** The longest pause, whatever the service asks for. */
const LONGEST_PAUSE_MS = 3_600_000;

/** Reads `Retry-After` (seconds or a date) or Azure's millisecond headers; null if there is none. */
function retryAfter(
  headers: { get(name: string): string | undefined } | undefined,
  now: number,
): number | null {
  const bounded = (ms: number): number => Math.min(Math.max(0, ms), LONGEST_PAUSE_MS);
  for (const name of ['retry-after-ms', 'x-ms-retry-after-ms']) {
    const ms = Number(headers?.get(name) || Number.NaN);
    if (Number.isFinite(ms) && ms >= 0) return bounded(ms);
  }
  const value = headers?.get('retry-after');
  if (!value) return null;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return bounded(seconds * 1000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : bounded(date - now);
}
