import assert from 'node:assert/strict';
import { sql as raw } from 'kysely';
import type { Database } from '../../src/database/open.ts';
import type { CallRow, HistoryPage, PastEscalation } from '../../src/console/model.ts';
import { addManyCalls, person } from '../support/console/manyCalls.ts';
import { adele, alex, megan, read } from '../support/console/reading.ts';
import { openEmbedded } from '../support/databases.ts';
import { startWorld, type World } from '../support/world.ts';

const UNTIL = '2026-11-30T12:00:00.000Z';
const CALLS = 400;

describe('History in the console', () => {
  let world: World;
  let database: Database;

  before(
    'start Ringdown with 400 calls; Alex sees all, and Adele takes the place of somebody',
    async function () {
      database = await openEmbedded();
      await addManyCalls(database.sql, { calls: CALLS, until: UNTIL, days: 20, people: 20 });
      world = await startWorld({
        database,
        yaml: 'permissions:\n  console:\n    readers:\n      - user: alex@contoso.example\n',
      });
      await becomeAdele(3);
    },
  );

  after(async () => {
    await world.stop();
    await database.close();
  });

  const calls = async (who: string, query = '', headers = {}) =>
    await read<HistoryPage>(world, who, `/calls?${query}`, headers);
  const escalations = async (who: string, query = '') =>
    await read<HistoryPage<PastEscalation>>(world, who, `/escalations?${query}`);

  /** Lets Adele take the place of a made person. */
  async function becomeAdele(nth: number): Promise<void> {
    const { objectId } = person(nth);
    await raw`UPDATE calls SET target_key = ${`teamsUser:${adele}`} WHERE target_key = ${`teamsUser:${objectId}`}`.execute(
      database.sql,
    );
    await raw`UPDATE calls SET requester_key = ${adele} WHERE requester_key = ${objectId}`.execute(
      database.sql,
    );
  }

  it('shows all calls to readers who see all, 50 at a time', async () => {
    const ids: string[] = [];
    for (let cursor = ''; ;) {
      const { status, body } = await calls(alex, cursor && `cursor=${cursor}`);
      assert.equal(status, 200);
      ids.push(...body.items.map(({ id }) => id));
      if (body.nextCursor === null) break;
      assert.equal(body.items.length, 50);
      cursor = body.nextCursor;
    }
    assert.equal(new Set(ids).size, CALLS);
  });

  it('shows what chat’s history shows to others: calls that they requested, and alerts to their phone', async () => {
    assert.deepEqual((await calls(megan)).body, { items: [], nextCursor: null, searchedTo: null });
    const { items } = (await calls(adele)).body;
    assert.ok(items.length > 0);
    const { rows } = await raw<{ id: string }>`SELECT id FROM calls WHERE requester_key = ${adele}
      OR escalation_id IS NOT NULL AND target_key = ${`teamsUser:${adele}`}
      ORDER BY created_at DESC, id DESC LIMIT 50`.execute(database.sql);
    assert.deepEqual(
      items.map(({ id }) => id),
      rows.map(({ id }) => id),
    );
  });

  it('shows people the escalations that concern them, and no others', async () => {
    assert.deepEqual((await escalations(megan)).body.items, []);
    const { items } = (await escalations(adele)).body;
    const { rows } = await raw<{ id: string }>`SELECT id FROM escalations
      WHERE id IN (SELECT escalation_id FROM calls WHERE target_key = ${`teamsUser:${adele}`})
      ORDER BY created_at DESC, id DESC LIMIT 50`.execute(database.sql);
    assert.deepEqual(
      items.map(({ id }) => id),
      rows.map(({ id }) => id),
    );
    assert.equal((await escalations(alex)).body.items.length, 50, 'who sees all sees these too');
  });

  it('finds nothing of others by any filter', async () => {
    for (const query of ['person=given3', 'policy=policy1', 'disposition=no_answer', 'code=480']) {
      assert.deepEqual((await calls(megan, query)).body.items, [], query);
    }
    for (const query of ['person=given3', 'policy=policy1', 'status=resolved']) {
      assert.deepEqual((await escalations(megan, query)).body.items, [], query);
    }
  });

  it('combines filters', async () => {
    const { items } = (await calls(alex, 'person=given&disposition=no_answer,busy&code=480/560480')).body;
    assert.ok(items.length > 0);
    assert.ok(items.every((call) => call.disposition === 'no_answer' && call.subCode === 560_480));
    const ofPolicy = (await calls(alex, 'policy=policy3')).body.items;
    assert.ok(ofPolicy.length > 0 && ofPolicy.every(({ policy }) => policy === 'policy3'));
  });

  it('takes days of the reader’s zone, the last one included', async () => {
    const at = (rows: CallRow[]): [string | undefined, string | undefined] => [
      rows.at(-1)?.createdAt,
      rows[0]?.createdAt,
    ];
    const query = 'from=2026-11-20&until=2026-11-20';
    const [first = '', last = ''] = at((await calls(alex, query)).body.items);
    assert.ok(first >= '2026-11-20T00:00' && last < '2026-11-21T00:00', `${first} … ${last}`);
    const tokyo = (await calls(alex, query, { 'x-time-zone': 'Asia/Tokyo' })).body.items;
    const [from = '', to = ''] = at(tokyo);
    assert.ok(from >= '2026-11-19T15:00' && to < '2026-11-20T15:00', `${from} … ${to}`);
  });

  it('writes a row of a call as its card does, in the reader’s language', async () => {
    const [call] = (await calls(alex, 'disposition=busy', { 'accept-language': 'de' })).body.items;
    assert.equal(call?.text, 'Besetzt');
    assert.deepEqual(Object.keys(call ?? {}).toSorted(), [
      'callee',
      'caller',
      'code',
      'connectedAt',
      'createdAt',
      'disposition',
      'endedAt',
      'escalationId',
      'id',
      'policy',
      'state',
      'subCode',
      'text',
    ]);
  });

  it('names who acknowledged an escalation, and marks tests', async () => {
    const { items } = (await escalations(alex, 'policy=policy7')).body;
    assert.ok(items.every(({ policy }) => policy === 'policy7'));
    assert.ok(items.some(({ test }) => test));
    assert.match(items[0]?.acknowledgedBy?.name ?? '', /^Given/);
  });

  for (const [query, fault] of [
    ['code=4x', /code must be a result code/],
    ['disposition=broken', /must be some of/],
    ['from=2026-02-30', /from must be a day/],
    ['from=yesterday', /from must be a day/],
    ['from=0001-01-01', /from must be a day/],
    ['cursor=WyIwMDAwLTAxLTAxVDAwOjAwOjAwWiIsImNhbGxfeCJd', /cursor was not returned/],
    ['cursor=abc', /cursor was not returned/],
    ['colour=red', /colour is unknown/],
  ] as const) {
    it(`refuses ${query}`, async () => {
      const { status, body } = await read<{ detail: string }>(world, alex, `/calls?${query}`);
      assert.equal(status, 400);
      assert.match(body.detail, fault);
    });
  }
});
