import { isDatabaseAway } from '../database/away.ts';
import { CommitUnknown } from '../database/commits.ts';
import { RingdownError } from '../errors.ts';
import type { Reply } from './route.ts';

/** Long enough for a database to fail over, short enough for a sender to keep what it has. */
export const RETRY_AFTER_SECONDS = 5;

const NOT_KNOWN =
  'The database went away while this was being stored: it is not known whether it was accepted. ' +
  'Sent again with the same Idempotency-Key it is done once.';

/** What went wrong, in terms of the catalogue. The original is its cause, for the log. */
export function codedError(error: unknown): RingdownError {
  if (error instanceof RingdownError) return error;
  if (error instanceof CommitUnknown)
    return new RingdownError('unavailable', { cause: error, detail: NOT_KNOWN });
  return new RingdownError(isDatabaseAway(error) ? 'unavailable' : 'internal', { cause: error });
}

/**
 * The answer to a request that failed: a problem document (RFC 9457), with nothing in it that the catalogue, or who
 * raised the error for the sender to read, did not put there.
 *
 * @param status instead of the catalogue's, for what HTTP itself distinguishes further (408, 431)
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
