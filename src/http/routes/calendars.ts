import { createHash } from 'node:crypto';
import { RingdownError } from '../../errors.ts';
import type { DutyCalendars, Wanted } from '../../escalations/dutyCalendars.ts';
import { openToAll, type HttpRequest, type Reply, type Route } from '../route.ts';

/**
 * Calendars to subscribe to. The secret in the path is the only credential, because calendar programs can send no other.
 * What does not exist, has ended, or may not be seen answers 404, as any unknown path does.
 */
export function calendarRoutes({ dutyCalendars }: { dutyCalendars: Pick<DutyCalendars, 'read'> }): Route[] {
  const answer = async (request: HttpRequest, wanted: Wanted): Promise<Reply> => {
    const text = await dutyCalendars.read(request.params['secret'] ?? '', wanted);
    if (text === null) throw new RingdownError('not_found');
    return calendarReply(text, request.headers['if-none-match']);
  };
  return [
    {
      method: 'GET',
      path: '/ical/:secret/person.ics',
      body: 'none',
      admit: openToAll(async (request) => await answer(request, { kind: 'person' })),
    },
    {
      method: 'GET',
      path: '/ical/:secret/rotation/:file',
      body: 'none',
      admit: openToAll(async (request) => {
        const name = /^(.+)\.ics$/is.exec(request.params['file'] ?? '')?.[1];
        // Without a name no rotation is found, after the same work.
        return await answer(request, { kind: 'rotation', name: name ?? '' });
      }),
    },
  ];
}

function calendarReply(text: string, known: string | undefined): Reply {
  const tag = `"${createHash('sha256').update(text).digest('base64url')}"`;
  const headers = {
    ETag: tag,
    // Only in the calendar program itself, and it asks each time.
    'Cache-Control': 'private, no-cache',
    'X-Robots-Tag': 'noindex, nofollow',
  };
  if (isKnown(tag, known)) return { status: 304, headers };
  return {
    status: 200,
    body: text,
    headers: {
      ...headers,
      'Content-Type': 'text/calendar; charset=utf-8',
      'Content-Disposition': 'inline; filename="duties.ics"',
    },
  };
}

/** If-None-Match compares weakly: RFC 9110, 13.1.2. Proxies that compress make a tag weak. */
function isKnown(tag: string, known = ''): boolean {
  return known.split(',').some((one) => ['*', tag].includes(one.trim().replace(/^W\//, '')));
}
