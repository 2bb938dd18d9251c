import { DateTime } from 'luxon';
import { z } from 'zod';
import { countDispositions, disturbedNights, type DisturbedNights } from '../calls/callCharts.ts';
import type { Clock } from '../clock.ts';
import type { RingdownYaml } from '../config/ringdownSchema.ts';
import type { Database } from '../database/open.ts';
import { RingdownError } from '../errors.ts';
import { acknowledgeTimes, testsOf } from '../escalations/acknowledgeTimes.ts';
import { dispositions } from '../http/api/callSchemas.ts';
import { only } from '../http/api/input.ts';
import type { Permissions } from '../permissions/permissions.ts';
import { requireAsking } from './asking.ts';
import { day, nightsBetween, weeksOf } from './dates.ts';
import { consoleEndpoint, noBody, type ConsoleEndpoint } from './endpoint.ts';
import type { Charts } from './model.ts';
import type { Reader } from './reader.ts';

interface Parts {
  database: Database;
  clock: Clock;
  permissions: Pick<Permissions, 'checkAsker'>;
  ringdown: () => Pick<RingdownYaml, 'timeZone'>;
}

const DEFAULT_WEEKS = 12;
/** Small pieces, so that calls do not wait for a long statement of the embedded database. */
const WEEKS_AT_ONCE = 2;
const NIGHTS_AT_ONCE = 14;
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

export function chartsEndpoint({ database: { sql }, clock, permissions, ringdown }: Parts): ConsoleEndpoint {
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
    await requireAsking(reader, permissions);
    const { seesAll, timeZone, requester } = reader;
    const last = to ?? DateTime.fromMillis(clock.now(), { zone: timeZone }).toFormat('yyyy-MM-dd');
    const first =
      from ??
      DateTime.fromISO(last)
        .minus({ weeks: DEFAULT_WEEKS - 1 })
        .toFormat('yyyy-MM-dd');
    requireBounded(first, last);
    const { names, boundaries } = weeksOf(first, last, timeZone);
    const counted = new Counted();
    for (let nth = 0; nth < names.length; nth += WEEKS_AT_ONCE) {
      const some = boundaries.slice(nth, nth + WEEKS_AT_ONCE + 1);
      const name = <Row extends { span: number }>({ span, ...row }: Row) => ({
        week: names[nth + span] ?? '',
        ...row,
      });
      if (!seesAll) continue;
      counted.acknowledged.push(...(await acknowledgeTimes(sql, some)).map(name));
      counted.ended.push(...(await countDispositions(sql, some, dispositions, testsOf(some))).map(name));
    }
    const nights = nightsBetween(boundaries, ringdown().timeZone);
    for (let night = 0; night < nights.length; night += NIGHTS_AT_ONCE) {
      const some = nights.slice(night, night + NIGHTS_AT_ONCE);
      counted.addNights(await disturbedNights(sql, some, seesAll ? null : requester.objectId));
    }
    return {
      weeks: names,
      acknowledgeTimes: seesAll ? counted.acknowledged : null,
      dispositions: seesAll ? counted.ended : null,
      nights: counted.nights(),
    };
  }
}

/** What the statements have counted. */
class Counted {
  readonly acknowledged: NonNullable<Charts['acknowledgeTimes']> = [];
  readonly ended: NonNullable<Charts['dispositions']> = [];
  readonly #nights = new Map<string, DisturbedNights>();

  /** @param some of nights that were not counted before */
  addNights(some: readonly DisturbedNights[]): void {
    for (const one of some) {
      const { nights = 0, calls = 0 } = this.#nights.get(one.key) ?? {};
      this.#nights.set(one.key, { ...one, nights: nights + one.nights, calls: calls + one.calls });
    }
  }

  /** People with the most nights first. */
  nights(): Charts['nights'] {
    const people = [...this.#nights.values()].map(({ name, nights, calls }) => ({
      person: name,
      nights,
      calls,
    }));
    return people.toSorted(
      (a, b) => b.nights - a.nights || b.calls - a.calls || a.person.localeCompare(b.person),
    );
  }
}

function requireBounded(first: string, last: string): void {
  const weeks = DateTime.fromISO(last).diff(DateTime.fromISO(first), 'weeks').weeks;
  if (weeks < 0) throw new RingdownError('bad_request', { detail: 'from must not be after to' });
  if (weeks >= MOST_WEEKS - 1)
    throw new RingdownError('bad_request', { detail: 'from must be within a year of to' });
}
