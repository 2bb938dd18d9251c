import assert from 'node:assert/strict';
import { forEachDatabaseByTurns } from '../../support/databases.ts';
import { startWorld, type World } from '../../support/world.ts';
import { ask, hashOf, list, member, text, type Answer } from '../../support/http/api/api.ts';

const second = 1000;
const hour = 3_600_000;
const yaml = `
policies: {payments: {steps: [{targets: [{user: nestor@contoso.example}, {user: henrietta@contoso.example}]}]}}
apiKeys: [{name: other, hash: ${hashOf('other')}, may: [place]}]
`;
const call = { target: { user: 'nestor@contoso.example' }, message: 'hello' };
const escalation = { policy: 'payments', summary: 'down' };

async function post(
  world: World,
  path: string,
  body: unknown,
  idempotencyKey: string,
  key?: string,
): Promise<Answer> {
  const headers = { 'idempotency-key': idempotencyKey };
  return await ask(world, 'POST', `/api/v1/${path}`, { body, headers, ...(key ? { key } : {}) });
}

const count = async (world: World, path: string): Promise<number> =>
  list(await ask(world, 'GET', `/api/v1/${path}?limit=200`), 'items').length;

describe('Idempotency-Key', () => {
  forEachDatabaseByTurns((open) => {
    for (const [path, body] of [
      ['calls', call],
      ['escalations', escalation],
    ] as const) {
      it(`repeats the first answer and places nothing (${path})`, async () => {
        const world = await startWorld({ database: await open(), yaml });
        const first = await post(world, path, body, 'one');
        assert.equal(first.headers.get('idempotency-replayed'), null);
        await world.pass(5 * second);
        const reordered = Object.fromEntries(Object.entries(body).toReversed());
        for (const same of [body, reordered]) {
          const again = await post(world, path, same, 'one');
          assert.equal(again.status, 202);
          assert.deepEqual(again.body, first.body);
          assert.equal(again.headers.get('idempotency-replayed'), 'true');
        }
        assert.equal(await count(world, path), 1);
        assert.equal(world.emulator.phone('Nestor Wilke').rings().length, 1);
      });

      it(`places one of many concurrent requests (${path})`, async () => {
        const world = await startWorld({ database: await open(), yaml });
        const all = await Promise.all(
          Array.from({ length: 8 }, async () => await post(world, path, body, 'one')),
        );
        assert.deepEqual(new Set(all.map(({ status }) => status)), new Set([202]));
        assert.equal(new Set(all.map((answer) => text(answer, 'id'))).size, 1);
        assert.equal(await count(world, path), 1);
      });
    }

    it('repeats the first answer even at the call limit', async () => {
      const limited = `${yaml}\nlimits: {perCallee: 1/1h}`;
      const world = await startWorld({ database: await open(), yaml: limited });
      const all = await Promise.all(
        Array.from({ length: 8 }, async () => await post(world, 'calls', call, 'one')),
      );
      assert.equal(new Set(all.map((answer) => text(answer, 'id'))).size, 1);
      assert.equal((await post(world, 'calls', call, 'two')).status, 429);
    });

    it('is refused with another body', async () => {
      const world = await startWorld({ database: await open(), yaml });
      await post(world, 'calls', call, 'one');
      const reused = await post(world, 'calls', { ...call, message: 'bye' }, 'one');
      assert.deepEqual([reused.status, reused.code], [409, 'idempotency_key_reused']);
      const both = await Promise.all([
        post(world, 'calls', { ...call, message: 'a' }, 'two'),
        post(world, 'calls', { ...call, message: 'b' }, 'two'),
      ]);
      assert.deepEqual(
        both.map(({ status }) => status).toSorted((a, b) => a - b),
        [202, 409],
      );
      assert.equal(await count(world, 'calls'), 2);
    });

    it('is valid for one caller and one path', async () => {
      const world = await startWorld({ database: await open(), yaml });
      const answers = [
        await post(world, 'calls', call, 'one'),
        await post(world, 'calls', call, 'one', 'other'),
        await post(world, 'escalations', escalation, 'one'),
        await post(world, 'calls', call, 'ONE'),
      ];
      assert.equal(new Set(answers.map((answer) => text(answer, 'id'))).size, 4);
    });

    it('is valid for 24 hours', async () => {
      const world = await startWorld({ database: await open(), yaml });
      const first = await post(world, 'calls', call, 'one');
      const age = async (ms: number): Promise<void> => {
        await world.app.database.sql
          .updateTable('idempotency')
          .set({ created_at: new Date(Date.now() - ms) })
          .execute();
      };
      await age(23 * hour);
      assert.equal(text(await post(world, 'calls', call, 'one'), 'id'), text(first, 'id'));
      await age(25 * hour);
      assert.notEqual(text(await post(world, 'calls', call, 'one'), 'id'), text(first, 'id'));
      await age(25 * hour);
      await post(world, 'calls', call, 'two');
      const left = await world.app.database.sql.selectFrom('idempotency').select('key').execute();
      assert.deepEqual(left, [{ key: 'two' }], 'expired keys are deleted');
    });

    it('is not used up by a failed request', async () => {
      const world = await startWorld({ database: await open(), yaml });
      const wrong = { ...call, target: { user: 'Chris Green' } };
      assert.equal((await post(world, 'calls', wrong, 'one')).status, 422);
      assert.equal((await post(world, 'calls', {}, 'one')).status, 400);
      assert.equal((await post(world, 'calls', call, 'one')).status, 202);
      assert.equal((await post(world, 'escalations', { ...escalation, policy: 'x' }, 'one')).status, 404);
      assert.equal((await post(world, 'escalations', escalation, 'one')).status, 202);
    });

    it('repeats the answer even while the directory is unavailable', async () => {
      const world = await startWorld({ database: await open(), yaml });
      const first = await post(world, 'calls', call, 'one');
      world.emulator.faults.add({ operation: 'graph.*', kind: 'status', status: 503, times: 100 });
      assert.deepEqual((await post(world, 'calls', call, 'one')).body, first.body);
    });
  });

  describe('its format', () => {
    forEachDatabaseByTurns((open, kind) => {
      if (kind === 'postgres') return;
      it('is 1 to 255 visible characters', async () => {
        const world = await startWorld({ database: await open(), yaml });
        for (const key of ['', 'a b', 'x'.repeat(256), 'ä']) {
          const refused = await post(world, 'calls', call, key);
          assert.deepEqual([refused.status, refused.code], [400, 'bad_request'], key);
          assert.match(text(refused, 'detail'), /Idempotency-Key/);
        }
        const longest = await post(world, 'calls', call, `"${'x'.repeat(253)}"`);
        assert.equal(member(longest.body, 'status'), 'queued');
      });
    });
  });
});
