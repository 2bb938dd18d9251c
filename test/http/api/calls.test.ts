import assert from 'node:assert/strict';
import { forEachDatabaseByTurns } from '../../support/databases.ts';
import { startWorld } from '../../support/world.ts';
import { mayLeave } from '../../support/http/api/awayDatabase.ts';
import { ask, hashOf, list, member, text, type Answer } from '../../support/http/api/api.ts';

const second = 1000;
const adele = '87d349ed-44d7-43e1-9a83-5f2406dee5bd';
const helpDesk = '9cdebf6a-57da-4cbb-8f8d-7a8b9cadbe09';
const yaml = `
voiceApps: {help desk: ${helpDesk}}
policies:
  payments: {steps: [{targets: [{user: adele@contoso.example}]}]}
  web: {steps: [{targets: [{user: alex@contoso.example}]}]}
apiKeys:
  - {name: payer, hash: ${hashOf('payer')}, may: [place, read, acknowledge], policies: [payments]}
`;

describe('calls through the API', () => {
  forEachDatabaseByTurns((open) => {
    it('calls Adele, speaks the message, and says how it ended', async () => {
      const world = await startWorld({ database: await open() });
      const placed = await ask(world, 'POST', '/api/v1/calls', {
        body: {
          target: { user: 'adele@contoso.example' },
          message: 'The build is red',
          ringTimeoutSeconds: 30,
          connectTo: null,
        },
      });
      assert.equal(placed.status, 202);
      const id = text(placed, 'id');
      assert.match(id, /^call_/);
      assert.deepEqual(placed.body, {
        id,
        status: 'queued',
        disposition: null,
        target: { kind: 'teamsUser', id: adele, displayName: 'Adele Vance' },
        requestedBy: { kind: 'api', name: 'tests' },
        escalationId: null,
        createdAt: text(placed, 'createdAt'),
        connectedAt: null,
        endedAt: null,
        code: null,
        subCode: null,
        reason: null,
        timeline: [{ at: text(placed, 'createdAt'), type: 'queued' }],
      });

      await world.pass(30 * second);
      const ended = await ask(world, 'GET', `/api/v1/calls/${id}`);
      assert.equal(ended.status, 200);
      assert.equal(text(ended, 'disposition'), 'answered');
      assert.match(text(ended, 'reason'), /Adele Vance/);
      assert.ok(list(ended, 'timeline').length > 4);
      const [spoken] = world.emulator.phone('Adele Vance').spoken();
      assert.match(spoken ?? '', /The build is red/);
    });

    it('connects the callee to a Teams user', async () => {
      const world = await startWorld({ database: await open() });
      const body = { target: { user: 'Adele Vance' }, connectTo: { user: 'megan@contoso.example' } };
      const placed = await ask(world, 'POST', '/api/v1/calls', { body });
      await world.pass(30 * second);
      const ended = await ask(world, 'GET', `/api/v1/calls/${text(placed, 'id')}`);
      assert.equal(text(ended, 'disposition'), 'connected_to_caller');
    });

    it('hangs up once', async () => {
      const world = await startWorld({ database: await open() });
      const body = { target: { user: 'nestor@contoso.example' }, message: 'hello' };
      const id = text(await ask(world, 'POST', '/api/v1/calls', { body }), 'id');
      await world.pass(5 * second);
      const asked = await ask(world, 'POST', `/api/v1/calls/${id}/hang-up`);
      assert.equal(asked.status, 202);
      assert.equal(text(asked, 'id'), id);
      await world.pass(5 * second);
      const ended = await ask(world, 'GET', `/api/v1/calls/${id}`);
      assert.equal(text(ended, 'disposition'), 'cancelled');
      const again = await ask(world, 'POST', `/api/v1/calls/${id}/hang-up`);
      assert.deepEqual([again.status, again.code], [409, 'wrong_state']);
      const unknown = await ask(world, 'POST', '/api/v1/calls/call_0/hang-up');
      assert.deepEqual([unknown.status, unknown.code], [404, 'not_found']);
    });

    it('lists them page by page, newest first, while more come', async () => {
      const world = await startWorld({ database: await open() });
      const ids: string[] = [];
      for (let count = 0; count < 5; count++) {
        const body = { target: { user: adele }, message: `number ${count}` };
        ids.unshift(text(await ask(world, 'POST', '/api/v1/calls', { body }), 'id'));
        await world.pass(second);
      }
      const first = await ask(world, 'GET', '/api/v1/calls?limit=2&cursor=');
      await ask(world, 'POST', '/api/v1/calls', { body: { target: { user: adele }, message: 'new' } });
      const next = await ask(world, 'GET', `/api/v1/calls?limit=2&cursor=${text(first, 'nextCursor')}`);
      const last = await ask(world, 'GET', `/api/v1/calls?limit=2&cursor=${text(next, 'nextCursor')}`);
      const shown = [first, next, last].flatMap((page) =>
        list(page, 'items').map((one) => member(one, 'id')),
      );
      assert.deepEqual(shown, ids);
      assert.equal(member(last.body, 'nextCursor'), null);
      assert.equal(member(first.body, 'items.0.timeline'), undefined);

      await world.pass(120 * second);
      assert.deepEqual(list(await ask(world, 'GET', '/api/v1/calls?status=queued'), 'items'), []);
      assert.equal(list(await ask(world, 'GET', '/api/v1/calls?status=ended&limit=200'), 'items').length, 6);
    });

    it('hides other policies’ calls from a key for some policies', async () => {
      const world = await startWorld({ database: await open(), yaml });
      for (const policy of ['payments', 'web']) {
        await ask(world, 'POST', '/api/v1/escalations', { body: { policy, summary: 'down' } });
      }
      const body = { target: { user: 'megan@contoso.example' }, message: 'hello' };
      await ask(world, 'POST', '/api/v1/calls', { body });
      await world.pass(5 * second);
      const all = list(await ask(world, 'GET', '/api/v1/calls'), 'items');
      const names = (items: unknown[]): Set<unknown> =>
        new Set(items.map((one) => member(one, 'target.displayName')));
      assert.deepEqual(names(all), new Set(['Adele Vance', 'Alex Wilber', 'Megan Bowen']));
      const own = await ask(world, 'GET', '/api/v1/calls', { key: 'payer' });
      assert.deepEqual(names(list(own, 'items')), new Set(['Adele Vance', 'Megan Bowen']));
      const hidden = all.find((one) => member(one, 'target.displayName') === 'Alex Wilber');
      const refused = await ask(world, 'GET', `/api/v1/calls/${String(member(hidden, 'id'))}`, {
        key: 'payer',
      });
      assert.deepEqual([refused.status, refused.code], [403, 'forbidden']);
      const end = await ask(world, 'POST', `/api/v1/calls/${String(member(hidden, 'id'))}/hang-up`, {
        key: 'payer',
      });
      assert.deepEqual([end.status, end.code], [403, 'forbidden']);
    });
  });

  describe('the target of a call', () => {
    forEachDatabaseByTurns((open, kind) => {
      if (kind === 'postgres') return;
      const ends: readonly [string, object, string, string | null][] = [
        ['object id', { user: adele.toUpperCase() }, 'teamsUser', adele],
        ['display name', { user: 'adele vance' }, 'teamsUser', adele],
        ['mail', { user: "sian.o'connor-lukasz@contoso.example" }, 'teamsUser', null],
        ['name of a voice app', { voiceApp: 'Help Desk' }, 'voiceApp', helpDesk],
        ['id of a voice app', { voiceApp: helpDesk }, 'voiceApp', helpDesk],
        [
          'identity of ACS',
          { communicationUser: '8:acs:1b5cc06b_a1' },
          'communicationUser',
          '8:acs:1b5cc06b_a1',
        ],
      ];
      it('is found', async () => {
        const world = await startWorld({ database: await open(), yaml });
        for (const [what, target, as, id] of ends) {
          const placed = await ask(world, 'POST', '/api/v1/calls', { body: { target, message: 'hello' } });
          assert.equal(placed.status, 202, what);
          assert.equal(text(placed, 'target.kind'), as, what);
          if (id !== null) assert.equal(text(placed, 'target.id'), id, what);
        }
      });

      it('is refused with advice before anything is stored', async () => {
        const world = await startWorld({ database: await open(), yaml });
        const wrong: readonly [object, number, string, string, unknown][] = [
          [{ user: 'zzyzx@contoso.example' }, 404, 'target_not_found', 'suggestions', []],
          [{ voiceApp: 'nothing' }, 404, 'target_not_found', 'status', 404],
          [{ user: 'Chris Green' }, 422, 'target_ambiguous', 'candidates.0.displayName', 'Chris Green'],
          [{ user: 'henrietta@contoso.example' }, 422, 'target_not_callable', 'reason', 'disabled'],
          [{ user: 'irvin@contoso.example' }, 422, 'target_not_callable', 'reason', 'noTeamsPhone'],
          [{ user: 'patti@fabrikam.example' }, 422, 'target_not_callable', 'reason', 'guest'],
          [{ communicationUser: '8:dod-acs:1_2' }, 422, 'target_not_callable', 'reason', 'otherCloud'],
        ];
        for (const [target, status, code, at, value] of wrong) {
          const refused = await ask(world, 'POST', '/api/v1/calls', { body: { target, message: 'hello' } });
          assert.deepEqual([refused.status, refused.code], [status, code], JSON.stringify(target));
          assert.deepEqual(member(refused.body, at), value, JSON.stringify(refused.body));
        }
        const connect = { target: { user: adele }, connectTo: { voiceApp: 'help desk' } };
        const refused = await ask(world, 'POST', '/api/v1/calls', { body: connect });
        assert.deepEqual([refused.status, refused.code], [422, 'connect_needs_teams']);
        const same = { target: { user: adele }, connectTo: { user: 'Adele Vance' } };
        assert.equal((await ask(world, 'POST', '/api/v1/calls', { body: same })).code, 'bad_request');
        assert.deepEqual(list(await ask(world, 'GET', '/api/v1/calls'), 'items'), []);
      });

      it('may be denied by the rules, or by the limit of calls', async () => {
        const rules =
          'limits: {perCallee: 2/1h}\npermissions: {callees: {deny: [{user: megan@contoso.example}]}}';
        const world = await startWorld({ database: await open(), yaml: rules });
        const place = async (user: string): Promise<Answer> =>
          await ask(world, 'POST', '/api/v1/calls', { body: { target: { user }, message: 'hello' } });
        const denied = await place('megan@contoso.example');
        assert.deepEqual([denied.status, denied.code], [403, 'not_allowed']);
        assert.deepEqual([(await place(adele)).status, (await place(adele)).status], [202, 202]);
        const limited = await place(adele);
        assert.deepEqual([limited.status, limited.code], [429, 'rate_limited']);
        assert.ok(Number(limited.headers.get('retry-after')) > 3500);
      });

      it('is unknown while the directory is unavailable', async () => {
        const world = await startWorld({ database: await open(), env: { GRAPH_URL: 'http://127.0.0.1:9' } });
        const body = { target: { user: adele }, message: 'hello' };
        const refused = ask(world, 'POST', '/api/v1/calls', { body });
        // Its retries wait for the clock.
        const passing = world.pass(20 * second);
        const { status, code, headers } = await refused;
        await passing;
        assert.deepEqual([status, code], [503, 'directory_unavailable']);
        assert.ok(Number(headers.get('retry-after')) > 0);
      });
    });
  });

  describe('the body of a call', () => {
    forEachDatabaseByTurns((open, kind) => {
      if (kind === 'postgres') return;
      it('says what is wrong with each member', async () => {
        const world = await startWorld({ database: await open() });
        const target = { user: adele };
        const cases: readonly [unknown, RegExp][] = [
          [{ target }, /needs a message.*or connectTo/],
          [{ target, message: null, connectTo: null }, /needs a message.*or connectTo/],
          [{ target, message: 'a', connectTo: { user: 'x' } }, /send only one of them/],
          [{ message: 'a' }, /^target is missing$/],
          [{ target: 'adele', message: 'a' }, /^target must be one of/],
          [{ target: { user: '' }, message: 'a' }, /^target\.user must be text/],
          [{ target: { user: 'a', voiceApp: 'b' }, message: 'a' }, /^target/],
          [{ target, message: ' ' }, /^message must be text of 1 to 2000 characters$/],
          [{ target, message: 'x'.repeat(2001) }, /^message must be text/],
          [{ target, message: 7 }, /^message must be text/],
          [
            { target, message: 'a', ringTimeoutSeconds: 4 },
            /^ringTimeoutSeconds must be a whole number from 5 to 120$/,
          ],
          [{ target, message: 'a', ringTimeoutSeconds: 121 }, /^ringTimeoutSeconds must/],
          [{ target, message: 'a', ringTimeoutSeconds: '30' }, /^ringTimeoutSeconds must/],
          [{ target, message: 'a', urgent: true, colour: 1 }, /urgent is unknown.*colour is unknown/],
          [[], /^The body must be an object$/],
          ['null', /^The body must be an object$/],
          ['{"target":', /not valid JSON/],
        ];
        for (const [body, detail] of cases) {
          const refused = await ask(world, 'POST', '/api/v1/calls', { body });
          assert.deepEqual([refused.status, refused.code], [400, 'bad_request'], JSON.stringify(body));
          assert.match(text(refused, 'detail'), detail);
        }
        for (const query of ['limit=0', 'limit=201', 'limit=x', 'status=ringing', 'cursor=x', 'page=2']) {
          const refused = await ask(world, 'GET', `/api/v1/calls?${query}`);
          assert.deepEqual([refused.status, refused.code], [400, 'bad_request'], query);
          assert.match(text(refused, 'detail'), new RegExp(`^${query.split('=')[0]} `));
        }
      });

      it('accepts no other type, and no body that is too large', async () => {
        const world = await startWorld({ database: await open() });
        const form = await ask(world, 'POST', '/api/v1/calls', {
          body: 'target=adele',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
        });
        assert.deepEqual([form.status, form.code], [415, 'unsupported_media_type']);
        const large = await ask(world, 'POST', '/api/v1/calls', {
          body: { message: 'x'.repeat(512 * 1024) },
        });
        assert.deepEqual([large.status, large.code], [413, 'payload_too_large']);
      });

      it('refuses a message without speech', async () => {
        const world = await startWorld({ database: await open(), env: { COGNITIVE_SERVICES_ENDPOINT: '' } });
        const body = { target: { user: adele }, message: 'hello' };
        const refused = await ask(world, 'POST', '/api/v1/calls', { body });
        assert.deepEqual([refused.status, refused.code], [422, 'speech_not_configured']);
        const connect = { target: { user: adele }, connectTo: { user: 'megan@contoso.example' } };
        assert.equal((await ask(world, 'POST', '/api/v1/calls', { body: connect })).status, 202);
      });

      it('removes characters that the database cannot store, and places the call', async () => {
        const world = await startWorld({ database: await open() });
        const body = { target: { user: adele }, message: 'cut off \ud83d and \0 zero' };
        assert.equal((await ask(world, 'POST', '/api/v1/calls', { body })).status, 202);
      });

      it('gets 503 while the database is unavailable', async () => {
        const { database, leave } = mayLeave(await open());
        const world = await startWorld({ database });
        await ask(world, 'GET', '/api/v1/calls');
        leave();
        for (const asked of [
          await ask(world, 'POST', '/api/v1/calls', { body: { target: { user: adele }, message: 'hello' } }),
          await ask(world, 'GET', '/api/v1/calls'),
          await ask(world, 'POST', '/api/v1/calls/call_1/hang-up'),
          await ask(world, 'GET', '/api/v1/escalations/esc_1'),
        ]) {
          assert.deepEqual([asked.status, asked.code], [503, 'unavailable']);
          assert.equal(asked.headers.get('retry-after'), '5');
        }
      });
    });
  });
});
