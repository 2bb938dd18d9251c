import { DateTime } from 'luxon';
import { z } from 'zod';
import { countDispositions, disturbedNights } from '../calls/callCharts.ts';
import type { Clock } from '../clock.ts';
import type { RingdownYaml } from '../config/ringdownSchema.ts';
import type { Database } from '../database/open.ts';
import { RingdownError } from '../errors.ts';
import { acknowledgeTimes, testsBetween } from '../escalations/acknowledgeTimes.ts';
import { dispositions } from '../http/api/callSchemas.ts';
import { only } from '../http/api/input.ts';
import { day, nightsBetween, weeksOf } from './dates.ts';
import { consoleEndpoint, noBody, type ConsoleEndpoint } from './endpoint.ts';
import type { Charts } from './model.ts';
import type { Reader } from './reader.ts';

interface Parts {
  database: Database;
  clock: Clock;
  ringdown: () => Pick<RingdownYaml, 'timeZone'>;
}

const DEFAULT_WEEKS = 12;
/** A year, whatever day it begins on. */
const MOST_WEEKS = 54;

const week = z.string().meta({ format: 'date' }).describe('Its Monday.');
const chartsSchema: z.ZodType<Charts> = z
  .object({
    weeks: z.array(week),
    acknowledgeTimes: z
      .array(
        z.object({
          week,
          policy: z.string().nullable(),
          count: z.int(),
          medianSeconds: z.int(),
          p90Seconds: z.int(),
        }),
      )
      .nullable(),
    dispositions: z.array(z.object({ week, disposition: z.enum(dispositions), count: z.int() })).nullable(),
    nights: z.array(z.object({ person: z.string(), nights: z.int(), calls: z.int() })),
  })
  .meta({ id: 'ConsoleCharts' });

const query = only({
  from: day().optional().describe('The first week is that of this day. Default: 12 weeks in all.'),
  to: day().optional().describe('The last week is that of this day. Default: today.'),
});

export function chartsEndpoint({ database: { sql }, clock, ringdown }: Parts): ConsoleEndpoint {
  return consoleEndpoint({
    method: 'GET',
    path: '/console/api/charts',
    operation: 'consoleCharts',
    summary: 'Times to acknowledge, ends of calls and disturbed nights, by week',
    body: noBody,
    query,
    status: 200,
    answer: chartsSchema,
    errors: [],
    examples: {
      answer: {
        weeks: ['2026-11-30'],
        acknowledgeTimes: [
          { week: '2026-11-30', policy: 'web', count: 4, medianSeconds: 41, p90Seconds: 95 },
        ],
        dispositions: [{ week: '2026-11-30', disposition: 'acknowledged', count: 4 }],
        nights: [{ person: 'Adele Vance', nights: 2, calls: 3 }],
      },
    },
    handle: async ({ reader, query: { from, to } }) => ({
      status: 200,
      body: await chartsFor(reader, from, to),
    }),
  });

  async function chartsFor(reader: Reader, from?: string, to?: string): Promise<Charts> {
    const { seesAll, timeZone, requester } = reader;
    const last = to ?? DateTime.fromMillis(clock.now(), { zone: timeZone }).toFormat('yyyy-MM-dd');
    const first =
      from ??
      DateTime.fromISO(last)
        .minus({ weeks: DEFAULT_WEEKS - 1 })
        .toFormat('yyyy-MM-dd');
    requireBounded(first, last);
    const { names, boundaries } = weeksOf(first, last, timeZone);
    const [begin = new Date(0), end = begin] = [boundaries[0], boundaries.at(-1)];
    const nights = nightsBetween(begin, end, ringdown().timeZone);
    const named = <Row extends { span: number }>({ span, ...row }: Row) => ({
      week: names[span] ?? '',
      ...row,
    });
    return {
      weeks: names,
      // One after another: together they would take three connections.
      acknowledgeTimes: seesAll ? (await acknowledgeTimes(sql, boundaries)).map(named) : null,
      dispositions: seesAll
        ? (await countDispositions(sql, boundaries, dispositions, testsBetween(begin, end))).map(named)
        : null,
      nights: (await disturbedNights(sql, nights, seesAll ? null : requester.objectId)).map(
        ({ name, ...counts }) => ({ person: name, ...counts }),
      ),
    };
  }
}

function requireBounded(first: string, last: string): void {
  const weeks = DateTime.fromISO(last).diff(DateTime.fromISO(first), 'weeks').weeks;
  if (weeks < 0) throw new RingdownError('bad_request', { detail: 'from must not be after to' });
  if (weeks >= MOST_WEEKS - 1)
    throw new RingdownError('bad_request', { detail: 'from must be within a year of to' });
}
