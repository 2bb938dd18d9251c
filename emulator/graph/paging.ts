import { badRequest } from './errors.ts';

const defaultSize = 100;
const largest = 999;

export interface Page<T> {
  items: T[];
  /** The query of the next page, or null on the last. */
  next: string | null;
}

/**
 * Returns one page of a list: `$top` up to 999, then `@odata.nextLink`. Users do not support `$skip`.
 *
 * @throws Refusal 400
 */
export function page<T>(items: T[], query: URLSearchParams): Page<T> {
  if (query.has('$skip')) throw badRequest("'$skip' is not supported by the service.");
  const size = Number(query.get('$top') ?? defaultSize);
  if (!Number.isInteger(size) || size < 1 || size > largest) {
    throw badRequest(
      `Invalid page size specified: '${query.get('$top')}'. Must be between 1 and ${largest} inclusive.`,
    );
  }
  const start = offsetOf(query.get('$skiptoken'));
  const next = new URLSearchParams(query);
  next.set('$skiptoken', Buffer.from(`offset ${start + size}`).toString('base64url'));
  return {
    items: items.slice(start, start + size),
    next: start + size < items.length ? next.toString() : null,
  };
}

function offsetOf(skipToken: string | null): number {
  if (skipToken === null) return 0;
  const offset = /^offset (\d+)$/.exec(Buffer.from(skipToken, 'base64url').toString('utf8'))?.[1];
  if (offset === undefined) throw badRequest("The '$skiptoken' is not valid.");
  return Number(offset);
}
