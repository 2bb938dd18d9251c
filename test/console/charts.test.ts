import assert from 'node:assert/strict';
import { sql as raw } from 'kysely';
import type { Disposition } from '../../src/calls/call.ts';
import { disturbedNights } from '../../src/calls/callCharts.ts';
import { nightsBetween } from '../../src/console/dates.ts';
import type { Charts } from '../../src/console/model.ts';
import type { Database } from '../../src/database/open.ts';
import { addManyCalls } from '../support/console/manyCalls.ts';
import { adele, alex, megan, read } from '../support/console/reading.ts';
import { rowsRead } from '../support/console/rowsRead.ts';
import { forEachDatabase, openEmbedded } from '../support/databases.ts';
import { itLong, sample } from '../support/long.ts';
import { startWorld, type World } from '../support/world.ts';

interface Story {
  at: string;
  policy?: string | null;
  test?: boolean;
  acknowledgedAfter?: number;
  calls?: {
    to: string;
    name: string;
    at: string;
    disposition: Disposition;
    sentAt?: string;
    accepted?: boolean;
  }[];
}

/** Stores escalations with their calls, as far as charts read them. */
async function add({ sql }: Database, stories: readonly Story[]): Promise<void> {
  for (const [
    nth,
    { at, policy = 'web', test = false, acknowledgedAfter, calls = [] },
  ] of stories.entries()) {
    const id = `esc_${nth}`;
    const by =
      acknowledgedAfter === undefined
        ? null
        : { name: 'Alex', at: new Date(Date.parse(at) + acknowledgedAfter * 1000).toISOString() };
    await raw`INSERT INTO escalations (id, status, policy, source, alert, ladder, revision, created_at)
      VALUES (${id}, 'resolved', ${policy}, 'api:tests', ${JSON.stringify({ test, summary: 'Disk' })},
        ${JSON.stringify({ acknowledgedBy: by })}, 1, ${at})`.execute(sql);
    for (const [
      call,
      { to, name, at: placed, disposition, sentAt = placed, accepted = true },
    ] of calls.entries()) {
      await raw`INSERT INTO calls (id, status, disposition, target, target_key, requested_by, requester_key, purpose,
          ring_timeout_seconds, language, created_at, revision, facts, callback_secret, repeatability_id, escalation_id)
        VALUES (${`call_${nth}_${call}`}, 'ended', ${disposition},
          ${JSON.stringify({ kind: 'teamsUser', id: to, displayName: name })}, ${`teamsUser:${to}`},
          ${JSON.stringify({ kind: 'escalation', key: id, name: 'tests' })}, ${id},
          ${JSON.stringify({ kind: 'escalate', escalationId: id, message: '', step: 0, test })},
          30, 'en', ${placed}, 1, ${JSON.stringify({ dialSentAt: sentAt, ...(accepted && { dialAcceptedAt: sentAt }) })},
          '', '00000000-0000-4000-8000-000000000000', ${id})`.execute(sql);
    }
  }
}

const toAdele = { to: adele, name: 'Adele Vance' };
const toMegan = { to: megan, name: 'Megan Bowen' };

