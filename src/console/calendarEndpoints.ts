import { z } from 'zod';
import type { Directory } from '../directory/directory.ts';
import { RingdownError } from '../errors.ts';
import type { DutyCalendars } from '../escalations/dutyCalendars.ts';
import { MOST_CALENDAR_LINKS, type CalendarLinks } from '../schedules/calendarLinks.ts';
import { consoleEndpoint, noBody, noQuery, type ConsoleEndpoint } from './endpoint.ts';
import type { ActAnswer, CalendarLinkRow, CalendarLinkRows, NewCalendar } from './model.ts';

interface Parts {
  calendarLinks: Pick<CalendarLinks, 'list' | 'make' | 'revoke'>;
  dutyCalendars: Pick<DutyCalendars, 'addressesFor'>;
  directory: Pick<Directory, 'get'>;
}

const row: z.ZodType<CalendarLinkRow> = z.object({
  id: z.string(),
  createdAt: z.string(),
  fetchedAt: z.string().nullable().describe('When a calendar last got an answer.'),
});
const rows: z.ZodType<CalendarLinkRows> = z.object({ links: z.array(row) });
const made: z.ZodType<NewCalendar> = z.object({
  person: z.string().describe('The address of the reader’s own duties.'),
  rotations: z.array(z.object({ name: z.string(), url: z.string() })),
  say: z.string().nullable().describe('That an older link ended, because there were too many.'),
});
const act: z.ZodType<ActAnswer> = z.object({ say: z.string(), done: z.boolean() });

const path = '/console/api/calendar-links';
const address = 'https://ringdown.contoso.example/ical/4b1f…';
const example = {
  id: '6a1f9c52-0f0e-4c58-9d3a-6d0d6a5d8f11',
  createdAt: '2026-03-02T09:00:00.000Z',
  fetchedAt: null,
};

/** The reader's own links to calendars. A secret is in one answer only: the one that makes it. */
export function calendarEndpoints({ calendarLinks, dutyCalendars, directory }: Parts): ConsoleEndpoint[] {
  return [
    consoleEndpoint({
      method: 'GET',
      path,
      operation: 'consoleCalendarLinks',
      summary: 'The reader’s links to calendars, without their addresses',
      body: noBody,
      query: noQuery,
      status: 200,
      answer: rows,
      errors: [],
      examples: { answer: { links: [example] } },
      async handle({ reader }) {
        const links = await calendarLinks.list(reader.requester.objectId);
        const body: CalendarLinkRows = {
          links: links.map(({ id, createdAt, fetchedAt }) => ({
            id,
            createdAt: new Date(createdAt).toISOString(),
            fetchedAt: fetchedAt === null ? null : new Date(fetchedAt).toISOString(),
          })),
        };
        return { status: 200, body };
      },
    }),
    consoleEndpoint({
      method: 'POST',
      path,
      operation: 'consoleMakeCalendarLink',
      summary: `Make a link to calendars, whose addresses are shown once; at most ${MOST_CALENDAR_LINKS} links work at a time`,
      body: noBody,
      query: noQuery,
      status: 200,
      answer: made,
      errors: ['not_found', 'directory_unavailable'],
      examples: {
        answer: {
          person: `${address}/person.ics`,
          rotations: [{ name: 'web', url: `${address}/rotation/web.ics` }],
          say: null,
        },
      },
      async handle({ reader: { requester, texts } }) {
        // Without an entry in the directory the link would always answer 404.
        if (!(await directory.get(requester.objectId))) throw new RingdownError('not_found');
        const link = await calendarLinks.make(requester.objectId);
        if (!link) throw new RingdownError('not_found');
        const addresses = await dutyCalendars.addressesFor(requester, link.secret);
        const words = texts.chat.calendars;
        const body: NewCalendar = {
          person: addresses.person,
          rotations: [...addresses.rotations],
          say: link.replaced ? words.replaced({ count: MOST_CALENDAR_LINKS }) : null,
        };
        return { status: 200, body };
      },
    }),
    consoleEndpoint({
      method: 'POST',
      path: `${path}/:id/revoke`,
      operation: 'consoleRevokeCalendarLink',
      summary: 'End one of the reader’s links to calendars',
      body: noBody,
      query: noQuery,
      status: 200,
      answer: act,
      errors: ['not_found'],
      examples: { answer: { say: 'The link no longer works.', done: true } },
      async handle({ reader: { requester, texts }, id }) {
        const isEnded = await calendarLinks.revoke(requester.objectId, id);
        if (!isEnded) throw new RingdownError('not_found');
        return { status: 200, body: { say: texts.console.duty.calendars.revoked, done: true } };
      },
    }),
  ];
}
