import { CommitUnknown, Contended, TurnTimeout } from './transactionErrors.ts';

/**
 * SQLSTATEs that say the server is not available now: 08 connection, 53 out of connections, memory or disk, 57P
 * shutting down, starting or crashed, 58 its disk or system fails. 25P03 and 25P04: a time limit of the server ended
 * the transaction and its connection. 57014 is our own statement_timeout, 55P03 our own lock_timeout. Source:
 * PostgreSQL, "Error Codes".
 */
const SQLSTATES = /^(?:08...|53...|57P0.|58...|25P0[34]|55P03|57014)$/;

/** A standby, or a server set to read-only because its disk is full: it answers but takes no writes. */
const READ_ONLY = '25006';

/**
 * Conflicts with another transaction: 40P01 deadlock, 40001 serialisation failure, 55P03 it held a lock for longer than
 * lock_timeout. This transaction was rolled back and can be retried.
 */
const CONFLICTS = new Set(['40P01', '40001', '55P03']);

/** Another transaction has stored the row meanwhile: a retry finds it. */
const DOUBLED = '23505';
/** Keys that a transaction looks up before it stores them. */
const LOOKED_UP = new Set([
  'call_events_pkey',
  'calls_request_key_key',
  'calls_single_key_key',
  'calls_phone_key_key',
  'chat_activities_pkey',
  'escalations_dedup',
  'idempotency_pkey',
]);

/** Node's codes for a connection that failed or broke, and the resolver's for a host name. */
const SYSTEM_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** Messages of errors without a code. Source: pg's lib/client.js, pg-pool's index.js, PGlite. */
const MESSAGES = new Set([
  'timeout expired',
  'timeout exceeded when trying to connect',
  'Query read timeout',
  'Connection terminated',
  'Connection terminated unexpectedly',
  'Connection terminated due to connection timeout',
  'Client was closed and is not queryable',
  'Client has encountered a connection error and is not queryable',
  'Cannot use a pool after calling end on the pool',
  'PGlite is closed',
  'PGlite is closing',
]);

/** A connection could not be opened. The cause is the driver's error. */
export class NoConnection extends Error {
  constructor(cause: unknown) {
    super((cause instanceof Error && cause.message) || 'no connection to the database', { cause });
    this.name = 'NoConnection';
  }
}

/** Whether a query failed because the server is read-only. Another server behind the same address may not be. */
export function isReadOnly(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === READ_ONLY;
}

/** Whether the client gave up waiting, although the server should have ended the statement earlier. Source: pg. */
export function isSilence(error: unknown): boolean {
  const cause = error instanceof CommitUnknown ? error.cause : error;
  return cause instanceof Error && cause.message === 'Query read timeout';
}

/** Whether a pooler refuses session parameters, because its sessions are shared. Source: PgBouncer. */
export function isPoolerRefusal(error: unknown): boolean {
  const cause = error instanceof NoConnection ? error.cause : error;
  return cause instanceof Error && cause.message.startsWith('unsupported startup parameter');
}

/** Whether a transaction was rolled back because of a concurrent one: a retry can succeed. */
export function isConflict(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  if (error.code === DOUBLED) return 'constraint' in error && LOOKED_UP.has(String(error.constraint));
  return CONFLICTS.has(String(error.code));
}

/**
 * Whether a query failed because the database is unavailable, not because of the query: a retry may succeed later.
 * Errors of other services (fetch, the Azure SDKs) carry the same codes and do not count.
 */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // Every address of the host name refused the connection.
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.every(isDatabaseAway);
  if (error instanceof TurnTimeout || error instanceof CommitUnknown) return true;
  if (error instanceof NoConnection || error instanceof Contended || isReadOnly(error)) return true;
  if (MESSAGES.has(error.message)) return true;
  if (!('code' in error) || typeof error.code !== 'string') return false;
  return SYSTEM_CODES.has(error.code) ? 'syscall' in error : SQLSTATES.test(error.code);
}

/** What a failed commit means: CommitUnknown if nobody answered, otherwise the error, which says that nothing is stored. */
export function orCommitUnknown(error: unknown): unknown {
  return isDatabaseAway(error) && !isConflict(error) && !isReadOnly(error) ? new CommitUnknown(error) : error;
}