describe('Charts in the console', () => {
  let world: World;
  let database: Database;

  beforeEach('start Ringdown in Berlin; Alex sees all', async function () {
    database = await openEmbedded();
    world = await startWorld({
      database,
      yaml: 'timeZone: Europe/Berlin\npermissions:\n  console:\n    readers:\n      - user: alex@contoso.example\n',
    });
  });

  const charts = async (who: string, query: string, zone = 'Europe/Berlin') =>
    await read<Charts>(world, who, `/charts?${query}`, { 'x-time-zone': zone });

  it('have the median and the 90th percentile of times to acknowledge, by policy and week', async () => {
    const seconds = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110];
    await add(database, [
      ...seconds.map((acknowledgedAfter) => ({ at: '2026-11-24T10:00:00Z', acknowledgedAfter })),
      { at: '2026-11-25T10:00:00Z', policy: 'db', acknowledgedAfter: 7 },
      { at: '2026-11-25T10:00:00Z', policy: null, acknowledgedAfter: 8 },
      { at: '2026-11-25T10:00:00Z', policy: 'nobody acknowledged' },
      { at: '2026-12-01T10:00:00Z', acknowledgedAfter: 5 },
      { at: '2026-12-01T10:00:00Z', acknowledgedAfter: 500, test: true },
    ]);
    const { body } = await charts(alex, 'from=2026-11-23&to=2026-12-06');
    assert.deepEqual(body.weeks, ['2026-11-23', '2026-11-30']);
    assert.deepEqual(body.acknowledgeTimes, [
      { week: '2026-11-23', policy: 'db', count: 1, medianSeconds: 7, p90Seconds: 7 },
      { week: '2026-11-23', policy: 'web', count: 11, medianSeconds: 60, p90Seconds: 100 },
      { week: '2026-11-23', policy: null, count: 1, medianSeconds: 8, p90Seconds: 8 },
      { week: '2026-11-30', policy: 'web', count: 1, medianSeconds: 5, p90Seconds: 5 },
    ]);
  });

  it('count the ends of calls by week of the reader, without tests', async () => {
    const call = (at: string, disposition: Disposition) => ({ ...toAdele, at, disposition });
    await add(database, [
      // The year ends within this week. In Berlin, the next one begins an hour before midnight UTC.
      {
        at: '2026-12-28T10:00:00Z',
        calls: [
          call('2026-12-31T23:30:00Z', 'busy'),
          call('2027-01-01T00:30:00Z', 'busy'),
          call('2027-01-03T22:59:59Z', 'failed'),
          call('2027-01-03T23:00:00Z', 'failed'),
        ],
      },
      { at: '2026-12-29T10:00:00Z', test: true, calls: [call('2026-12-29T10:00:00Z', 'busy')] },
    ]);
    const query = 'from=2026-12-28&to=2027-01-10';
    assert.deepEqual((await charts(alex, query)).body.dispositions, [
      { week: '2026-12-28', disposition: 'busy', count: 2 },
      { week: '2026-12-28', disposition: 'failed', count: 1 },
      { week: '2027-01-04', disposition: 'failed', count: 1 },
    ]);
    assert.deepEqual((await charts(alex, query, 'America/New_York')).body.dispositions, [
      { week: '2026-12-28', disposition: 'busy', count: 2 },
      { week: '2026-12-28', disposition: 'failed', count: 2 },
    ]);
  });

  it('count nights in which an escalation rang somebody', async () => {
    const ring = (at: string, more: object = {}) => ({
      ...toAdele,
      at,
      disposition: 'no_answer' as const,
      ...more,
    });
    await add(database, [
      {
        at: '2026-11-24T20:00:00Z',
        calls: [
          // In Berlin, 22:00 is 21:00 UTC, and 7:00 is 6:00 UTC.
          ring('2026-11-24T20:59:59Z'),
          ring('2026-11-24T21:00:00Z'),
          ring('2026-11-25T05:59:59Z', { disposition: 'acknowledged' }),
          ring('2026-11-25T06:00:00Z'),
          // Another night: only calls at which the phone rang count.
          ring('2026-11-26T01:00:00Z', { disposition: 'unreachable' }),
          ring('2026-11-26T01:00:00Z', { disposition: 'cancelled', accepted: false }),
          ring('2026-11-27T01:00:00Z', { disposition: 'cancelled' }),
          // It waited until the morning.
          ring('2026-11-28T01:00:00Z', { sentAt: '2026-11-28T07:00:00Z' }),
          { ...ring('2026-11-25T01:00:00Z'), ...toMegan },
        ],
      },
      { at: '2026-11-24T20:00:00Z', test: true, calls: [ring('2026-11-29T01:00:00Z')] },
    ]);
    const query = 'from=2026-11-23&to=2026-11-29';
    const all = [
      { person: 'Adele Vance', nights: 2, calls: 3 },
      { person: 'Megan Bowen', nights: 1, calls: 1 },
    ];
    assert.deepEqual((await charts(alex, query)).body.nights, all);
    assert.deepEqual((await charts(alex, query, 'Asia/Tokyo')).body.nights, all, 'in the zone of the file');
    assert.deepEqual((await charts(adele, query)).body, {
      weeks: ['2026-11-23'],
      acknowledgeTimes: null,
      dispositions: null,
      nights: all.slice(0, 1),
    });
  });

  it('count nights correctly when summer time ends', async () => {
    const calls = [
      '2026-10-24T19:59:00Z',
      '2026-10-24T20:01:00Z',
      '2026-10-25T05:59:00Z',
      '2026-10-25T06:00:00Z',
    ];
    await add(database, [
      {
        at: '2026-10-24T19:00:00Z',
        calls: calls.map((at) => ({ ...toAdele, at, disposition: 'declined' as const })),
      },
    ]);
    const { nights } = (await charts(adele, 'from=2026-10-19&to=2026-10-31')).body;
    assert.deepEqual(nights, [{ person: 'Adele Vance', nights: 1, calls: 2 }]);
  });

  it('show 12 weeks by default, and at most a year', async () => {
    const { weeks } = (await charts(alex, '')).body;
    assert.equal(weeks.length, 12);
    assert.equal((await charts(alex, 'from=2025-11-30&to=2026-11-30')).status, 200);
    assert.equal((await charts(alex, 'from=2025-10-30&to=2026-11-30')).status, 400);
    assert.equal((await charts(alex, 'from=2026-12-01&to=2026-11-30')).status, 400);
    assert.equal((await charts(alex, 'from=9999-12-01&to=9999-12-31')).status, 400);
  });
});

