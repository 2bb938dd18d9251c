import { CommitUnknown, Contended } from './commits.ts';
import { TurnTimeout } from './turns.ts';

/**
 * SQLSTATE classes in which the server is not there for us just now: 08 connection, 53 out of connections, memory or
 * disk, 57P shut down, starting or crashed; 57014 is our own statement_timeout.
 * Source: PostgreSQL, "Error Codes".
 */
const SQLSTATES = /^(?:08...|53...|57P0.|57014)$/;

/** Two transactions were in each other's way: 40P01 deadlock, 40001 serialisation. It is undone, and may be done again. */
const CONFLICTS = new Set(['40P01', '40001']);

/** Node's codes of a connection that was not made or broke; the resolver's, for a server that is looked up by name. */
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

/** Errors without any code. Source: pg's lib/client.js, pg-pool's index.js, PGlite. */
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

/** Whether a transaction was undone because of another one at the same time: the same, done again, succeeds. */
export function isConflict(error: unknown): boolean {
  return error instanceof Error && 'code' in error && CONFLICTS.has(String(error.code));
}

/**
 * Whether a query failed because the database cannot be reached or cannot work, not because of the query: the same
 * may succeed later. An error of other services (fetch, the Azure SDKs), which carry the same codes, does not count.
 */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // A name with several addresses, all refused.
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.every(isDatabaseAway);
  if (error instanceof TurnTimeout || error instanceof CommitUnknown) return true;
  if (error instanceof Contended) return true;
  if (MESSAGES.has(error.message)) return true;
  if (!('code' in error) || typeof error.code !== 'string') return false;
  return SYSTEM_CODES.has(error.code) ? 'syscall' in error : SQLSTATES.test(error.code);
}
