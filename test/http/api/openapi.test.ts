import assert from 'node:assert/strict';
import { errorCatalogue } from '../../../src/errors.ts';
import { forEachDatabaseByTurns } from '../../support/databases.ts';
import { startWorld } from '../../support/world.ts';
import { ask, descriptionOf, member, membersOf, text } from '../../support/http/api/api.ts';

/** All tests in this folder compare answers with the description: see test/support/http/api/api.ts. */
describe('GET /openapi.json', () => {
  forEachDatabaseByTurns((open, kind) => {
    if (kind === 'postgres') return;
    it('describes every route of /api/v1 and /console/api, and nothing else', async () => {
      const world = await startWorld({ database: await open() });
      const { document } = await descriptionOf(world.url);
      assert.equal(member(document, 'openapi'), '3.1.0');
      const described = membersOf(member(document, 'paths')).flatMap(([path, methods]) =>
        membersOf(methods)
          .map(([name]) => name)
          .map((method) => `${method.toUpperCase()} ${path}`),
      );
      const served = world.app.routes
        .filter(({ path }) => /^\/(api\/v1|console\/api)\//.test(path))
        .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
      assert.ok(served.length >= 10);
      assert.deepEqual(described.toSorted(), served.toSorted());
    });

    it('has valid examples, and unique operation ids', async () => {
      const world = await startWorld({ database: await open() });
      const description = await descriptionOf(world.url);
      const names: unknown[] = [];
      let examples = 0;
      for (const [path, methods] of membersOf(member(description.document, 'paths'))) {
        for (const [method, operation] of membersOf(methods)) {
          names.push(member(operation, 'operationId'));
          const at = ['paths', path, method];
          const json = ['content', 'application/json'];
          const bodies = member(operation, 'requestBody.content.application/json.examples');
          for (const [name, example] of membersOf(bodies)) {
            examples += 1;
            description.check(member(example, 'value'), [...at, 'requestBody', ...json, 'schema'], name);
          }
          for (const [status, answer] of membersOf(member(operation, 'responses'))) {
            if (Number(status) >= 300) continue;
            for (const [type, content] of membersOf(member(answer, 'content'))) {
              examples += 1;
              const pointer = [...at, 'responses', status, 'content', type, 'schema'];
              description.check(member(content, 'example'), pointer, `${method} ${path}`);
            }
          }
        }
      }
      assert.equal(new Set(names).size, names.length);
      assert.ok(examples > names.length);
    });

    it('describes how each kind of key is sent, and the format of refusals for PagerDuty’s clients', async () => {
      const world = await startWorld({ database: await open() });
      const { document } = await descriptionOf(world.url);
      const paths = member(document, 'paths');
      const security = (path: string): unknown => member(member(paths, path), 'post.security');
      assert.deepEqual(security('/api/v1/alerts/grafana/{policy}'), [{ bearer: [] }, { token: [] }]);
      assert.deepEqual(security('/api/v1/heartbeats/{name}'), [{ bearer: [] }, { token: [] }]);
      assert.deepEqual(security('/api/v1/alerts/pagerduty/v2/enqueue'), []);
      assert.equal(security('/api/v1/calls'), undefined, 'as for everybody');

      const body = { routing_key: 'unknown', event_action: 'trigger' };
      const refused = await ask(world, 'POST', '/api/v1/alerts/pagerduty/v2/enqueue', { body, key: null });
      assert.equal(refused.status, 400);
    });

    it('describes numeric query parameters as numbers', async () => {
      const world = await startWorld({ database: await open() });
      const { document } = await descriptionOf(world.url);
      const limits = membersOf(member(document, 'paths'))
        .flatMap(([, methods]) => membersOf(member(methods, 'get.parameters')).map(([, one]) => one))
        .filter((parameter) => member(parameter, 'name') === 'limit');
      assert.equal(limits.length, 2);
      for (const limit of limits) {
        const description = '50 if it is not given.';
        const schema = { type: 'integer', minimum: 1, maximum: 200, description };
        assert.deepEqual(member(limit, 'schema'), schema);
      }
      const refused = await ask(world, 'GET', '/api/v1/calls?limit=201');
      assert.equal(text(refused, 'detail'), 'limit must be a whole number from 1 to 200');
    });

    it('lists only codes of the catalogue, each under its status', async () => {
      const world = await startWorld({ database: await open() });
      const { document } = await descriptionOf(world.url);
      const seen = new Set<string>();
      for (const methods of membersOf(member(document, 'paths')).map(([, value]) => value)) {
        for (const operation of membersOf(methods).map(([, value]) => value)) {
          for (const [status, answer] of membersOf(member(operation, 'responses'))) {
            const codes = member(
              answer,
              'content.application/problem+json.schema.allOf.1.properties.code.enum',
            );
            if (!Array.isArray(codes)) continue;
            for (const code of codes.map(String)) {
              seen.add(code);
              const known = Object.entries(errorCatalogue).find(([name]) => name === code);
              assert.equal(known?.[1].status, Number(status), code);
            }
          }
        }
      }
      assert.ok(seen.has('target_ambiguous') && seen.has('already_acknowledged') && seen.has('rate_limited'));
    });
  });
});
