import assert from 'node:assert/strict';
import { forEachDatabaseByTurns } from '../../support/databases.ts';
import { until } from '../../support/until.ts';
import { startWorld } from '../../support/world.ts';
import { ask, hashOf, list, member, text, type Answer } from '../../support/http/api/api.ts';

const second = 1000;
const yaml = `
rotations: {web: {members: [adele@contoso.example], every: 1w, handover: "Mon 09:00"}}
policies:
  payments:
    steps:
      - {targets: [{user: debra@contoso.example}], ringTimeoutSeconds: 30}
      - {targets: [{user: alex@contoso.example}]}
  nobody:
    steps:
      - {targets: [{user: henrietta@contoso.example}]}
      - {targets: [{user: irvin@contoso.example}, {user: zzyzx}]}
  slow:
    steps:
      - {targets: [{user: nestor@contoso.example}], ringTimeoutSeconds: 30, pauseSeconds: 3600}
      - {targets: [{user: megan@contoso.example}]}
  partly:
    steps: [{targets: [{user: nestor@contoso.example}, {user: patti@fabrikam.example}]}]
apiKeys:
  - {name: payer, hash: ${hashOf('payer')}, may: [place, read, acknowledge], policies: [payments]}
  - {name: other, hash: ${hashOf('other')}, may: [place, read, acknowledge]}
`;
const waiting = {
  steps: [{ targets: [{ user: 'nestor@contoso.example' }] }],
  summary: 'The backup has failed',
};

const names = (answer: Answer, at: string, path: string): unknown[] =>
  list(answer, at).map((one) => member(one, path));

