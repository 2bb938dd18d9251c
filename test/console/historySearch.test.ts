import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sql as raw } from 'kysely';
import { searchCalls, type CallFilters, type CallSearch } from '../../src/calls/callSearch.ts';
import type { Disposition } from '../../src/calls/call.ts';
import type { Database } from '../../src/database/open.ts';
import {
  ofPolicy,
  searchEscalations,
  type EscalationSearch,
} from '../../src/escalations/escalationSearch.ts';
import { addManyCalls, person, RARE_POLICY } from '../support/console/manyCalls.ts';
import { rowsRead } from '../support/console/rowsRead.ts';
import { forEachDatabase } from '../support/databases.ts';
import { itLong, runs, sample } from '../support/long.ts';

const UNTIL = '2026-11-30T12:00:00.000Z';
const CALLS = 10_000;
/** As the console asks. */
const PAGE = 50;
/** Few statements for a whole list. */
const LARGE_PAGE = 250;

interface Wanted {
  person?: string;
  policy?: string;
  dispositions?: Disposition[];
  code?: number;
  from?: Date;
  until?: Date;
  of?: CallSearch['of'];
}

async function filtersOf({ sql }: Database, { policy, of: _of, ...wanted }: Wanted): Promise<CallFilters> {
  return { ...wanted, ...(policy === undefined ? {} : { escalations: await ofPolicy(sql, policy) }) };
}

/** All ids that a search finds, page by page, and how often it stopped before a page was full. */
async function allFound(database: Database, wanted: Wanted): Promise<{ ids: string[]; stops: number }> {
  const ids: string[] = [];
  let stops = 0;
  let before: CallSearch['before'];
  for (;;) {
    const filters = await filtersOf(database, wanted);
    const page = await searchCalls(database.sql, {
      ...filters,
      of: wanted.of ?? null,
      before,
      limit: LARGE_PAGE,
    });
    ids.push(...page.calls.map(({ id }) => id));
    if (page.stopped) stops += 1;
    else
      assert.ok(page.next === null || page.calls.length === LARGE_PAGE, 'only a full page has another one');
    if (page.next === null) return { ids, stops };
    before = page.next;
  }
}

/** The same by one plain statement. */
async function allThere({ sql }: Database, wanted: Wanted): Promise<string[]> {
  const like = `%${wanted.person ?? ''}%`;
  const { rows } = await raw<{ id: string }>`SELECT calls.id FROM calls
    LEFT JOIN escalations ON escalations.id = escalation_id
    WHERE (${wanted.person ?? null}::text IS NULL OR target ->> 'displayName' ILIKE ${like}
        OR escalation_id IS NULL AND requested_by ->> 'name' ILIKE ${like})
      AND (${wanted.policy ?? null}::text IS NULL OR policy = ${wanted.policy ?? null})
      AND (${wanted.dispositions ?? null}::text[] IS NULL OR disposition = ANY(${wanted.dispositions ?? null}::text[]))
      AND (${wanted.code ?? null}::integer IS NULL OR (facts #>> '{ended,code}')::integer = ${wanted.code ?? null})
      AND (${wanted.from ?? null}::timestamptz IS NULL OR calls.created_at >= ${wanted.from ?? null})
      AND (${wanted.until ?? null}::timestamptz IS NULL OR calls.created_at < ${wanted.until ?? null})
      AND (${wanted.of?.key ?? null}::text IS NULL OR requester_key = ${wanted.of?.key ?? null}
        OR escalation_id IS NOT NULL AND target_key = 'teamsUser:' || ${wanted.of?.objectId ?? ''})
    ORDER BY calls.created_at DESC, calls.id DESC`.execute(sql);
  return rows.map(({ id }) => id);
}

