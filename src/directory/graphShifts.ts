import { z } from 'zod';
import type { Shift } from './directory.ts';
import { pathPart, type GraphRequest } from './graphClient.ts';

/** A day more than a week, which no shift exceeds. */
const longestShiftMs = 8 * 24 * 3_600_000;
const longestPeriodMs = 21 * 24 * 3_600_000;

const SharedShift = z.object({
  userId: z.string(),
  sharedShift: z.object({
    displayName: z.string().nullish(),
    startDateTime: z.iso.datetime({ offset: true }),
    endDateTime: z.iso.datetime({ offset: true }),
  }),
});

/** Asks for the shifts of a team around a range of time (epoch milliseconds). */
export function shiftsRequest(teamId: string, from: number, to: number): GraphRequest {
  // Graph documents only this form of the filter: starts after, ends before.
  const first = new Date(from - longestShiftMs).toISOString();
  const last = new Date(to + longestShiftMs).toISOString();
  return {
    path: `/teams/${pathPart(teamId)}/schedule/shifts`,
    query: { $filter: `sharedShift/startDateTime ge ${first} and sharedShift/endDateTime le ${last}` },
  };
}

/** Cuts a range (epoch milliseconds) into parts whose shifts fit into the pages that are read for one question. */
export function shiftPeriods(from: number, to: number): { from: number; to: number }[] {
  const count = Math.ceil((to - from) / longestPeriodMs);
  return Array.from({ length: count }, (_, index) => ({
    from: from + index * longestPeriodMs,
    to: Math.min(from + (index + 1) * longestPeriodMs, to),
  }));
}

/** Null for a draft, which nobody has seen yet. */
export function shiftOf(resource: unknown): Shift | null {
  const parsed = SharedShift.safeParse(resource);
  if (!parsed.success) return null;
  const { userId, sharedShift } = parsed.data;
  return {
    userId: userId.toLowerCase(),
    startsAt: Date.parse(sharedShift.startDateTime),
    endsAt: Date.parse(sharedShift.endDateTime),
    name: sharedShift.displayName ?? null,
  };
}