describe('escalations through the API', () => {
  forEachDatabaseByTurns((open) => {
    it('calls one after another until somebody acknowledges', async () => {
      const world = await startWorld({ database: await open(), yaml });
      const links = [{ text: 'dashboard', href: 'https://grafana.contoso.example/d/1' }];
      const started = await ask(world, 'POST', '/api/v1/escalations', {
        body: {
          policy: 'payments',
          summary: 'Checkout errors over 5 %',
          details: 'Since 02:58',
          severity: 'critical',
          dedupKey: 'checkout-5xx',
          links,
        },
      });
      assert.equal(started.status, 202);
      const id = text(started, 'id');
      assert.match(id, /^esc_/);
      assert.deepEqual(
        ['status', 'step', 'acknowledgedBy', 'calls', 'links', 'warnings'].map((at) =>
          member(started.body, at),
        ),
        ['open', 0, null, [], links, []],
      );
      assert.deepEqual(names(started, 'timeline', 'type'), ['opened']);

      await world.pass(20 * second);
      const running = await ask(world, 'GET', `/api/v1/escalations/${id}`);
      assert.equal(member(running.body, 'step'), 1);
      assert.deepEqual(names(running, 'calls', 'target.displayName'), ['Debra Berger', 'Alex Wilber']);
      assert.deepEqual(names(running, 'calls', 'escalationId'), [id, id]);
      assert.equal(member(running.body, 'calls.0.disposition'), 'declined');

      const body = { by: 'Alex@Contoso.example', note: 'rolling back' };
      const taken = await ask(world, 'POST', `/api/v1/escalations/${id}/acknowledge`, { body });
      assert.equal(taken.status, 200);
      assert.equal(text(taken, 'status'), 'acknowledged');
      assert.equal(
        text(taken, 'acknowledgedBy.name'),
        'Alex Wilber',
        'the callee has the name from the directory',
      );
      const entry = list(taken, 'timeline').find((one) => member(one, 'type') === 'acknowledged');
      assert.deepEqual(member(entry, 'data'), { name: 'Alex Wilber', way: 'api', note: 'rolling back' });

      await world.pass(60 * second);
      const over = await ask(world, 'GET', `/api/v1/escalations/${id}`);
      assert.equal(list(over, 'calls').length, 2, 'nobody else is called');
      assert.equal((await ask(world, 'POST', `/api/v1/escalations/${id}/resolve`, { body })).status, 200);
    });

    it('is acknowledged by one person only, who may do it again', async () => {
      const world = await startWorld({ database: await open(), yaml });
      const id = text(await ask(world, 'POST', '/api/v1/escalations', { body: waiting }), 'id');
      const act = async (what: string, by: string): Promise<Answer> =>
        await ask(world, 'POST', `/api/v1/escalations/${id}/${what}`, { body: { by } });

      const both = await Promise.all([act('acknowledge', 'Adele'), act('acknowledge', 'Alex')]);
      assert.deepEqual(
        both.map(({ status }) => status).toSorted((a, b) => a - b),
        [200, 409],
      );
      const winner = both[0]?.status === 200 ? 'Adele' : 'Alex';
      const lost = both.find(({ status }) => status === 409);
      assert.equal(lost?.code, 'already_acknowledged');
      assert.equal(member(lost.body, 'acknowledgedBy.name'), winner);
      assert.match(text(lost, 'detail'), new RegExp(winner));
      assert.equal((await act('acknowledge', winner.toUpperCase())).status, 200);

      assert.equal((await act('resolve', 'Megan')).status, 200);
      for (const what of ['acknowledge', 'resolve', 'cancel']) {
        const late = await act(what, 'Megan');
        assert.deepEqual([late.status, late.code], [409, 'wrong_state'], what);
      }
      const shown = await ask(world, 'GET', `/api/v1/escalations/${id}`);
      assert.equal(text(shown, 'status'), 'resolved');
      assert.equal(text(shown, 'endedBy.name'), 'Megan');
    });

    it('is acknowledged by the same person however they are named, even before they are called', async () => {
      const world = await startWorld({ database: await open(), yaml });
      const diego = world.emulator.people.change('Diego Siciliani', { mail: 'd.siciliani@contoso.example' });
      const id = text(await ask(world, 'POST', '/api/v1/escalations', { body: waiting }), 'id');
      const acknowledge = async (by: string): Promise<Answer> =>
        await ask(world, 'POST', `/api/v1/escalations/${id}/acknowledge`, { body: { by } });

      const first = await acknowledge('Diego@Contoso.example');
      assert.equal(first.status, 200);
      assert.equal(text(first, 'acknowledgedBy.name'), 'Diego Siciliani', 'with the name from the directory');
      for (const again of [diego.id, diego.id.toUpperCase(), 'd.siciliani@contoso.example']) {
        assert.equal((await acknowledge(again)).status, 200, again);
      }
      assert.equal((await acknowledge('adele@contoso.example')).code, 'already_acknowledged');

      const pressed = await world.emulator.channel.send({ from: 'Diego Siciliani', text: 'ack' });
      assert.equal(pressed.status, 200);
      const said = world.emulator.channel.messages(pressed.conversationId).at(-1)?.activity.text ?? '';
      assert.doesNotMatch(said, /Diego/, 'it does not conflict with himself');
    });

    it('is acknowledged by somebody whom the directory does not know, or does not find in time', async () => {
      const world = await startWorld({ database: await open(), yaml });
      const id = text(await ask(world, 'POST', '/api/v1/escalations', { body: waiting }), 'id');
      const silence = world.emulator.faults.add({
        operation: 'graph.*',
        kind: 'status',
        status: 503,
        times: 1000,
      });
      const answer = ask(world, 'POST', `/api/v1/escalations/${id}/acknowledge`, {
        body: { by: 'robot@elsewhere.example' },
      });
      await until(() => silence.left < 1000, 'the directory was asked');
      await world.pass(10 * second);
      assert.equal((await answer).status, 200);
      assert.equal(text(await answer, 'acknowledgedBy.name'), 'robot@elsewhere.example');
    });

    it('is acknowledged by the same person even while the directory does not answer', async () => {
      const world = await startWorld({ database: await open(), yaml });
      const megan = world.emulator.people.get('megan@contoso.example');
      const start = async (body: object): Promise<(by: string) => Promise<Answer>> => {
        const id = text(await ask(world, 'POST', '/api/v1/escalations', { body }), 'id');
        return async (by) => {
          // The directory gets three seconds.
          return await world.passUntil(
            ask(world, 'POST', `/api/v1/escalations/${id}/acknowledge`, { body: { by } }),
          );
        };
      };
      const known = await start(waiting);
      const unknown = await start({ ...waiting, summary: 'Another backup has failed' });
      const later = await start({ policy: 'slow', summary: 'Checkout errors over 5 %' });
      assert.equal((await known('alex@contoso.example')).status, 200);
      // Answers of the directory are kept no longer than that.
      await world.pass(301 * second);
      const silence = world.emulator.faults.add({
        operation: 'graph.*',
        kind: 'status',
        status: 503,
        times: 100_000,
      });

      assert.equal((await known('Alex@contoso.example')).status, 200, 'with the same name as before');
      assert.equal((await known('megan@contoso.example')).code, 'already_acknowledged');
      const first = await later('Megan@contoso.example');
      assert.deepEqual(
        [first.status, text(first, 'acknowledgedBy.name')],
        [200, 'Megan Bowen'],
        'in the policy, although her step has not begun',
      );
      assert.equal((await later(megan.id)).status, 200);
      assert.equal((await unknown('alex@contoso.example')).status, 200);
      silence.remove();
      assert.equal(
        (await unknown('alex@contoso.example')).status,
        200,
        'even after the directory knows who that is',
      );
      assert.equal((await unknown('megan@contoso.example')).code, 'already_acknowledged');
    });

    it('is cancelled, and nobody else is called', async () => {
      const world = await startWorld({ database: await open(), yaml });
      const id = text(await ask(world, 'POST', '/api/v1/escalations', { body: waiting }), 'id');
      await world.pass(5 * second);
      const cancelled = await ask(world, 'POST', `/api/v1/escalations/${id}/cancel`, {
        body: { by: 'Megan' },
      });
      assert.equal(text(cancelled, 'status'), 'cancelled');
      await world.pass(10 * second);
      const over = await ask(world, 'GET', `/api/v1/escalations/${id}`);
      assert.deepEqual(names(over, 'calls', 'status'), ['ended']);
    });

    it('joins the running escalation with the same key, policy and sender', async () => {
      const world = await startWorld({ database: await open(), yaml });
      const start = async (more: object, key?: string): Promise<string> =>
        text(
          await ask(world, 'POST', '/api/v1/escalations', {
            body: { policy: 'payments', summary: 'down', dedupKey: 'one', ...more },
            ...(key ? { key } : {}),
          }),
          'id',
        );
      const together = await Promise.all([start({}), start({ summary: 'still down' })]);
      assert.equal(together[0], together[1]);
      assert.notEqual(await start({ dedupKey: 'two' }), together[0]);
      assert.notEqual(await start({ policy: 'partly' }), together[0]);
      assert.notEqual(await start({}, 'other'), together[0]);
    });

    it('says at once if nobody can be called, and who cannot', async () => {
      const world = await startWorld({ database: await open(), yaml });
      const nobody = await ask(world, 'POST', '/api/v1/escalations', {
        body: { policy: 'nobody', summary: 'down' },
      });
      assert.equal(nobody.status, 202);
      const warnings = list(nobody, 'warnings').join('\n');
      assert.equal(list(nobody, 'warnings').length, 4);
      assert.match(warnings, /^Nobody .*can be called/);
      assert.match(warnings, /Henrietta Mueller/);
      assert.match(warnings, /Teams Phone/);
      assert.match(warnings, /zzyzx/);
      const partly = await ask(world, 'POST', '/api/v1/escalations', {
        body: { policy: 'partly', summary: 'down' },
      });
      assert.equal(list(partly, 'warnings').length, 1);
      await world.pass(5 * second);
      const over = await ask(world, 'GET', `/api/v1/escalations/${text(nobody, 'id')}`);
      assert.equal(text(over, 'status'), 'exhausted');
      assert.equal(member(over.body, 'warnings'), undefined);
    });

    it('is hidden from keys for other policies', async () => {
      const world = await startWorld({ database: await open(), yaml });
      const key = 'payer';
      const own = await ask(world, 'POST', '/api/v1/escalations', {
        body: { policy: 'payments', summary: 'down' },
        key,
      });
      const others = await ask(world, 'POST', '/api/v1/escalations', {
        body: { policy: 'partly', summary: 'down' },
      });
      const without = await ask(world, 'POST', '/api/v1/escalations', { body: waiting });
      assert.deepEqual([own.status, others.status, without.status], [202, 202, 202]);

      const listed = await ask(world, 'GET', '/api/v1/escalations', { key });
      assert.deepEqual(names(listed, 'items', 'id'), [text(own, 'id')]);
      assert.equal(list(await ask(world, 'GET', '/api/v1/escalations'), 'items').length, 3);
      for (const hidden of [text(others, 'id'), text(without, 'id')]) {
        for (const refused of [
          await ask(world, 'GET', `/api/v1/escalations/${hidden}`, { key }),
          await ask(world, 'POST', `/api/v1/escalations/${hidden}/acknowledge`, { key, body: { by: 'x' } }),
          await ask(world, 'POST', `/api/v1/escalations/${hidden}/resolve`, { key, body: { by: 'x' } }),
          await ask(world, 'POST', `/api/v1/escalations/${hidden}/cancel`, { key, body: { by: 'x' } }),
        ]) {
          assert.deepEqual([refused.status, refused.code], [403, 'forbidden']);
        }
      }
      for (const body of [{ policy: 'partly', summary: 'a' }, { policy: 'unknown', summary: 'a' }, waiting]) {
        const refused = await ask(world, 'POST', '/api/v1/escalations', { key, body });
        assert.deepEqual([refused.status, refused.code], [403, 'forbidden']);
      }
    });
  });

  describe('the body of an escalation', () => {
    forEachDatabaseByTurns((open, kind) => {
      if (kind === 'postgres') return;
      it('says what is wrong with a body', async () => {
        const world = await startWorld({ database: await open(), yaml });
        const policy = 'payments';
        const summary = 'down';
        const link = { text: 'a', href: 'https://contoso.example' };
        const steps = [{ targets: [{ user: 'a' }] }];
        const cases: readonly [unknown, RegExp][] = [
          [{ summary }, /needs a policy or steps/],
          [{ policy, steps, summary }, /has both policy and steps/],
          [{ policy }, /^summary is missing$/],
          [{ policy, summary: 'x'.repeat(1025) }, /^summary must be text of 1 to 1024 characters$/],
          [{ policy, summary, details: 'x'.repeat(20_001) }, /^details must be text/],
          [{ policy, summary, dedupKey: 'x'.repeat(256) }, /^dedupKey must be text/],
          [{ policy, summary, severity: 'high' }, /^severity must be one of critical, error/],
          [{ policy, summary, links: Array.from({ length: 11 }, () => link) }, /^links must have at most 10/],
          [{ policy, summary, links: [{ ...link, href: 'javascript:alert(1)' }] }, /^links\[0\]\.href must/],
          [{ policy, summary, links: [{ ...link, href: 'https://' }] }, /^links\[0\]\.href/],
          [{ policy, summary, links: [link, { href: link.href }] }, /^links\[1\]\.text is missing$/],
          [{ policy, summary, urgency: 1 }, /^urgency is unknown/],
          [{ steps: [], summary }, /^steps must have at least one step$/],
          [{ steps: [{ targets: [] }], summary }, /^steps\[0\]\.targets must have/],
          [{ steps: [{ targets: [{ person: 'a' }] }], summary }, /^steps\[0\]\.targets\[0\]/],
          [
            { steps: [{ targets: [{ rotation: 'none' }] }], summary },
            /^steps\[0\]\.targets\[0\]\.rotation is no/,
          ],
          [{ steps: [{ targets: [{ user: 'a' }], tries: 0 }], summary }, /^steps\[0\]\.tries must/],
        ];
        for (const [body, detail] of cases) {
          const refused = await ask(world, 'POST', '/api/v1/escalations', { body });
          assert.deepEqual([refused.status, refused.code], [400, 'bad_request'], JSON.stringify(body));
          assert.match(text(refused, 'detail'), detail);
        }
        const unknown = await ask(world, 'POST', '/api/v1/escalations', {
          body: { policy: 'none', summary },
        });
        assert.deepEqual([unknown.status, unknown.code], [404, 'policy_not_found']);
        const inherited = await ask(world, 'POST', '/api/v1/escalations', {
          body: { policy: 'constructor', summary },
        });
        assert.equal(inherited.code, 'policy_not_found');

        const nowhere = '/api/v1/escalations/esc_0';
        assert.equal((await ask(world, 'GET', nowhere)).code, 'not_found');
        const by = { by: 'Adele' };
        assert.equal((await ask(world, 'POST', `${nowhere}/acknowledge`, { body: by })).code, 'not_found');
        assert.equal((await ask(world, 'POST', `${nowhere}/resolve`, { body: {} })).code, 'bad_request');
        assert.deepEqual(list(await ask(world, 'GET', '/api/v1/escalations'), 'items'), []);
      });

      it('accepts values of maximum length, and steps with every kind of target', async () => {
        const world = await startWorld({ database: await open(), yaml });
        const group = '11111111-2222-3333-4444-555555555555';
        const started = await ask(world, 'POST', '/api/v1/escalations', {
          body: {
            steps: [
              { targets: [{ user: 'adele@contoso.example' }], ringTimeoutSeconds: 30, tries: 2 },
              {
                targets: [{ rotation: 'web' }, { shifts: group, fallback: { user: 'Megan Bowen' } }],
                mode: 'parallel',
              },
              { targets: [{ group }, { managerOf: 'Adele Vance' }], pauseSeconds: 60 },
            ],
            summary: 'x'.repeat(1024),
            details: 'x'.repeat(20_000),
            dedupKey: 'x'.repeat(255),
            links: Array.from({ length: 10 }, () => ({ text: 'a', href: 'http://contoso.example/?a=b' })),
          },
        });
        assert.equal(started.status, 202);
        assert.equal(member(started.body, 'policy'), null);
        assert.equal(text(started, 'severity'), 'critical');
      });

      it('warns that nothing will be spoken without speech', async () => {
        const env = { COGNITIVE_SERVICES_ENDPOINT: '' };
        const world = await startWorld({ database: await open(), yaml, env });
        const started = await ask(world, 'POST', '/api/v1/escalations', { body: waiting });
        assert.match(list(started, 'warnings').join(), /cannot be spoken/);
      });

      it('starts while the directory is unavailable, and says so', async () => {
        const env = { GRAPH_URL: 'http://127.0.0.1:9' };
        const world = await startWorld({ database: await open(), yaml, env });
        const starting = ask(world, 'POST', '/api/v1/escalations', { body: waiting });
        const passing = world.pass(10 * second);
        const started = await starting;
        await passing;
        assert.equal(started.status, 202);
        assert.match(list(started, 'warnings').join(), /directory does not answer/);
      });

      it('lists them by status, page by page', async () => {
        const world = await startWorld({ database: await open(), yaml });
        const ids: string[] = [];
        for (let count = 0; count < 3; count++) {
          ids.unshift(text(await ask(world, 'POST', '/api/v1/escalations', { body: waiting }), 'id'));
          await world.pass(second);
        }
        await ask(world, 'POST', `/api/v1/escalations/${ids[1]}/resolve`, { body: { by: 'Adele' } });
        const first = await ask(world, 'GET', '/api/v1/escalations?limit=2');
        const cursor = text(first, 'nextCursor');
        const next = await ask(world, 'GET', `/api/v1/escalations?limit=2&cursor=${cursor}`);
        assert.deepEqual([...names(first, 'items', 'id'), ...names(next, 'items', 'id')], ids);
        assert.equal(member(next.body, 'nextCursor'), null);
        const resolved = await ask(world, 'GET', '/api/v1/escalations?status=resolved');
        assert.deepEqual(names(resolved, 'items', 'id'), [ids[1]]);
      });
    });
  });
});
