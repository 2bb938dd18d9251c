import { z } from 'zod';
import { isStorableTime } from '../../database/storable.ts';
import { RingdownError } from '../../errors.ts';
import { numberInQuery } from './input.ts';

/** Lists page by page, newest first. New items do not shift others to a different page. */

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

const cursorSchema = z.tuple([
  z.iso.datetime().refine((time) => isStorableTime(Date.parse(time))),
  z.string().regex(/^\w{1,100}$/),
]);

interface Listed {
  createdAt: string;
  id: string;
}

export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

/** The query parameters of a list. */
export const pageQuery = {
  limit: numberInQuery(1, MAX_LIMIT, DEFAULT_LIMIT),
  cursor: z.string().max(500).optional(),
};

/** @param list returns at most this many items older than `before`, newest first */
export async function page<Item extends Listed>(
  { limit, cursor }: { limit: number; cursor?: string | undefined },
  list: (query: { limit: number; before?: Listed }) => Promise<Item[]>,
): Promise<Page<Item>> {
  // Shell loops send an empty cursor for the first page.
  const before = cursor ? readCursor(cursor) : null;
  const found = await list({ limit: limit + 1, ...(before ? { before } : {}) });
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: found.length > limit && last ? writeCursor(last) : null };
}

/** @returns an opaque text for the query parameter `cursor` */
export function writeCursor({ createdAt, id }: Listed): string {
  return Buffer.from(JSON.stringify([createdAt, id])).toString('base64url');
}

/** @throws RingdownError bad_request */
export function readCursor(cursor: string): Listed {
  try {
    const [createdAt, id] = cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
    return { createdAt, id };
  } catch (cause) {
    throw new RingdownError('bad_request', { detail: 'cursor was not returned by this list', cause });
  }
}
