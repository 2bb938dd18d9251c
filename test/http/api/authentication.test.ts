import assert from 'node:assert/strict';
import { readRingdownYaml } from '../../../src/config/ringdownYaml.ts';
import { forEachDatabaseByTurns } from '../../support/databases.ts';
import { API_KEY, startWorld, type World } from '../../support/world.ts';
import { ask, hashOf, text } from '../../support/http/api/api.ts';

const second = 1000;
const policies = 'policies: {payments: {steps: [{targets: [{user: adele@contoso.example}]}]}}';
const keys = (entries: string): string => `${policies}\napiKeys:\n${entries}`;

const call = { target: { user: 'adele@contoso.example' }, message: 'hello' };
const escalation = { policy: 'payments', summary: 'down' };

const status = async (world: World, key: string | null, path = '/api/v1/calls'): Promise<number> =>
  (await ask(world, 'GET', path, { key })).status;

describe('API keys', () => {
  forEachDatabaseByTurns((open, kind) => {
    if (kind === 'pglite') {
      it('admits nobody without a valid key', async () => {
        const yaml = `${policies}\nintegrations: [{name: p, kind: alertmanager, hash: ${hashOf('alerts')}, policy: payments}]`;
        const world = await startWorld({ database: await open(), yaml });
        const wrong: Record<string, string>[] = [
          {},
          { authorization: '' },
          { authorization: API_KEY },
          { authorization: `Basic ${API_KEY}` },
          { authorization: 'Bearer ' },
          { authorization: 'Bearer wrong' },
          { authorization: `Bearer ${hashOf(API_KEY)}` },
          { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.x' },
        ];
        for (const headers of wrong) {
          for (const path of ['/api/v1/calls', '/api/v1/escalations', '/api/v1/calls/call_1']) {
            const refused = await ask(world, 'GET', path, { key: null, headers });
            assert.deepEqual([refused.status, refused.code], [401, 'unauthorized'], JSON.stringify(headers));
            assert.equal(refused.headers.get('www-authenticate'), 'Bearer');
          }
        }
        const placed = await ask(world, 'POST', '/api/v1/calls', { key: 'wrong', body: call });
        assert.equal(placed.status, 401);
        const integration = await ask(world, 'GET', '/api/v1/calls', { key: 'alerts' });
        assert.deepEqual([integration.status, integration.code], [403, 'forbidden']);
        assert.match(text(integration, 'detail'), /alerts/);
        assert.equal(await status(world, API_KEY), 200);
        assert.equal(await status(world, null, '/openapi.json'), 200);
        assert.ok(!world.log.join('\n').includes(API_KEY));
      });

      it('allows each key its rights and no more', async () => {
        const world = await startWorld({
          database: await open(),
          yaml: keys(
            ['place', 'read', 'acknowledge']
              .map((right) => `  - {name: ${right}, hash: ${hashOf(right)}, may: [${right}]}`)
              .join('\n'),
          ),
        });
        const id = text(await ask(world, 'POST', '/api/v1/escalations', { body: escalation }), 'id');
        const callId = text(await ask(world, 'POST', '/api/v1/calls', { body: call }), 'id');
        const by = { by: 'Adele' };
        const asks: readonly ['GET' | 'POST', string, object | undefined, string][] = [
          ['POST', '/api/v1/calls', call, 'place'],
          ['POST', '/api/v1/escalations', escalation, 'place'],
          ['GET', '/api/v1/calls', undefined, 'read'],
          ['GET', `/api/v1/calls/${callId}`, undefined, 'read'],
          ['POST', `/api/v1/calls/${callId}/hang-up`, undefined, 'place'],
          ['GET', '/api/v1/escalations', undefined, 'read'],
          ['GET', `/api/v1/escalations/${id}`, undefined, 'read'],
          ['POST', `/api/v1/escalations/${id}/acknowledge`, by, 'acknowledge'],
          ['POST', `/api/v1/escalations/${id}/resolve`, by, 'acknowledge'],
        ];
        for (const [method, path, body, right] of asks) {
          for (const key of ['place', 'read', 'acknowledge']) {
            const answer = await ask(world, method, path, { key, body });
            if (key === right) assert.ok(answer.status < 300, `${key} ${path}: ${answer.status}`);
            else assert.deepEqual([answer.status, answer.code], [403, 'forbidden'], `${key} ${path}`);
          }
        }
      });

      it('applies key changes of the file without a restart', async () => {
        const world = await startWorld({
          database: await open(),
          yaml: keys(`  - {name: ci, hash: ${hashOf('old')}, may: [read]}`),
        });
        const reload = async (entries: string): Promise<void> =>
          await world.app.reload(readRingdownYaml(keys(entries), {}));
        assert.deepEqual([await status(world, 'old'), await status(world, 'new')], [200, 401]);
        await reload(
          `  - {name: ci, hash: ${hashOf('old')}, may: [read]}\n  - {name: ci-2, hash: ${hashOf('new')}, may: [read]}`,
        );
        assert.deepEqual([await status(world, 'old'), await status(world, 'new')], [200, 200]);
        await reload(`  - {name: ci-2, hash: ${hashOf('new')}, may: [place]}`);
        assert.deepEqual([await status(world, 'old'), await status(world, 'new')], [401, 403]);
        assert.equal(await status(world, API_KEY), 200, 'keys of the environment remain valid');
      });
    }

    it('limits the requests of a key in any window', async () => {
      const yaml = keys(
        `  - {name: ci, hash: ${hashOf('ci')}, may: [read], limit: 3/1m}\n  - {name: b, hash: ${hashOf('b')}, may: [read]}`,
      );
      const world = await startWorld({ database: await open(), yaml });
      assert.equal(await status(world, 'ci'), 200);
      await world.pass(40 * second);
      assert.deepEqual([await status(world, 'ci'), await status(world, 'ci')], [200, 200]);
      const refused = await ask(world, 'GET', '/api/v1/calls', { key: 'ci' });
      assert.deepEqual([refused.status, refused.code], [429, 'rate_limited']);
      assert.equal(refused.headers.get('retry-after'), '20');
      assert.equal(await status(world, 'b'), 200, 'another key has its own');
      assert.equal((await ask(world, 'POST', '/api/v1/calls', { key: 'ci', body: call })).status, 403);

      await world.pass(20 * second);
      assert.deepEqual([await status(world, 'ci'), await status(world, 'ci')], [200, 429]);
      await world.pass(40 * second);
      assert.deepEqual(
        [await status(world, 'ci'), await status(world, 'ci'), await status(world, 'ci')],
        [200, 200, 429],
      );
    });

    it('admits exactly the limit of concurrent requests, whichever replica they reach', async () => {
      const yaml = keys(`  - {name: ci, hash: ${hashOf('ci')}, may: [read], limit: 5/1h}`);
      const database = await open();
      const world = await startWorld({ database, yaml });
      const other =
        kind === 'postgres'
          ? await startWorld({ database: { ...database, close: async () => undefined }, yaml, with: world })
          : world;
      const all = await Promise.all(
        Array.from({ length: 12 }, async (_, index) => await status(index % 2 ? world : other, 'ci')),
      );
      assert.deepEqual(
        all.toSorted((a, b) => a - b),
        [200, 200, 200, 200, 200, 429, 429, 429, 429, 429, 429, 429],
      );
    });
  });
});