forEachDatabase((open) => {
  describe('the counts of charts', () => {
    it('are the same in pieces and as a whole', async function () {
      const database = await open();
      await addManyCalls(database.sql, {
        calls: 2_000,
        until: '2026-11-30T12:00:00.000Z',
        days: 60,
        people: 30,
      });
      const nights = nightsBetween([new Date('2026-10-05'), new Date('2026-11-30')], 'Europe/Berlin');
      const whole = await disturbedNights(database.sql, nights, null);
      const parts = [nights.slice(0, 20), nights.slice(20)];
      const counted = new Map<string, number>();
      for (const part of parts) {
        for (const { key, nights: own } of await disturbedNights(database.sql, part, null)) {
          counted.set(key, (counted.get(key) ?? 0) + own);
        }
      }
      assert.ok(whole.length > 0);
      assert.deepEqual(new Map(whole.map(({ key, nights: own }) => [key, own])), counted);
    });
  });

  // Filling the tables takes minutes: only the whole long suite does it.
  const itWhole = sample === 1 ? itLong : it.skip;
  itWhole(
    'a year of charts reads only calls of its nights, of 1,000,000 calls, in pieces',
    async function () {
      const database = await open();
      await addManyCalls(database.sql, {
        calls: 1_000_000,
        until: '2026-11-30T12:00:00.000Z',
        days: 365,
        people: 2_000,
      });
      const nights = nightsBetween([new Date('2025-12-01'), new Date('2026-11-30')], 'Europe/Berlin');
      for (let night = 0; night < nights.length; night += 28) {
        const { rows, wholeTables } = await rowsRead(database, async (sql) => {
          await disturbedNights(sql, nights.slice(night, night + 28), null);
        });
        assert.equal(wholeTables, 0);
        // 28 nights of 10 hours have 32,000 calls; 2,000 people are looked up by their newest call.
        assert.ok(rows <= 40_000, `${rows} rows for the nights from ${night}`);
      }
    },
  );
});