forEachDatabase((open) => {
  let database: Database;
  before('fill the tables', async function () {
    database = await open();
    await addManyCalls(database.sql, { calls: CALLS, until: UNTIL, days: 365, people: 200 });
  });

  describe('the search of calls', () => {
    const wishes = fc.record(
      {
        person: fc.constantFrom('given0 ', 'Family7', 'family150', 'Given', 'nobody', '%', "o'_\\"),
        policy: fc.constantFrom('policy3', RARE_POLICY, 'none'),
        dispositions: fc.constantFrom<Disposition[]>(['not_allowed'], ['no_answer', 'busy'], ['unreachable']),
        code: fc.constantFrom(403, 480, 999),
        from: fc.constantFrom(new Date('2026-02-01'), new Date('2026-11-01')),
        until: fc.constantFrom(new Date('2026-03-01'), new Date('2026-11-20')),
        of: fc.constantFrom(0, 1, 20, 150).map((nth) => {
          const { objectId } = person(nth);
          return { key: objectId, objectId };
        }),
      },
      { requiredKeys: [] },
    );

    it('finds each call once, newest first, whatever is combined', async () => {
      await fc.assert(
        fc.asyncProperty(wishes, async (wanted) => {
          // All of this table: thousands of pages would only take time.
          const narrow = Object.keys(wanted).length > 0 ? wanted : { code: 403 };
          const { ids } = await allFound(database, narrow);
          assert.deepEqual(ids, await allThere(database, narrow));
        }),
        { numRuns: runs(15, 300) },
      );
    });

    it('stops and says how far it has read if few calls match, and goes on from there', async () => {
      const { ids, stops } = await allFound(database, { code: 403 });
      assert.deepEqual(ids, await allThere(database, { code: 403 }));
      assert.equal(stops, 3, '3,000 of 10,000 calls are read at once');
    });

    const me = (nth: number) => ({ key: person(nth).objectId, objectId: person(nth).objectId });
    const deep = { createdAt: '2026-02-01T00:00:00.000Z', id: 'call_0' };
    const searches: Record<string, Wanted & { before?: CallSearch['before'] }> = {
      'all calls': {},
      'a deep page': { before: deep },
      'a rare result': { dispositions: ['not_allowed'] },
      'a person': { person: 'family150' },
      'a rare combination': { person: 'family1', dispositions: ['not_allowed'], code: 403 },
      'many people': { person: 'given' },
      nobody: { person: 'zzz' },
      'a common policy, deep': { policy: 'policy3', before: deep },
      'a rare policy': { policy: RARE_POLICY },
      'a code that does not occur': { code: 999 },
      'own calls': { of: me(1) },
      'own calls with a rare result': { of: me(20), dispositions: ['not_allowed'] },
    };
    it('reads a bounded number of rows, and no table as a whole, whatever is searched', async () => {
      for (const [name, { before, ...wanted }] of Object.entries(searches)) {
        const read = await rowsOfPage(database, wanted, before);
        assert.equal(read.wholeTables, 0, name);
        assert.ok(read.rows <= MOST_ROWS, `${name}: it read ${read.rows} rows`);
      }
    });
  });

  describe('the search of escalations', () => {
    const concern = (nth: number): EscalationSearch['of'] => ({
      starter: { kind: 'chat', key: person(nth).objectId },
      callee: person(nth).objectId,
      conversations: ['a:1'],
    });

    const whole: [name: string, search: Partial<EscalationSearch>, where: string][] = [
      ['all', {}, 'TRUE'],
      ['of a policy', { policy: 'policy3' }, `policy = 'policy3'`],
      ['of a status', { statuses: ['exhausted'] }, `status = 'exhausted'`],
      [
        'of a policy, a status and a time',
        {
          policy: 'policy19',
          statuses: ['exhausted'],
          from: new Date('2026-03-01'),
          until: new Date('2026-09-01'),
        },
        `policy = 'policy19' AND status = 'exhausted' AND created_at >= '2026-03-01' AND created_at < '2026-09-01'`,
      ],
      [
        'with a person who was called or acknowledged',
        { person: 'given12' },
        `ladder -> 'acknowledgedBy' ->> 'name' ILIKE '%given12%' OR id IN
          (SELECT escalation_id FROM calls WHERE target ->> 'displayName' ILIKE '%given12%')`,
      ],
      [
        'that called somebody',
        { of: concern(20) },
        `id IN (SELECT escalation_id FROM calls WHERE target_key = 'teamsUser:${person(20).objectId}')`,
      ],
      ['that called nobody', { of: concern(199_999) }, 'FALSE'],
    ];
    it('finds each escalation once, newest first, page by page', async () => {
      for (const [name, search, where] of whole) {
        const ids: string[] = [];
        let before: EscalationSearch['before'];
        do {
          const found = await searchEscalations(database.sql, {
            of: null,
            limit: LARGE_PAGE,
            ...search,
            before,
          });
          ids.push(...found.escalations.map(({ id }) => id));
          before = found.next ?? undefined;
        } while (before);
        const { rows } = await raw<{ id: string }>`SELECT id FROM escalations WHERE ${raw.raw(where)}
          ORDER BY created_at DESC, id DESC`.execute(database.sql);
        assert.deepEqual(
          ids,
          rows.map(({ id }) => id),
          name,
        );
      }
    });

    it('reads a bounded number of rows, and no table as a whole', async () => {
      for (const [name, search] of whole) {
        const read = await rowsRead(database, async (sql) => {
          // A search may read as many escalations as there are here. Their order would be that of the table.
          await raw`SET LOCAL enable_seqscan = off`.execute(sql);
          await searchEscalations(sql, { of: null, limit: PAGE, ...search });
        });
        assert.equal(read.wholeTables, 0, name);
        assert.ok(read.rows <= MOST_ROWS_OF_ESCALATIONS, `${name}: it read ${read.rows} rows`);
      }
    });
  });

  // Filling the tables takes minutes: only the whole long suite does it.
  const itWhole = sample === 1 ? itLong : it.skip;
  itWhole('the search of calls reads a bounded number of rows of 1,000,000 calls', async function () {
    const large = await open();
    await addManyCalls(large.sql, { calls: 1_000_000, until: UNTIL, days: 365, people: 2_000 });
    const me = (nth: number) => ({ key: person(nth).objectId, objectId: person(nth).objectId });
    const searches: Wanted[] = [
      {},
      { dispositions: ['not_allowed'] },
      { person: 'family1200' },
      { person: 'given0 family0' },
      { person: 'given', dispositions: ['not_allowed'] },
      { policy: 'policy3' },
      { policy: RARE_POLICY },
      { code: 999 },
      { of: me(1), dispositions: ['not_allowed'] },
      { of: me(1500) },
    ];
    for (const wanted of searches) {
      for (const before of [undefined, { createdAt: '2026-02-01T00:00:00.000Z', id: 'call_0' }]) {
        const read = await rowsOfPage(large, wanted, before);
        const name = `${JSON.stringify(wanted)} before ${before?.createdAt}`;
        assert.equal(read.wholeTables, 0, name);
        assert.ok(read.rows <= MOST_ROWS_OF_MANY, `${name}: it read ${read.rows} rows`);
      }
    }
  });
});

/** Candidates are read twice, up to 3,000 each time; then people are looked up and rows loaded. */
const MOST_ROWS = 8_000;
/** Looks up ten times as many people, and the escalation of each candidate. */
const MOST_ROWS_OF_MANY = 25_000;
/** For each candidate its calls are looked up. */
const MOST_ROWS_OF_ESCALATIONS = 25_000;

/** What the search of one page of calls reads. */
async function rowsOfPage(
  database: Database,
  wanted: Wanted,
  before: CallSearch['before'],
): ReturnType<typeof rowsRead> {
  return await rowsRead(database, async (sql) => {
    const filters = await filtersOf({ ...database, sql }, wanted);
    await searchCalls(sql, { ...filters, of: wanted.of ?? null, before, limit: PAGE });
  });
}
