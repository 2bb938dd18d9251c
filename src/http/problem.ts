import { isDatabaseAway } from '../database/away.ts';
import { CommitUnknown } from '../database/transactionErrors.ts';
import { RingdownError } from '../errors.ts';
import type { Reply } from './route.ts';

/** Long enough for a database failover, short enough for a sender to keep its data. */
export const RETRY_AFTER_SECONDS = 5;

const NOT_KNOWN =
  'The connection to the database was lost while storing this. It may or may not have been accepted. ' +
  'Retry with the same Idempotency-Key: it will be carried out only once.';

/** Maps anything thrown to the error catalogue. The original is kept as the cause, for the log. */
export function codedError(error: unknown): RingdownError {
  if (error instanceof RingdownError) return error;
  if (error instanceof CommitUnknown)
    return new RingdownError('unavailable', { cause: error, detail: NOT_KNOWN });
  return new RingdownError(isDatabaseAway(error) ? 'unavailable' : 'internal', { cause: error });
}

/**
 * Builds the answer to a failed request: a problem document (RFC 9457). It contains only text from the catalogue, and
 * details that were written for the sender.
 *
 * @param status overrides the catalogue's status where HTTP has a more specific one (408, 431)
 */
export function problem(error: RingdownError, reference: string, status: number = error.kind.status): Reply {
  const { code, detail, extra, kind } = error;
  const known = extra?.['retryInSeconds'];
  const retryAfter = typeof known === 'number' ? known : status === 503 ? RETRY_AFTER_SECONDS : null;
  return {
    status,
    headers: {
      'Content-Type': 'application/problem+json',
      ...(status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
      ...(retryAfter === null ? {} : { 'Retry-After': String(retryAfter) }),
    },
    body: {
      ...extra,
      code,
      title: kind.title,
      status,
      ...(detail === undefined ? {} : { detail }),
      reference,
    },
  };
}
